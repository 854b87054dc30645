/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_OFDM_MODULATOR_H
#define INCLUDED_AEIQA_OFDM_MODULATOR_H

#include <gnuradio/aeiqa/api.h>
#include <gnuradio/sync_interpolator.h>

namespace gr {
namespace aeiqa {

/*!
 * \brief OFDM modulator: unitary inverse DFT and cyclic prefix.
 * \ingroup aeiqa
 *
 * Input: vectors of fft_len carriers in DFT order. Output: cp_len + fft_len samples for
 * each, with the same mean power as the carriers.
 */
class AEIQA_API ofdm_modulator : virtual public gr::sync_interpolator
{
public:
    typedef std::shared_ptr<ofdm_modulator> sptr;

    /*!
     * \param fft_len subcarriers of an OFDM symbol; from 8 to 8192, a multiple of 8
     * \param cp_len length of the cyclic prefix; from 0 to fft_len (samples)
     * \throws std::invalid_argument on any other value
     */
    static sptr make(int fft_len = 64, int cp_len = 16);
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_OFDM_MODULATOR_H */
