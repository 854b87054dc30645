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

namespace {

// Samples that are worked on at a time: a burst, changed in place, may be of hundreds of
// megabytes.
constexpr size_t piece = 8192;

} // namespace

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
    const double power = energy / burst.size() * d_noise_ratio;
    d_noise.restart(image);
    d_piece.resize(piece);
    for (size_t first = 0; first < burst.size(); first += piece) {
        const size_t count = std::min(piece, burst.size() - first);
        add_noise(d_noise, power, burst.data() + first, count, d_piece.data());
        std::copy_n(d_piece.begin(), count, burst.begin() + first);
    }
    if (!d_taps.empty())
        convolve(burst);
}

void table2_channel::convolve(std::vector<std::complex<float>>& burst)
{
    constexpr size_t advance = 4;
    const size_t behind =
        d_taps.size() - 1 - advance; // samples in front that a sum needs
    const size_t length = burst.size();
    d_piece.assign(behind + piece + advance, 0.0f);
    for (size_t first = 0; first < length; first += piece) {
        const size_t count = std::min(piece, length - first);
        const size_t end = std::min(length, first + count + advance);
        const auto filled = std::copy(
            burst.begin() + first, burst.begin() + end, d_piece.begin() + behind);
        std::fill(filled, d_piece.end(), 0.0f);
        std::fill_n(burst.begin() + first, count, 0.0f);
        for (size_t l = 0; l < d_taps.size(); l++) {
            const auto* from = d_piece.data() + behind + advance - l;
            for (size_t n = 0; n < count; n++)
                burst[first + n] += d_taps[l] * from[n];
        }
        std::copy_n(d_piece.begin() + count, behind, d_piece.begin());
    }
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
