/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE fading
#include "fading.h"
#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace gr::aeiqa::dsp;
using rate = rayleigh_taps::rate;

BOOST_AUTO_TEST_CASE(exponential_profile_sums_to_one)
{
    const auto p = exponential_profile(8);
    float sum = 0;
    for (size_t l = 0; l < p.size(); l++) {
        sum += p[l];
        if (l > 0)
            BOOST_TEST(std::abs(p[l] / p[l - 1] - std::exp(-1.0f)) < 1e-5);
    }
    BOOST_TEST(std::abs(sum - 1) < 1e-6);
    BOOST_CHECK_THROW(exponential_profile(0), std::invalid_argument);
}

// Every rate of change gives CN(0, p_l) taps: power and fourth moment within 99.9 %.
BOOST_AUTO_TEST_CASE(taps_are_complex_gaussian)
{
    for (const rate how : { rate::image, rate::symbol, rate::jakes }) {
        rayleigh_taps taps(exponential_profile(3), how, 0.05, 80, 4);
        const int images = 20000;
        std::vector<double> power(3), fourth(3);
        std::complex<double> pseudo = 0, between = 0; // E h^2 and E h_0 h_1*, both 0
        for (int i = 0; i < images; i++) {
            taps.restart(i);
            taps.advance();
            const auto& h = taps.node(0);
            for (int l = 0; l < 3; l++) {
                power[l] += std::norm(h[l]);
                fourth[l] += std::norm(h[l]) * std::norm(h[l]);
            }
            pseudo += std::complex<double>(h[0] * h[0]);
            between += std::complex<double>(h[0] * std::conj(h[1]));
        }
        const auto p = exponential_profile(3);
        const double z = 3.29 / std::sqrt(images);
        for (int l = 0; l < 3; l++) {
            BOOST_TEST(std::abs(power[l] / images / p[l] - 1) < z);
            BOOST_TEST(std::abs(fourth[l] / images / p[l] / p[l] - 2) <
                       z * std::sqrt(20.0));
        }
        BOOST_TEST(std::abs(pseudo) / images < 2 * z * p[0]);
        BOOST_TEST(std::abs(between) / images < 2 * z * std::sqrt(p[0] * p[1]));
    }
}

BOOST_AUTO_TEST_CASE(jakes_autocorrelation_is_bessel)
{
    const double doppler = 0.04;
    rayleigh_taps taps({ 1.0f }, rate::jakes, doppler, 80, 6);
    const int images = 4000, symbols = 40;
    std::vector<std::complex<double>> correlation(symbols);
    for (int i = 0; i < images; i++) {
        taps.restart(i);
        std::complex<double> first;
        for (int s = 0; s < symbols; s++) {
            taps.advance();
            const std::complex<double> h(taps.node(0)[0]);
            if (s == 0)
                first = h;
            correlation[s] += std::conj(first) * h;
        }
    }
    // var(h_0* h_s) <= E|h_0|^2|h_s|^2 <= 2.
    const double interval = 3.29 * std::sqrt(2.0 / images);
    for (int s = 0; s < symbols; s++)
        BOOST_TEST(std::abs(correlation[s] / double(images) -
                            std::cyl_bessel_j(0, 2 * M_PI * doppler * s)) < interval);
}

BOOST_AUTO_TEST_CASE(jakes_is_continuous_and_stays_in_step)
{
    // Nodes meet at symbol borders, and h(t) is the sum of waves however far it has run.
    rayleigh_taps taps(exponential_profile(2), rate::jakes, 0.1, 69, 8);
    taps.restart(1);
    taps.advance();
    auto end = taps.node(taps.pieces());
    for (int s = 1; s < 200; s++) {
        BOOST_TEST(taps.advance());
        BOOST_TEST((taps.node(0) == end));
        end = taps.node(taps.pieces());
        for (size_t i = 1; i <= taps.pieces(); i++)
            BOOST_TEST(std::abs(taps.node(i)[0] - taps.node(i - 1)[0]) < 0.5f);
    }
}

BOOST_AUTO_TEST_CASE(block_fading_holds)
{
    rayleigh_taps image(exponential_profile(4), rate::image, 0, 80, 1);
    rayleigh_taps still(exponential_profile(4), rate::jakes, 0, 80, 1);
    rayleigh_taps symbol(exponential_profile(4), rate::symbol, 0, 80, 1);
    for (auto* taps : { &image, &still, &symbol })
        taps->restart(3);
    BOOST_TEST((image.advance() && still.advance() && symbol.advance()));
    const auto first = image.node(0), drawn = symbol.node(0);
    BOOST_TEST((still.node(0) == first)); // no Doppler: block fading
    BOOST_TEST((!image.advance() && !still.advance() && symbol.advance()));
    BOOST_TEST((image.node(0) == first));
    BOOST_TEST((symbol.node(0) != drawn));
    BOOST_TEST((image.mean_taps(16) == first));
    image.restart(4);
    image.advance();
    BOOST_TEST((image.node(0) != first));
    image.restart(3);
    image.advance();
    BOOST_TEST((image.node(0) == first));
}

BOOST_AUTO_TEST_CASE(wrong_settings_are_refused)
{
    BOOST_CHECK_THROW(rayleigh_taps::parse_rate("fast"), std::invalid_argument);
    BOOST_CHECK_THROW(rayleigh_taps({}, rate::image, 0, 80, 1), std::invalid_argument);
    for (const double bad : { -0.1, double(NAN), double(INFINITY) })
        BOOST_CHECK_THROW(rayleigh_taps({ 1.0f }, rate::jakes, bad, 80, 1),
                          std::invalid_argument);
}
