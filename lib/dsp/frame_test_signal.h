/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_FRAME_TEST_SIGNAL_H
#define INCLUDED_AEIQA_DSP_FRAME_TEST_SIGNAL_H

#include "ofdm.h"
#include "ofdm_frame.h"
#include <cmath>
#include <complex>
#include <random>
#include <vector>

// What the tests of the air side send.
namespace gr {
namespace aeiqa {
namespace dsp {
namespace air_test {

using signal = std::vector<std::complex<float>>;

// IEEE 802.11a's: 52 of 64 carriers, pilots at +-7 and +-21.
inline carrier_plan plan_of_802_11()
{
    const auto [data, pilots] = default_carriers(64);
    return carrier_plan(64, data, pilots);
}

inline frame_header some_header(std::mt19937& random, unsigned bits)
{
    frame_header header;
    header.bits = bits;
    header.stream = static_cast<uint16_t>(random());
    header.sequence = static_cast<uint16_t>(random());
    header.index = static_cast<uint32_t>(random());
    header.rows = 1 + random() % 2000;
    header.cols = 1 + random() % 2000;
    header.channels = 3;
    header.label = static_cast<int>(random() % 10);
    header.copies = 3;
    header.copy = random() % 3;
    return header;
}

inline signal modulate(const ofdm_frame& format,
                       const frame_header& header,
                       const std::vector<uint8_t>& payload)
{
    const size_t fft_len = format.plan().fft_len(), length = format.symbol_len();
    std::vector<std::complex<float>> carriers(format.symbols() * fft_len);
    format.build(header, payload.data(), payload.size(), carriers.data());
    ofdm_modulator modulator(static_cast<int>(fft_len),
                             static_cast<int>(format.cp_len()));
    signal samples(format.symbols() * length);
    for (size_t s = 0; s < format.symbols(); s++)
        modulator.modulate(&carriers[s * fft_len], &samples[s * length]);
    return samples;
}

inline void add_noise(std::mt19937& random, double power, signal& x)
{
    std::normal_distribution<float> normal(0.0f,
                                           static_cast<float>(std::sqrt(power / 2)));
    for (auto& sample : x)
        sample += std::complex<float>(normal(random), normal(random));
}

// Frequency offset in carriers of fft_len.
inline void shift(double cfo, size_t fft_len, signal& x)
{
    for (size_t n = 0; n < x.size(); n++)
        x[n] *= std::complex<float>(std::polar(
            1.0, 2 * M_PI * cfo * static_cast<double>(n) / static_cast<double>(fft_len)));
}

inline signal convolve(const signal& x, const std::vector<std::complex<float>>& taps)
{
    signal y(x.size() + taps.size() - 1);
    for (size_t l = 0; l < taps.size(); l++)
        for (size_t n = 0; n < x.size(); n++)
            y[n + l] += taps[l] * x[n];
    return y;
}

// n Rayleigh taps of equal mean power, scaled to unit energy.
inline std::vector<std::complex<float>> random_taps(std::mt19937& random, size_t n)
{
    signal taps(n);
    add_noise(random, 1.0, taps);
    float energy = 0;
    for (const auto& tap : taps)
        energy += std::norm(tap);
    for (auto& tap : taps)
        tap /= std::sqrt(energy);
    return taps;
}

inline void append(signal& to, const signal& what)
{
    to.insert(to.end(), what.begin(), what.end());
}

} // namespace air_test
} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_FRAME_TEST_SIGNAL_H */
