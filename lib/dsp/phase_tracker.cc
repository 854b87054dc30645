/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "phase_tracker.h"
#include "simd.h"
#include <algorithm>
#include <cmath>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

// Values n ... n + count - 1 are the first ones, turned by c + j s.
AEIQA_SIMD void
turn_on(double* re, double* im, size_t n, size_t count, double c, double s)
{
    const double* __restrict from_re = re;
    const double* __restrict from_im = im;
    double* __restrict to_re = re + n;
    double* __restrict to_im = im + n;
    for (size_t i = 0; i < count; i++) {
        to_re[i] = from_re[i] * c - from_im[i] * s;
        to_im[i] = from_re[i] * s + from_im[i] * c;
    }
}

} // namespace

derotator::derotator(int first, int last)
    : d_first(first), d_re(last - first + 1), d_im(last - first + 1)
{
}

void derotator::set(double phase, double slope)
{
    // std::polar(1, x) and its conjugate: the compiler makes one call of cos(x) and
    // sin(x), but not of cos(x) and sin(-x).
    const auto start = std::conj(std::polar(1.0, phase + slope * d_first));
    auto step = std::conj(std::polar(1.0, slope));
    d_re[0] = start.real();
    d_im[0] = start.imag();
    for (size_t n = 1; n < d_re.size(); n *= 2, step *= step)
        turn_on(d_re.data(),
                d_im.data(),
                n,
                std::min(n, d_re.size() - n),
                step.real(),
                step.imag());
}

void phase_tracker::restart(double known, double drift, double phase_gain)
{
    d_phase_gain = std::min(std::max(usual_phase_gain, phase_gain), 1.0);
    d_phase = line{};
    d_slope = line{ 0.0, drift };
    d_seen = known;
}

void phase_tracker::predict()
{
    d_phase.value += d_phase.rate;
    d_slope.value += d_slope.rate;
    d_seen += 1.0;
}

// Gains of the least-squares line through n equally spaced points, at its newest.
void phase_tracker::line::correct(double residual,
                                  double n,
                                  double least_alpha,
                                  double least_beta)
{
    const double alpha = 2.0 * (2.0 * n - 1.0) / (n * (n + 1.0));
    const double beta = 6.0 / (n * (n + 1.0));
    value += std::max(alpha, least_alpha) * residual;
    rate += std::max(beta, least_beta) * residual;
}

void phase_tracker::update(const std::complex<float>* z, const int* k, size_t n)
{
    std::complex<double> sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += std::complex<double>(z[i]);
    if (!(std::norm(sum) > 0.0))
        return; // nothing received
    const double common = std::arg(sum);
    const auto turn = std::conj(std::polar(1.0, common));
    double moment = 0.0, weight = 0.0;
    for (size_t i = 0; i < n; i++) {
        const auto rest = std::complex<double>(z[i]) * turn;
        moment += k[i] * rest.imag();
        weight += static_cast<double>(k[i]) * k[i] * std::sqrt(std::norm(rest));
    }
    // Clocks drift by parts in a million, phases by the loop of an oscillator: the
    // slope may be averaged for longer.
    d_phase.correct(common, d_seen, d_phase_gain, 0.003);
    if (weight > 0.0)
        d_slope.correct(moment / weight, d_seen, 0.05, 0.0008);
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
