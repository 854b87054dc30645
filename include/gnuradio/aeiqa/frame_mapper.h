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
     * \param fft_len carriers, a multiple of 8
     * \param cp_len samples of cyclic prefix that the modulator will add
     * \param data_carriers signed frequencies, a multiple of 8 of them
     * \param pilot_carriers others, on both sides of carrier 0
     * \param modulation bpsk, qpsk, qam16, qam64, qam256 or qam1024, of the payload
     * \param labels natural or gray
     * \param training_symbols in each frame, 1 to 16
     * \param payload_symbols in each frame, 1 to 4096
     * \param gap_symbols of silence after each frame
     * \param copies times that each image is sent, 1 to 8
     * \param order in which the bytes come, raster or column; written into the header
     * \param stream 0 to 65535, by which a receiver knows transmitters, and starts of
     * one, apart; -1: drawn at each start
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
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_FRAME_MAPPER_H */
