/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_QAM_DEMAPPER_H
#define INCLUDED_AEIQA_QAM_DEMAPPER_H

#include <gnuradio/aeiqa/api.h>
#include <gnuradio/block.h>
#include <cstdint>
#include <string>

namespace gr {
namespace aeiqa {

/*!
 * \brief Decides M-QAM points back into each image's bytes, or into soft bits.
 * \ingroup aeiqa
 *
 * Input 0: vectors of fft_len equalised points, framed by `img` tags. Input 1, optional,
 * soft only: their noise variances. Output: bytes, most significant bit first; or, soft,
 * one float a bit, the max-log ratio ln(P(1)/P(0)). Padding is dropped, as is what lies
 * outside images.
 */
class AEIQA_API qam_demapper : virtual public gr::block
{
public:
    typedef std::shared_ptr<qam_demapper> sptr;

    /*!
     * \param fft_len subcarriers of an OFDM symbol; from 8 to 8192, a multiple of 8
     * \param modulation points that a data subcarrier takes: bpsk, qpsk, qam16, qam64,
     * qam256, qam1024
     * \param labels bit labels of the points, in the paper natural: gray, natural
     * \param soft max-log likelihood ratios instead of bytes
     * \param noise_variance noise variance of each point, more than 0, for soft decisions
     * without the noise input
     * \throws std::invalid_argument on any other value
     */
    static sptr make(int fft_len = 64,
                     const std::string& modulation = "qam16",
                     const std::string& labels = "gray",
                     bool soft = false,
                     double noise_variance = 1.0);

    //! Decision-directed error vector magnitude of the latest OFDM symbol: rms distance
    //! to the nearest point over rms point, in percent; NaN before the first.
    virtual double evm_percent() const = 0;

    virtual uint64_t refused_tags() const = 0; //!< `img` tags it could not use
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_QAM_DEMAPPER_H */
