/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "carrier_plan.h"
#include "frame_layout.h"
#include "scrambler.h"
#include <algorithm>
#include <array>
#include <numeric>
#include <stdexcept>
#include <string>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

constexpr size_t training_start = 1000; // in the pseudo-random bits

std::string listed(const std::vector<int>& numbers)
{
    std::string text;
    for (const int k : numbers)
        text += (text.empty() ? "" : ", ") + std::to_string(k);
    return "(" + text + ")";
}

const std::array<float, pseudo_random_period>& pseudo_random_signs()
{
    static const auto signs = [] {
        std::array<float, pseudo_random_period> made;
        const auto bits = pseudo_random_bits(made.size());
        for (size_t i = 0; i < made.size(); i++)
            made[i] = bits[i] ? -1.0f : 1.0f;
        return made;
    }();
    return signs;
}

} // namespace

std::pair<std::vector<int>, std::vector<int>> default_carriers(int fft_len)
{
    check_fft_len(fft_len);
    const int outermost = fft_len == 32 ? 13 : fft_len == 64 ? 26 : 52;
    if (fft_len != 32 && fft_len != 64 && fft_len != 128)
        throw std::invalid_argument(
            "data_carriers must be given unless fft_len is 32, 64 or 128, got " +
            std::to_string(fft_len));
    std::vector<int> data, pilots;
    for (int k = -outermost; k <= outermost; k++)
        if (k % 14 == 7 || k % 14 == -7)
            pilots.push_back(k);
        else if (k != 0)
            data.push_back(k);
    return { data, pilots };
}

carrier_plan::carrier_plan(int fft_len)
    : d_fft_len(fft_len), d_full(true), d_signs(pseudo_random_signs().data())
{
    check_fft_len(fft_len);
    d_data.resize(d_fft_len);
    std::iota(d_data.begin(), d_data.end(), size_t(0));
    d_occupied = d_data;
    d_training = training_symbol(d_fft_len);
}

carrier_plan::carrier_plan(int fft_len, std::vector<int> data, std::vector<int> pilots)
    : d_fft_len(fft_len), d_full(false), d_signs(pseudo_random_signs().data())
{
    check_fft_len(fft_len);
    std::sort(data.begin(), data.end());
    std::sort(pilots.begin(), pilots.end());
    if (data.empty() || data.size() % 8 != 0)
        throw std::invalid_argument(
            "data_carriers must be a positive multiple of 8 in number, got " +
            std::to_string(data.size()));
    if (!pilots.empty() && !(pilots.front() < 0 && pilots.back() > 0))
        throw std::invalid_argument("pilot_carriers must lie on both sides of 0, got " +
                                    listed(pilots));

    std::vector<int> all(data);
    all.insert(all.end(), pilots.begin(), pilots.end());
    std::sort(all.begin(), all.end());
    if (all.front() < -fft_len / 2 || all.back() >= fft_len / 2)
        throw std::invalid_argument(
            "data_carriers and pilot_carriers must be from " +
            std::to_string(-fft_len / 2) + " to " + std::to_string(fft_len / 2 - 1) +
            ", got " + std::to_string(all.front()) + " to " + std::to_string(all.back()));
    const auto twice = std::adjacent_find(all.begin(), all.end());
    if (twice != all.end())
        throw std::invalid_argument(
            "data_carriers and pilot_carriers must all differ, got " +
            std::to_string(*twice) + " twice");

    const auto indices = [fft_len](const std::vector<int>& frequencies) {
        std::vector<size_t> result;
        for (const int k : frequencies)
            result.push_back(static_cast<size_t>(k < 0 ? k + fft_len : k));
        return result;
    };
    d_data = indices(data);
    d_pilots = indices(pilots);
    d_occupied = indices(all);

    d_training.assign(d_fft_len, 0.0f);
    for (size_t i = 0; i < d_occupied.size(); i++)
        d_training[d_occupied[i]] = d_signs[(training_start + i) % pseudo_random_period];
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
