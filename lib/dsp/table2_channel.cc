/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "table2_channel.h"
#include <algorithm>
#include <cmath>
#include <cstddef>

namespace gr {
namespace aeiqa {
namespace dsp {

table2_channel::table2_channel(double snr_db, bool rayleigh, uint64_t seed)
    : d_noise_ratio(noise_power(snr_db)), d_noise(seed, rng_use::noise)
{
    if (!rayleigh)
        return;
    double energy = 0.0;
    for (int l = 0; l < 8; l++)
        energy += std::exp(-2.0 * l);
    for (int l = 0; l < 8; l++)
        d_taps.push_back(static_cast<float>(std::exp(-l) / std::sqrt(energy)));
}

void table2_channel::process(uint64_t image, std::vector<std::complex<float>>& burst)
{
    if (burst.empty())
        return;
    double energy = 0.0;
    for (const auto& x : burst)
        energy += std::norm(x);
    d_noisy.resize(burst.size());
    d_noise.restart(image);
    add_noise(d_noise,
              energy / burst.size() * d_noise_ratio,
              burst.data(),
              burst.size(),
              d_noisy.data());
    if (d_taps.empty()) {
        burst.swap(d_noisy);
        return;
    }

    constexpr std::ptrdiff_t advance = 4;
    const auto length = static_cast<std::ptrdiff_t>(burst.size());
    std::fill(burst.begin(), burst.end(), 0.0f);
    for (std::ptrdiff_t l = 0; l < static_cast<std::ptrdiff_t>(d_taps.size()); l++) {
        const std::ptrdiff_t shift = advance - l;
        const std::ptrdiff_t from = std::max<std::ptrdiff_t>(0, -shift);
        const std::ptrdiff_t to = std::min(length, length - shift);
        for (std::ptrdiff_t n = from; n < to; n++)
            burst[n] += d_taps[l] * d_noisy[n + shift];
    }
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
