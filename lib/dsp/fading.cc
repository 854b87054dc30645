/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fading.h"
#include "number_text.h"
#include "simd.h"
#include <cmath>
#include <stdexcept>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

constexpr size_t n_waves = 32;
constexpr size_t max_piece = 16;

AEIQA_SIMD void rotate(double* __restrict re,
                       double* __restrict im,
                       const double* __restrict turn_re,
                       const double* __restrict turn_im,
                       size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double a = re[i], b = im[i];
        re[i] = a * turn_re[i] - b * turn_im[i];
        im[i] = a * turn_im[i] + b * turn_re[i];
    }
}

// Eight sums side by side, since the compiler may not reorder one long sum into vectors.
AEIQA_SIMD double sum_waves(const double* __restrict wave)
{
    double sum[8] = {};
    for (size_t i = 0; i < n_waves; i += 8)
        for (size_t k = 0; k < 8; k++)
            sum[k] += wave[i + k];
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) +
           ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

} // namespace

std::vector<float> exponential_profile(int n_taps)
{
    if (n_taps < 1)
        throw std::invalid_argument("n_taps must be 1 or more, got " +
                                    std::to_string(n_taps));
    double sum = 0.0;
    for (int l = 0; l < n_taps; l++)
        sum += std::exp(-l);
    std::vector<float> profile;
    for (int l = 0; l < n_taps; l++)
        profile.push_back(static_cast<float>(std::exp(-l) / sum));
    return profile;
}

rayleigh_taps::rate rayleigh_taps::parse_rate(const std::string& name)
{
    if (name == "image")
        return rate::image;
    if (name == "symbol")
        return rate::symbol;
    if (name == "jakes")
        return rate::jakes;
    throw std::invalid_argument("fading must be image, symbol or jakes, got '" + name +
                                "'");
}

rayleigh_taps::rayleigh_taps(std::vector<float> profile,
                             rate how_fast,
                             double doppler,
                             size_t symbol_len,
                             uint64_t seed)
    : d_profile(std::move(profile)),
      d_symbol_len(symbol_len),
      d_gaussian(seed, rng_use::fading),
      d_angle(seed, rng_use::angle)
{
    if (d_profile.empty())
        throw std::invalid_argument("the power-delay profile must have at least one tap");
    set_rate(how_fast, doppler);
}

void rayleigh_taps::check_doppler(double doppler)
{
    if (!(doppler >= 0.0) || !std::isfinite(doppler))
        throw std::invalid_argument("doppler must be 0 or more, got " +
                                    number_text(doppler));
}

void rayleigh_taps::set_rate(rate how_fast, double doppler)
{
    check_doppler(doppler);
    d_rate = how_fast == rate::jakes && doppler == 0.0 ? rate::image : how_fast;
    d_doppler = doppler;
    d_pieces = moves() ? (d_symbol_len + max_piece - 1) / max_piece : 1;
    d_nodes.resize(d_pieces + 1, std::vector<std::complex<float>>(d_profile.size()));
}

void rayleigh_taps::restart(uint64_t image)
{
    d_image = image;
    d_next_symbol = 0;
}

void rayleigh_taps::draw(uint64_t position)
{
    for (size_t l = 0; l < d_profile.size(); l++)
        d_nodes[0][l] = std::sqrt(d_profile[l]) *
                        d_gaussian.normal(d_image, position * d_profile.size() + l);
    d_nodes[1] = d_nodes[0];
}

void rayleigh_taps::start_waves()
{
    const size_t n = d_profile.size() * n_waves;
    d_wave_re.resize(n);
    d_wave_im.resize(n);
    d_turn_re.resize(n);
    d_turn_im.resize(n);
    for (size_t l = 0; l < d_profile.size(); l++) {
        const double offset = d_angle.uniform(d_image, l);
        for (size_t m = 0; m < n_waves; m++) {
            const size_t i = l * n_waves + m;
            const std::complex<double> amplitude =
                std::complex<double>(d_gaussian.normal(d_image, i)) *
                std::sqrt(static_cast<double>(d_profile[l]) / n_waves);
            d_wave_re[i] = amplitude.real();
            d_wave_im[i] = amplitude.imag();
            const double arrival = 2.0 * M_PI * (m + offset) / n_waves;
            const double turn = 2.0 * M_PI * d_doppler / d_pieces * std::cos(arrival);
            d_turn_re[i] = std::cos(turn);
            d_turn_im[i] = std::sin(turn);
        }
    }
}

void rayleigh_taps::step_waves(std::vector<std::complex<float>>& taps)
{
    for (size_t l = 0; l < taps.size(); l++) {
        taps[l] = { static_cast<float>(sum_waves(&d_wave_re[l * n_waves])),
                    static_cast<float>(sum_waves(&d_wave_im[l * n_waves])) };
    }
    rotate(d_wave_re.data(),
           d_wave_im.data(),
           d_turn_re.data(),
           d_turn_im.data(),
           d_wave_re.size());
}

bool rayleigh_taps::advance()
{
    const uint64_t symbol = d_next_symbol++;
    switch (d_rate) {
    case rate::image:
        if (symbol > 0)
            return false;
        draw(0);
        return true;
    case rate::symbol:
        draw(symbol);
        return true;
    case rate::jakes:
        if (symbol == 0) {
            start_waves();
            step_waves(d_nodes[0]);
        } else {
            std::swap(d_nodes[0],
                      d_nodes[d_pieces]); // this symbol starts where the last ended
        }
        for (size_t i = 1; i <= d_pieces; i++)
            step_waves(d_nodes[i]);
        return true;
    }
    return false;
}

std::vector<std::complex<float>> rayleigh_taps::mean_taps(size_t first) const
{
    std::vector<std::complex<double>> sum(n_taps());
    for (size_t piece = 0; piece < d_pieces; piece++) {
        const size_t start = piece * d_symbol_len / d_pieces;
        const size_t end = (piece + 1) * d_symbol_len / d_pieces;
        for (size_t n = std::max(start, first); n < end; n++) {
            const double along = static_cast<double>(n - start) / (end - start);
            for (size_t l = 0; l < sum.size(); l++)
                sum[l] += (1.0 - along) * std::complex<double>(d_nodes[piece][l]) +
                          along * std::complex<double>(d_nodes[piece + 1][l]);
        }
    }
    std::vector<std::complex<float>> mean;
    for (const auto& s : sum)
        mean.push_back(
            std::complex<float>(s / static_cast<double>(d_symbol_len - first)));
    return mean;
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
