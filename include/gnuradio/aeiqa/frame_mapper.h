/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_FRAME_MAPPER_H
#define INCLUDED_AEIQA_FRAME_MAPPER_H

#include <gnuradio/aeiqa/api.h>
#include <gnuradio/block.h>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gr {
namespace aeiqa {

/*!
 * \brief Maps images' bytes onto air frames, which a receiver can find by themselves.
 * \ingroup aeiqa
 *
 * Input: bytes, framed by `img` tags; a tag may also give `bits` (of a point: 1, 2, 4, 6,
 * 8 or 10) and `copies` for its image. Output: vectors of fft_len points in DFT order,
 * for each frame two synchronisation symbols, training, header, payload and silence;
 * docs/air.md has the format. An image takes as many frames as it needs.
 */
class AEIQA_API frame_mapper : virtual public gr::block
{
public:
    typedef std::shared_ptr<frame_mapper> sptr;

    /*!
     * \param fft_len subcarriers of an OFDM symbol; from 8 to 8192, a multiple of 8
     * \param cp_len length of the cyclic prefix; from 0 to fft_len (samples)
     * \param data_carriers signed frequencies of the data subcarriers, a multiple of 8 of
     * them
     * \param pilot_carriers signed frequencies of the pilots, on both sides of 0
     * \param modulation points that a data subcarrier of the payload takes: bpsk, qpsk,
     * qam16, qam64, qam256, qam1024. An image's tag may say otherwise, as "bits" of a
     * point
     * \param labels bit labels of the points: gray, natural
     * \param training_symbols known symbols in each frame; from 1 to 16 (OFDM symbols)
     * \param payload_symbols symbols of payload in each frame; 66 take an MNIST image at
     * QPSK; from 1 to 4096 (OFDM symbols)
     * \param gap_symbols silence behind each frame; from 0 to 1000 (OFDM symbols)
     * \param copies times that each image is sent; the receiver keeps the best of each
     * fragment; from 1 to 8. An image's tag may say otherwise, as "copies"
     * \param order order of the pixels in the stream; the header tells the receiver:
     * raster, column
     * \param stream the transmitter's number; -1: drawn anew at each start; from -1 to
     * 65535
     * \throws std::invalid_argument on any other value
     */
    static sptr make(int fft_len,
                     int cp_len,
                     const std::vector<int>& data_carriers,
                     const std::vector<int>& pilot_carriers,
                     const std::string& modulation = "qpsk",
                     const std::string& labels = "gray",
                     int training_symbols = 2,
                     int payload_symbols = 66,
                     int gap_symbols = 1,
                     int copies = 1,
                     const std::string& order = "raster",
                     int stream = -1);

    /*!
     * Data and pilot carriers of the usual plans: IEEE 802.11's at 64 carriers, alike at
     * 32 and 128.
     * \throws std::invalid_argument on any other fft_len
     */
    static std::pair<std::vector<int>, std::vector<int>> default_carriers(int fft_len);

    /*!
     * OFDM symbols that the header of a frame takes.
     * \throws std::invalid_argument as make(): both ends' settings can be checked by it
     */
    static int header_symbols(int fft_len,
                              int cp_len,
                              const std::vector<int>& data_carriers,
                              const std::vector<int>& pilot_carriers,
                              int training_symbols,
                              int payload_symbols);

    virtual uint64_t frames() const = 0;   //!< Frames sent
    virtual int frame_symbols() const = 0; //!< Symbols of a frame, its gap included

    virtual uint64_t refused_tags() const = 0; //!< `img` tags it could not use
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_FRAME_MAPPER_H */
