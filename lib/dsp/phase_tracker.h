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
    //! Forget all; \p known symbols' worth of trust in that nothing turns yet.
    void restart(double known);

    //! Go on to the next symbol: what phase() and slope() are expected to be.
    void predict();

    /*!
     * Correct the expectation by what was received of known points.
     * \param z y conj(h x) of each, for y received, h the channel, x sent
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

    line d_phase, d_slope;
    double d_seen = 1.0;
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_PHASE_TRACKER_H */
