/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_OFDM_DEMODULATOR_H
#define INCLUDED_AEIQA_OFDM_DEMODULATOR_H

#include <gnuradio/aeiqa/api.h>
#include <gnuradio/sync_decimator.h>

namespace gr {
namespace aeiqa {

/*!
 * \brief OFDM demodulator: drops the cyclic prefix, unitary DFT.
 * \ingroup aeiqa
 *
 * Input: samples, aligned to OFDM symbols. Output: a vector of fft_len carriers in DFT
 * order for every cp_len + fft_len samples.
 */
class AEIQA_API ofdm_demodulator : virtual public gr::sync_decimator
{
public:
    typedef std::shared_ptr<ofdm_demodulator> sptr;

    /*!
     * \param fft_len subcarriers of an OFDM symbol; from 8 to 8192, a multiple of 8
     * \param cp_len length of the cyclic prefix; from 0 to fft_len (samples)
     * \throws std::invalid_argument on any other value
     */
    static sptr make(int fft_len = 64, int cp_len = 16);
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_OFDM_DEMODULATOR_H */
