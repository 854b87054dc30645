/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_PHASE_TRACKER_H
#define INCLUDED_AEIQA_DSP_PHASE_TRACKER_H

#include <complex>
#include <cstddef>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief Follows what turns the carriers from one OFDM symbol to the next.
 *
 * Carrier k is turned by phase + slope k: the phase moves with the residual carrier
 * offset and the oscillators' noise, the slope with the sampling clocks' difference (a
 * delay by d samples is a slope of -2 pi d / fft_len). Each of the two is followed by an
 * alpha-beta filter whose gains fall as those of a line fitted to all symbols so far,
 * down to a floor that keeps it able to follow.
 */
class phase_tracker
{
public:
    //! Forget all; \p known symbols' worth of trust in that nothing is turned yet, and
    //! that the slope moves by \p drift from symbol to symbol, the phase not at all.
    //! \param phase_gain floor of the phase's gain, to 1, if more than the usual one
    void restart(double known, double drift = 0.0, double phase_gain = 0.0);

    //! Go on to the next symbol: what phase() and slope() are expected to be.
    void predict();

    /*!
     * Correct the expectation by what was received of known points.
     * \param z y conj(h x) of each, for y received, h the channel, x sent, turned back
     * by exp(-j (phase() + k slope()))
     * \param k frequency of each, in carriers
     */
    void update(const std::complex<float>* z, const int* k, size_t n);

    double phase() const { return d_phase.value; }
    double slope() const { return d_slope.value; }

private:
    struct line {
        double value = 0.0, rate = 0.0;
        void correct(double residual, double n, double least_alpha, double least_beta);
    };

    static constexpr double usual_phase_gain = 0.1;
    line d_phase, d_slope;
    double d_seen = 1.0, d_phase_gain = usual_phase_gain;
};

//! a b, without std::complex's guard against infinities.
inline std::complex<float> times(std::complex<float> a, std::complex<float> b)
{
    return { a.real() * b.real() - a.imag() * b.imag(),
             a.real() * b.imag() + a.imag() * b.real() };
}

/*!
 * \brief exp(-j (phase + slope k)) at frequencies k = first ... last.
 *
 * Made by products, twice as many known after each step, where a sine and a cosine of
 * each would cost ten times that.
 */
class derotator
{
public:
    derotator(int first, int last);

    void set(double phase, double slope);

    std::complex<float> at(int k) const
    {
        const auto i = static_cast<size_t>(k - d_first);
        return { static_cast<float>(d_re[i]), static_cast<float>(d_im[i]) };
    }

private:
    int d_first;
    std::vector<double> d_re, d_im;
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_PHASE_TRACKER_H */
