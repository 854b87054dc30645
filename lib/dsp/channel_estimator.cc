/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "channel_estimator.h"
#include "simd.h"
#include <algorithm>
#include <limits>
#include <stdexcept>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

// sum += Y / X, and 1 where X = 0; returns whether there is no such carrier. Written out
// since std::complex's quotient guards against infinities.
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

constexpr double unknown_variance = std::numeric_limits<double>::quiet_NaN();

} // namespace

channel_estimator::method channel_estimator::parse_method(const std::string& name)
{
    if (name == "none")
        return method::none;
    if (name == "ls")
        return method::ls;
    if (name == "ls-dft")
        return method::ls_dft;
    if (name == "perfect")
        return method::perfect;
    throw std::invalid_argument("estimation must be none, ls, ls-dft or perfect, got '" +
                                name + "'");
}

channel_estimator::channel_estimator(const carrier_plan& plan, int cp_len, method which)
    : d_method(which),
      d_max_taps(std::min<size_t>(cp_len + 1, plan.fft_len())),
      d_to_taps(static_cast<int>(plan.fft_len()), unitary_dft::direction::inverse),
      d_to_carriers(static_cast<int>(plan.fft_len()), unitary_dft::direction::forward),
      d_sum(plan.fft_len()),
      d_response(plan.fft_len(), 1.0f),
      d_taps(plan.fft_len()),
      d_kept_taps(plan.fft_len()),
      d_noise_variance(unknown_variance)
{
    if (plan.is_full())
        return;
    const int early = cp_len / 8;
    d_projection.emplace(plan, -early, cp_len + early + 1);
    d_occupied = plan.occupied();
}

void channel_estimator::reset(method which)
{
    restart();
    d_method = which;
    std::fill(d_response.begin(), d_response.end(), 1.0f);
    d_noise_variance = unknown_variance;
}

void channel_estimator::restart()
{
    std::fill(d_sum.begin(), d_sum.end(), 0.0);
    d_count = 0;
    d_all_known = true;
}

void channel_estimator::set_response(const std::complex<float>* h)
{
    d_response.assign(h, h + d_response.size());
}

void channel_estimator::add(const std::complex<float>* y, const std::complex<float>* x)
{
    if (!add_quotients(floats(y), floats(x), d_sum.size(), doubles(d_sum.data())))
        d_all_known = false;
    d_count++;
}

void channel_estimator::estimate()
{
    if (d_count == 0)
        return;
    mean(doubles(d_sum.data()),
         2 * d_sum.size(),
         static_cast<double>(d_count),
         floats(d_response.data()));
    d_has_raw_taps = !d_projection && d_all_known && d_max_taps < d_taps.size();
    if (d_projection)
        project();
    else if (d_has_raw_taps)
        truncate();
    restart();
}

// The projection removes noise only: of the dimensions that no channel fills.
void channel_estimator::project()
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
    if (d_method == method::ls_dft)
        d_response.swap(d_taps);
}

void channel_estimator::truncate()
{
    const size_t n = d_taps.size();
    d_to_taps.transform(d_response.data(), d_taps.data());
    double beyond = 0.0;
    for (size_t l = d_max_taps; l < n; l++)
        beyond += std::norm(d_taps[l]);
    // Averaging d_count symbols has divided the noise by as much.
    d_noise_variance = beyond / (n - d_max_taps) * d_count;
    if (d_method == method::ls_dft) {
        std::copy_n(d_taps.begin(), d_max_taps, d_kept_taps.begin());
        d_to_carriers.transform(d_kept_taps.data(), d_response.data());
    }
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
