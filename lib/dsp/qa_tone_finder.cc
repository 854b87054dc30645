/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE tone_finder
#include "frame_test_signal.h"
#include "tone_finder.h"
#include <boost/test/unit_test.hpp>
#include <algorithm>

using namespace gr::aeiqa::dsp;
using namespace gr::aeiqa::dsp::air_test;

namespace {

struct parts {
    explicit parts(const signal& x)
    {
        for (const auto& sample : x) {
            re.push_back(sample.real());
            im.push_back(sample.imag());
        }
    }
    std::vector<float> re, im;
};

// In carriers of 64.
signal tone_of(double carrier, std::complex<double> amplitude, size_t n)
{
    signal x(n);
    for (size_t i = 0; i < n; i++)
        x[i] = std::complex<float>(
            amplitude *
            std::polar(1.0, 2 * M_PI * carrier / 64 * static_cast<double>(i)));
    return x;
}

std::vector<tone> find(const signal& x, tone_finder::weighting how)
{
    tone_finder finder(64);
    parts p(x);
    return finder.find(
        p.re.data(), p.im.data(), x.size(), how, {}, tone_finder::search::everywhere);
}

double carrier_of(const tone& x) { return x.omega * 64 / (2 * M_PI); }

} // namespace

// Cramer and Rao's bounds: of the frequency 6 s / (A^2 n^3) radians squared, of the
// amplitude 2 s / n with its phase at the first sample (Rife and Boorstyn, 1974).
BOOST_AUTO_TEST_CASE(a_tone_in_noise_is_estimated_as_well_as_can_be)
{
    std::mt19937 random(1);
    constexpr size_t n = 1000;
    constexpr double noise = 0.5;
    double error = 0;
    for (int i = 0; i < 300; i++) {
        const double carrier = -32 + 64.0 * (random() % 10000) / 10000;
        auto x = tone_of(carrier, std::polar(1.0, 0.1 * i), n);
        add_noise(random, noise, x);
        const auto found = find(x, tone_finder::weighting::even);
        BOOST_REQUIRE(found.size() == 1u);
        error += std::norm(std::remainder(carrier_of(found[0]) - carrier, 64.0)) / 300;
    }
    const double bound =
        6 * noise / std::pow(static_cast<double>(n), 3) * std::pow(64 / (2 * M_PI), 2);
    BOOST_TEST_MESSAGE("variance over its bound " << error / bound);
    BOOST_TEST(error < 1.4 * bound);
    BOOST_TEST(error > 0.7 * bound);
}

BOOST_AUTO_TEST_CASE(what_stays_of_a_tone_is_what_the_signal_makes_of_its_estimate)
{
    std::mt19937 random(2);
    constexpr size_t n = 6400;
    double rest = 0;
    for (int i = 0; i < 50; i++) {
        signal signal_alone(n);
        add_noise(random, 1.0, signal_alone);
        const auto added = tone_of(7.3, std::polar(10.0, 0.3 * i), n);
        signal both(n);
        for (size_t k = 0; k < n; k++)
            both[k] = signal_alone[k] + added[k];
        parts p(both);
        tone_finder finder(64);
        finder.find(p.re.data(),
                    p.im.data(),
                    n,
                    tone_finder::weighting::even,
                    {},
                    tone_finder::search::everywhere);
        for (size_t k = 0; k < n; k++)
            rest += std::norm(std::complex<float>(p.re[k], p.im[k]) - signal_alone[k]) /
                    static_cast<double>(n) / 50;
    }
    // Three real parameters, each half of 1 / n.
    BOOST_TEST_MESSAGE("rest " << rest * n);
    BOOST_TEST(rest * n < 2.5);
}

BOOST_AUTO_TEST_CASE(noise_and_symbols_are_no_tone)
{
    std::mt19937 random(3);
    const ofdm_frame format(plan_of_802_11(), 16, 2, 8);
    size_t found = 0;
    for (int i = 0; i < 500; i++) {
        signal noise(1024);
        add_noise(random, 1.0, noise);
        found += find(noise, tone_finder::weighting::by_power).size();
        std::vector<uint8_t> payload(96);
        for (auto& byte : payload)
            byte = static_cast<uint8_t>(random());
        // A pause, and as much of a frame as follows; through a channel.
        auto frame = modulate(format, some_header(random, 2), payload);
        frame = convolve(frame, random_taps(random, 4));
        signal x(random() % 900);
        append(x, frame);
        x.resize(1024);
        add_noise(random, 1e-3, x);
        found += find(x, tone_finder::weighting::by_power).size();
    }
    BOOST_TEST(found == 0u);
}

// 30 dB below the frame behind the pause.
BOOST_AUTO_TEST_CASE(a_weak_tone_is_found_in_the_pause_before_a_frame)
{
    std::mt19937 random(4);
    for (int i = 0; i < 100; i++) {
        auto x = tone_of(30.2, 0.03, 1024);
        add_noise(random, 1e-4, x);
        signal burst(700);
        add_noise(random, 1.0, burst);
        for (size_t k = 0; k < burst.size(); k++)
            x[324 + k] += burst[k];
        const auto found = find(x, tone_finder::weighting::by_power);
        BOOST_REQUIRE(!found.empty());
        BOOST_TEST(std::abs(carrier_of(found[0]) - 30.2) < 0.05);
        BOOST_TEST(std::abs(found[0].amplitude) > 0.024);
    }
}

BOOST_AUTO_TEST_CASE(what_is_there_for_part_of_the_time_is_no_tone)
{
    std::mt19937 random(5);
    auto x = tone_of(8.0, 1.0, 1024);
    for (size_t k = 256; k < x.size(); k++)
        x[k] = 0.0f;
    add_noise(random, 0.1, x);
    BOOST_TEST(find(x, tone_finder::weighting::even).empty());
}

BOOST_AUTO_TEST_CASE(tones_are_told_apart)
{
    std::mt19937 random(6);
    auto x = tone_of(-20.0, 3.0, 1024);
    const auto other = tone_of(5.5, 0.5, 1024);
    for (size_t k = 0; k < x.size(); k++)
        x[k] += other[k];
    add_noise(random, 0.1, x);
    const auto found = find(x, tone_finder::weighting::even);
    BOOST_REQUIRE(found.size() == 2u);
    BOOST_TEST(std::abs(carrier_of(found[0]) + 20.0) < 0.01);
    BOOST_TEST(std::abs(carrier_of(found[1]) - 5.5) < 0.01);
}

BOOST_AUTO_TEST_CASE(silence_and_a_constant_are_taken)
{
    BOOST_TEST(find(signal(1024), tone_finder::weighting::by_power).empty());
    const signal constant(1024, { 2.0f, 1.0f });
    parts p(constant);
    tone_finder finder(64);
    const auto found = finder.find(p.re.data(),
                                   p.im.data(),
                                   1024,
                                   tone_finder::weighting::by_power,
                                   {},
                                   tone_finder::search::everywhere);
    BOOST_REQUIRE(found.size() >= 1u);
    BOOST_TEST(std::abs(found[0].omega) < 1e-6);
    BOOST_TEST(*std::max_element(p.re.begin(), p.re.end()) < 1e-4f);
}
