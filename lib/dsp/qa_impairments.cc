/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE impairments
#include "impairments.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>

using namespace gr::aeiqa::dsp;
using complex = std::complex<double>;
using signal = std::vector<std::complex<float>>;
namespace data = boost::unit_test::data;

static signal random_signal(size_t n)
{
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0.0f, std::sqrt(0.5f));
    signal x(n);
    for (auto& value : x)
        value = { normal(random), normal(random) };
    return x;
}

static signal tone(size_t n, double frequency)
{
    signal x(n);
    for (size_t i = 0; i < n; i++)
        x[i] = std::complex<float>(std::polar(1.0, 2 * M_PI * frequency * double(i)));
    return x;
}

static signal
send(const impairments::settings& what, const signal& x, size_t piece = 4096)
{
    impairments radio(what);
    signal y, part(piece + 3);
    for (size_t done = 0; done < x.size(); done += piece) {
        radio.push(&x[done], std::min(piece, x.size() - done));
        while (const size_t made = radio.pull(part.data(), part.size()))
            y.insert(y.end(), part.begin(), part.begin() + made);
    }
    return y;
}

static impairments::settings all_of_them()
{
    impairments::settings s;
    s.frequency_offset = 1e-3;
    s.sampling_offset = 2e-5;
    s.phase_noise = 1e-5;
    s.iq_gain = 1.1;
    s.iq_phase = 0.05;
    s.clip = 1.5;
    s.delay = 11;
    s.gain = 0.5;
    return s;
}

BOOST_AUTO_TEST_CASE(a_perfect_radio_changes_nothing)
{
    const auto x = random_signal(1000);
    BOOST_TEST((send({}, x) == x));
}

BOOST_DATA_TEST_CASE(pieces_do_not_matter, data::make({ 1, 7, 64, 333 }), piece)
{
    const auto x = random_signal(3000);
    BOOST_TEST((send(all_of_them(), x, piece) == send(all_of_them(), x)));
}

BOOST_AUTO_TEST_CASE(clipping_keeps_the_phase)
{
    impairments::settings s;
    s.clip = 0.8;
    const auto x = random_signal(1000), y = send(s, x);
    for (size_t i = 0; i < x.size(); i++) {
        const float size = std::abs(x[i]);
        const auto expected = size > 0.8f ? x[i] * (0.8f / size) : x[i];
        BOOST_TEST(std::abs(y[i] - expected) < 1e-6);
    }
}

BOOST_AUTO_TEST_CASE(a_delay_is_silence_first)
{
    impairments::settings s;
    s.delay = 37;
    const auto x = random_signal(100), y = send(s, x);
    BOOST_REQUIRE(y.size() == 137u);
    for (size_t i = 0; i < y.size(); i++)
        BOOST_TEST((y[i] == (i < 37 ? std::complex<float>() : x[i - 37])));
}

BOOST_DATA_TEST_CASE(frequency_gain_and_mixer_follow_their_formula,
                     data::make({ 0.0, 0.01, -0.5 }) * data::make({ 1.0, 1.2 }) *
                         data::make({ 0.0, -0.1 }) * data::make({ 1.0, 1e-3 }),
                     frequency,
                     g,
                     phi,
                     gain)
{
    impairments::settings s;
    s.frequency_offset = frequency;
    s.iq_gain = g;
    s.iq_phase = phi;
    s.gain = gain;
    const auto x = random_signal(1000), y = send(s, x);
    const complex mu = (1.0 + std::polar(g, -phi)) / 2.0;
    const complex nu = (1.0 - std::polar(g, phi)) / 2.0;
    for (size_t i = 0; i < x.size(); i++) {
        const complex turned =
            complex(x[i]) * std::polar(1.0, 2 * M_PI * frequency * double(i));
        const complex expected = gain * (mu * turned + nu * std::conj(turned));
        BOOST_TEST(std::abs(complex(y[i]) - expected) < 3e-6 * gain);
    }
}

// Received by a clock faster by e, a tone of frequency f has f / (1 + e).
BOOST_DATA_TEST_CASE(another_sampling_clock_shifts_a_tone,
                     data::make({ -1e-3, -2e-5, 2e-5, 1e-3 }) *
                         data::make({ 0.0, 0.1, -0.3 }),
                     offset,
                     frequency)
{
    impairments::settings s;
    s.sampling_offset = offset;
    const size_t n = 20000;
    const auto y = send(s, tone(n, frequency));
    BOOST_TEST(std::abs(double(y.size()) - double(n) * (1 + offset)) < 20.0);
    for (size_t m = 32; m + 32 < y.size(); m++) {
        const complex expected =
            std::polar(1.0, 2 * M_PI * frequency * double(m) / (1 + offset));
        BOOST_REQUIRE(std::abs(complex(y[m]) - expected) < 5e-3);
    }
}

// A Wiener process: its steps are independent, of variance 2 pi linewidth.
BOOST_DATA_TEST_CASE(phase_noise_is_a_random_walk, data::make({ 1e-5, 1e-3 }), linewidth)
{
    impairments::settings s;
    s.phase_noise = linewidth;
    const size_t n = 100000;
    const auto y = send(s, signal(n, 1.0f));
    double square = 0, product = 0, last = 0;
    for (size_t i = 1; i < n; i++) {
        const double step = std::arg(complex(y[i]) * std::conj(complex(y[i - 1])));
        square += step * step / n;
        product += step * last / n;
        last = step;
    }
    const double variance = 2 * M_PI * linewidth;
    BOOST_TEST(std::abs(square / variance - 1) < 3.89 * std::sqrt(2.0 / n));
    BOOST_TEST(std::abs(product / variance) < 3.89 / std::sqrt(n));
    s.seed = 2;
    BOOST_TEST((send(s, signal(n, 1.0f)) != y));
}

BOOST_AUTO_TEST_CASE(settings_that_cannot_be_are_named)
{
    const auto refused = [](const char* name, auto change) {
        impairments::settings s;
        change(s);
        BOOST_CHECK_EXCEPTION(
            impairments{ s }, std::invalid_argument, [&](const auto& e) {
                return std::string(e.what()).rfind(std::string(name) + " must be ", 0) ==
                       0;
            });
    };
    for (const double bad : { -0.6, 0.6, double(NAN) })
        refused("frequency_offset", [&](auto& s) { s.frequency_offset = bad; });
    for (const double bad : { -0.02, 0.02, double(NAN) })
        refused("sampling_offset", [&](auto& s) { s.sampling_offset = bad; });
    for (const double bad : { -1e-9, 0.2, double(NAN) })
        refused("phase_noise", [&](auto& s) { s.phase_noise = bad; });
    for (const double bad : { 0.0, 11.0, double(NAN) })
        refused("iq_gain", [&](auto& s) { s.iq_gain = bad; });
    for (const double bad : { -1.0, 1.0, double(NAN) })
        refused("iq_phase", [&](auto& s) { s.iq_phase = bad; });
    for (const double bad : { 0.0, -1.0, double(NAN) })
        refused("clip", [&](auto& s) { s.clip = bad; });
    for (const double bad : { 0.0, -1.0, double(NAN) })
        refused("gain", [&](auto& s) { s.gain = bad; });
    refused("delay", [&](auto& s) { s.delay = 2000000; });
}
