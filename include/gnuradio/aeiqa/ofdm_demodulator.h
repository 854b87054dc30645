/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_OFDM_DEMODULATOR_H
#define INCLUDED_AEIQA_OFDM_DEMODULATOR_H

#include <gnuradio/aeiqa/api.h>
#include <gnuradio/block.h>
#include <cstdint>

namespace gr {
namespace aeiqa {

/*!
 * \brief OFDM demodulator: drops the cyclic prefix, unitary DFT.
 * \ingroup aeiqa
 *
 * Input: samples. An OFDM symbol begins with the first of all and at every `img` tag.
 * Output: a vector of fft_len carriers in DFT order for every cp_len + fft_len samples.
 */
class AEIQA_API ofdm_demodulator : virtual public gr::block
{
public:
    typedef std::shared_ptr<ofdm_demodulator> sptr;

    /*!
     * \param fft_len subcarriers of an OFDM symbol; from 8 to 8192, a multiple of 8
     * \param cp_len length of the cyclic prefix; from 0 to fft_len (samples)
     * \param align find by the training symbol in front of each image how far samples
     * moved against its "img" tag, up to fft_len - cp_len - 3, and follow; without effect
     * if the prefix has less than 4 samples
     * \throws std::invalid_argument on any other value
     */
    static sptr make(int fft_len = 64, int cp_len = 16, bool align = false);

    //! Samples from where its tag announced the latest image to its strongest path; 0
    //! unless they had to be followed.
    virtual int offset() const = 0;
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_OFDM_DEMODULATOR_H */
