/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_FRAME_SYNC_H
#define INCLUDED_AEIQA_FRAME_SYNC_H

#include <gnuradio/aeiqa/api.h>
#include <gnuradio/aeiqa/receiver_counters.h>
#include <gnuradio/block.h>
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

    //! Of samples, headers and frames. Any thread may call.
    virtual receiver_counters counters() const = 0;
    //! Mean power of the samples in dB of 1, over whole segments (16 transforms long);
    //! NaN before the first.
    virtual double level_db() const = 0;
    virtual double snr_db() const = 0; //!< Es/N0 of the latest frame; NaN before it
    virtual double cfo() const = 0;    //!< Frequency offset in carriers; NaN before it
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_FRAME_SYNC_H */
