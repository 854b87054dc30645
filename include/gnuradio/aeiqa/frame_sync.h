/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_FRAME_SYNC_H
#define INCLUDED_AEIQA_FRAME_SYNC_H

#include <gnuradio/aeiqa/api.h>
#include <gnuradio/block.h>
#include <cstdint>
#include <vector>

namespace gr {
namespace aeiqa {

/*!
 * \brief Finds air frames in samples, corrects their frequency and reads their headers.
 * \ingroup aeiqa
 *
 * Input: samples. Output: samples, aligned to OFDM symbols: for each frame whose header
 * is right its training symbols, its header symbols made training symbols, and the
 * payload symbols in use, with an `img` tag on the first made of the header; it tells
 * ls_equalizer how many training symbols there are. What is no frame is dropped.
 */
class AEIQA_API frame_sync : virtual public gr::block
{
public:
    typedef std::shared_ptr<frame_sync> sptr;

    /*!
     * The transmitter's values.
     *
     * \param fft_len subcarriers of an OFDM symbol; from 8 to 8192, a multiple of 8
     * \param cp_len length of the cyclic prefix; from 0 to fft_len (samples)
     * \param data_carriers signed frequencies of the data subcarriers, a multiple of 8 of
     * them
     * \param pilot_carriers signed frequencies of the pilots, on both sides of 0
     * \param training_symbols known symbols in each frame; from 1 to 16 (OFDM symbols)
     * \param payload_symbols symbols of payload in each frame; 66 take an MNIST image at
     * QPSK; from 1 to 4096 (OFDM symbols)
     * \throws std::invalid_argument on values that frame_mapper would not take
     */
    static sptr make(int fft_len,
                     int cp_len,
                     const std::vector<int>& data_carriers,
                     const std::vector<int>& pilot_carriers,
                     int training_symbols = 2,
                     int payload_symbols = 66);

    virtual uint64_t headers_right() const = 0; //!< Frames found
    virtual uint64_t headers_wrong() const = 0; //!< Frames given up, or none at all
    virtual uint64_t frames_cut() const = 0;    //!< Frames in which another began
    virtual uint64_t bad_samples() const = 0; //!< Not finite, or beyond 1e15; taken as 0
    virtual uint64_t samples() const = 0;     //!< Taken in
    //! Frames that came with an inverted spectrum, conjugated samples; they are not read.
    virtual uint64_t inverted_frames() const = 0;
    //! Of segments (16 transforms long) from which tones were removed.
    virtual uint64_t tone_samples() const = 0;
    //! 6 dB above the quietest segments of late, and not of frames that were read.
    virtual uint64_t loud_samples() const = 0;
    //! Mean power of a sample, over whole segments; NaN before the first.
    virtual double mean_power() const = 0;
    virtual double snr_db() const = 0; //!< Es/N0 of the latest frame; NaN before it
    virtual double cfo() const = 0;    //!< Frequency offset in carriers; NaN before it
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_FRAME_SYNC_H */
