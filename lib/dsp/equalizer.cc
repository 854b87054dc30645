/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "equalizer.h"
#include "simd.h"
#include <algorithm>
#include <limits>
#include <stdexcept>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

// x = y w, written out since std::complex's product guards against infinities.
AEIQA_SIMD void multiply(const float* __restrict y,
                         const float* __restrict w,
                         size_t n,
                         float* __restrict x)
{
    for (size_t i = 0; i < n; i++) {
        const float a = y[2 * i], b = y[2 * i + 1], c = w[2 * i], d = w[2 * i + 1];
        x[2 * i] = a * c - b * d;
        x[2 * i + 1] = a * d + b * c;
    }
}

// sum += Y / X, and 1 where X = 0; returns whether there is no such carrier. Written out
// since std::complex's quotient guards against infinities, too.
AEIQA_SIMD bool add_quotients(const float* __restrict y,
                              const float* __restrict x,
                              size_t n,
                              double* __restrict sum)
{
    int32_t unknown = 0;
    for (size_t i = 0; i < n; i++) {
        const double a = y[2 * i], b = y[2 * i + 1], c = x[2 * i], d = x[2 * i + 1];
        const double power = c * c + d * d;
        const double re = (a * c + b * d) / power, im = (b * c - a * d) / power;
        sum[2 * i] += power == 0.0 ? 1.0 : re;
        sum[2 * i + 1] += power == 0.0 ? 0.0 : im;
        unknown += power == 0.0;
    }
    return unknown == 0;
}

AEIQA_SIMD void
mean(const double* __restrict sum, size_t n, double count, float* __restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = static_cast<float>(sum[i] / count);
}

const float* floats(const std::complex<float>* z)
{
    return reinterpret_cast<const float*>(z);
}
float* floats(std::complex<float>* z) { return reinterpret_cast<float*>(z); }
double* doubles(std::complex<double>* z) { return reinterpret_cast<double*>(z); }

} // namespace

ls_estimator::ls_estimator(int fft_len, int cp_len, bool truncate)
    : d_max_taps(std::min(cp_len + 1, fft_len)),
      d_truncate(truncate),
      d_to_taps(fft_len, unitary_dft::direction::inverse),
      d_to_carriers(fft_len, unitary_dft::direction::forward),
      d_sum(fft_len),
      d_response(fft_len, 1.0f),
      d_taps(fft_len),
      d_noise_variance(std::numeric_limits<double>::quiet_NaN())
{
}

ls_estimator::ls_estimator(const carrier_plan& plan, int cp_len, bool truncate)
    : ls_estimator(static_cast<int>(plan.fft_len()), cp_len, truncate)
{
    if (plan.is_full())
        return;
    const int early = cp_len / 8;
    d_projection.emplace(plan, -early, cp_len + early + 1);
    d_occupied = plan.occupied();
}

// What the projection takes away is noise: of the dimensions that no channel fills.
void ls_estimator::project()
{
    d_taps = d_response;
    d_projection->apply(d_taps.data());
    double beyond = 0.0;
    for (const size_t k : d_occupied)
        beyond += std::norm(d_response[k] - d_taps[k]);
    const double dimensions =
        (1.0 - d_projection->share()) * static_cast<double>(d_occupied.size());
    if (dimensions > 0.5)
        d_noise_variance = beyond / dimensions * static_cast<double>(d_count);
    if (d_truncate)
        d_response.swap(d_taps);
}

void ls_estimator::add(const std::complex<float>* y, const std::complex<float>* x)
{
    if (!add_quotients(floats(y), floats(x), d_sum.size(), doubles(d_sum.data())))
        d_all_known = false;
    d_count++;
}

void ls_estimator::estimate()
{
    if (d_count == 0)
        return;
    mean(doubles(d_sum.data()),
         2 * d_sum.size(),
         static_cast<double>(d_count),
         floats(d_response.data()));

    const size_t n = d_taps.size();
    if (d_projection) {
        project();
    } else if (d_all_known && d_max_taps < n) {
        d_to_taps.transform(d_response.data(), d_taps.data());
        double beyond = 0.0;
        for (size_t l = d_max_taps; l < n; l++)
            beyond += std::norm(d_taps[l]);
        // Averaging d_count symbols has divided the noise by as much.
        d_noise_variance = beyond / (n - d_max_taps) * d_count;
        if (d_truncate) {
            std::fill(d_taps.begin() + d_max_taps, d_taps.end(), 0.0f);
            d_to_carriers.transform(d_taps.data(), d_response.data());
        }
    }
    restart();
}

void ls_estimator::restart()
{
    std::fill(d_sum.begin(), d_sum.end(), 0.0);
    d_count = 0;
    d_all_known = true;
}

void ls_estimator::reset(bool truncate)
{
    restart();
    d_truncate = truncate;
    std::fill(d_response.begin(), d_response.end(), 1.0f);
    d_noise_variance = std::numeric_limits<double>::quiet_NaN();
}

one_tap_equalizer::kind one_tap_equalizer::parse_kind(const std::string& name)
{
    if (name == "zf")
        return kind::zf;
    if (name == "mmse")
        return kind::mmse;
    throw std::invalid_argument("equalizer must be zf or mmse, got '" + name + "'");
}

one_tap_equalizer::one_tap_equalizer(size_t fft_len, kind which)
    : d_kind(which), d_weights(fft_len, 1.0f), d_error_variance(fft_len)
{
}

void one_tap_equalizer::set_response(const std::complex<float>* h, double noise_variance)
{
    const float regular =
        d_kind == kind::mmse ? static_cast<float>(noise_variance) : 0.0f;
    for (size_t k = 0; k < d_weights.size(); k++) {
        const float power = std::norm(h[k]) + regular;
        const bool known = power > std::numeric_limits<float>::min();
        d_weights[k] = known ? std::conj(h[k]) / power : 0.0f;
        d_error_variance[k] = known ? static_cast<float>(noise_variance) / power
                                    : std::numeric_limits<float>::infinity();
    }
}

void one_tap_equalizer::equalize(const std::complex<float>* y,
                                 std::complex<float>* x) const
{
    multiply(floats(y), floats(d_weights.data()), d_weights.size(), floats(x));
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
