/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE channel
#include "channel.h"
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <random>

using namespace gr::aeiqa::dsp;
using complex = std::complex<float>;
using rate = rayleigh_taps::rate;

static constexpr double noiseless = std::numeric_limits<double>::infinity();

static std::vector<complex> random_signal(size_t n)
{
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0.0f, std::sqrt(0.5f));
    std::vector<complex> x(n);
    for (auto& value : x)
        value = { normal(random), normal(random) };
    return x;
}

static std::vector<complex> send(channel& c, const std::vector<complex>& x, size_t piece)
{
    std::vector<complex> y(x.size());
    for (size_t done = 0; done < x.size();) {
        const size_t n = std::min({ piece, x.size() - done, c.most_at_once() });
        c.process(&x[done], n, &y[done]);
        done += n;
    }
    return y;
}

BOOST_AUTO_TEST_CASE(pieces_do_not_matter)
{
    const auto x = random_signal(80 * 21 + 5);
    for (const rate how : { rate::image, rate::symbol, rate::jakes }) {
        channel c(3.0, rayleigh_taps(exponential_profile(8), how, 0.05, 80, 2), 80, 2);
        c.restart(7);
        const auto whole = send(c, x, 80);
        for (const size_t piece : { 1, 7, 33 }) {
            c.restart(7);
            BOOST_TEST((send(c, x, piece) == whole));
        }
        c.restart(8);
        BOOST_TEST((send(c, x, 80) != whole));
    }
}

BOOST_AUTO_TEST_CASE(noise_has_the_power_that_snr_says)
{
    const size_t n = 400000;
    const std::vector<complex> silence(n);
    for (const double snr_db : { -5.0, 0.0, 20.0 }) {
        channel c(snr_db, {}, 80, 1);
        double power = 0;
        for (const auto& y : send(c, silence, 80))
            power += std::norm(y);
        const double expected = std::pow(10.0, -snr_db / 10);
        BOOST_TEST(std::abs(power / n / expected - 1) < 3.29 / std::sqrt(n));
    }
}

BOOST_AUTO_TEST_CASE(no_noise_is_none)
{
    const auto x = random_signal(500);
    channel c(noiseless, {}, 80, 1);
    BOOST_TEST((send(c, x, 80) == x));
}

BOOST_AUTO_TEST_CASE(fading_is_a_convolution_with_the_taps)
{
    const auto x = random_signal(80 * 5);
    rayleigh_taps taps(exponential_profile(8), rate::symbol, 0, 80, 3);
    channel c(noiseless, taps, 80, 3);
    c.restart(2);
    taps.restart(2);
    const auto y = send(c, x, 50);
    for (size_t n = 0; n < x.size(); n++) {
        if (n % 80 == 0)
            taps.advance();
        std::complex<double> sum = 0;
        for (size_t l = 0; l < 8 && l <= n; l++)
            sum += std::complex<double>(taps.node(0)[l]) * std::complex<double>(x[n - l]);
        BOOST_REQUIRE(std::abs(sum - std::complex<double>(y[n])) < 1e-5);
    }
}

BOOST_AUTO_TEST_CASE(moving_taps_run_straight_between_nodes)
{
    const std::vector<complex> ones(80 * 3, 1.0f);
    rayleigh_taps taps({ 1.0f }, rate::jakes, 0.1, 80, 3);
    channel c(noiseless, taps, 80, 3);
    c.restart(2);
    taps.restart(2);
    const auto y = send(c, ones, 80);
    for (size_t n = 0; n < y.size(); n++) {
        if (n % 80 == 0)
            taps.advance();
        const size_t piece = n % 80 / 16;
        const float along = static_cast<float>(n % 16) / 16;
        const complex h =
            (1 - along) * taps.node(piece)[0] + along * taps.node(piece + 1)[0];
        BOOST_REQUIRE(std::abs(h - y[n]) < 1e-5);
    }
}

BOOST_AUTO_TEST_CASE(response_is_the_dft_of_the_taps)
{
    rayleigh_taps taps(exponential_profile(4), rate::image, 0, 80, 5);
    channel c(noiseless, taps, 80, 5);
    taps.restart(0);
    taps.advance();
    const auto h = c.response(64);
    for (size_t k = 0; k < 64; k++) {
        std::complex<double> sum = 0;
        for (size_t l = 0; l < 4; l++)
            sum += std::complex<double>(taps.node(0)[l]) *
                   std::polar(1.0, -2 * M_PI * double(k * l) / 64);
        BOOST_TEST(std::abs(sum - std::complex<double>(h[k])) < 1e-6);
    }
    BOOST_TEST(c.response_changes());
    send(c, std::vector<complex>(80), 80);
    BOOST_TEST(!c.response_changes());
    BOOST_CHECK_THROW(c.response(81), std::invalid_argument);
}
