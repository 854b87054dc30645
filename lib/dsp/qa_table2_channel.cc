/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE table2_channel
#include "table2_channel.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <random>

using namespace gr::aeiqa::dsp;
using signal = std::vector<std::complex<float>>;
namespace data = boost::unit_test::data;

static constexpr double noiseless = std::numeric_limits<double>::infinity();

static signal random_signal(size_t n, float level = 1.0f)
{
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0.0f, level * std::sqrt(0.5f));
    signal x(n);
    for (auto& value : x)
        value = { normal(random), normal(random) };
    return x;
}

static signal
sent_through(signal x, double snr_db, bool rayleigh, uint64_t seed, uint64_t image)
{
    table2_channel(snr_db, rayleigh, seed).process(image, x);
    return x;
}

// MATLAB's conv(x, g, 'same'): the middle of the full convolution, from sample
// ceil((8 - 1) / 2) on, counted from 0.
static std::vector<std::complex<double>> conv_same(const signal& x)
{
    double energy = 0;
    for (int l = 0; l < 8; l++)
        energy += std::exp(-2.0 * l);
    std::vector<std::complex<double>> full(x.size() + 7), y(x.size());
    for (size_t n = 0; n < x.size(); n++)
        for (size_t l = 0; l < 8; l++)
            full[n + l] +=
                std::exp(-double(l)) / std::sqrt(energy) * std::complex<double>(x[n]);
    std::copy_n(full.begin() + 4, x.size(), y.begin());
    return y;
}

// Whatever the level, the noise follows: |x|^2 is measured over the burst.
BOOST_DATA_TEST_CASE(noise_follows_the_burst,
                     data::make({ 0.0, 10.0, 20.0 }) * data::make({ 0.1f, 1.0f, 3.0f }),
                     snr_db,
                     level)
{
    const auto x = random_signal(100000, level);
    const auto y = sent_through(x, snr_db, false, 1, 4);
    double signal_energy = 0, noise = 0;
    for (size_t n = 0; n < y.size(); n++) {
        signal_energy += std::norm(x[n]);
        noise += std::norm(y[n] - x[n]);
    }
    BOOST_TEST(std::abs(signal_energy / noise / std::pow(10, snr_db / 10) - 1) <
               3.29 / std::sqrt(y.size()));
}

BOOST_DATA_TEST_CASE(taps_come_after_the_noise_as_conv_same_aligns_them,
                     data::make({ 1, 3, 4, 7, 8, 50, 1000 }) *
                         data::make({ noiseless, 5.0 }),
                     n,
                     snr_db)
{
    const auto x = random_signal(n);
    const auto expected = conv_same(sent_through(x, snr_db, false, 1, 2));
    const auto y = sent_through(x, snr_db, true, 1, 2);
    for (int i = 0; i < n; i++)
        BOOST_TEST(std::abs(expected[i] - std::complex<double>(y[i])) < 1e-5);
}

BOOST_AUTO_TEST_CASE(noise_is_keyed_by_seed_and_image)
{
    const auto x = random_signal(200);
    for (const bool rayleigh : { false, true }) {
        const auto y = sent_through(x, 5.0, rayleigh, 1, 2);
        BOOST_TEST((y == sent_through(x, 5.0, rayleigh, 1, 2)));
        BOOST_TEST((y != sent_through(x, 5.0, rayleigh, 1, 3)));
        BOOST_TEST((y != sent_through(x, 5.0, rayleigh, 2, 2)));
    }
}

BOOST_AUTO_TEST_CASE(a_burst_depends_on_none_before_it)
{
    const auto x = random_signal(200);
    for (const bool rayleigh : { false, true }) {
        table2_channel channel(5.0, rayleigh, 1);
        auto other = random_signal(333, 10.0f), y = x;
        channel.process(7, other);
        channel.process(2, y);
        BOOST_TEST((y == sent_through(x, 5.0, rayleigh, 1, 2)));
    }
}

BOOST_AUTO_TEST_CASE(silence_and_nothing_at_all)
{
    BOOST_TEST((sent_through(signal(20), 5.0, true, 1, 0) == signal(20)));
    BOOST_TEST(sent_through(signal(), 5.0, true, 1, 0).empty());
}

BOOST_AUTO_TEST_CASE(snr_must_be_a_number)
{
    BOOST_CHECK_THROW(table2_channel(NAN, true, 1), std::invalid_argument);
    table2_channel channel(5.0, true, 1);
    BOOST_CHECK_THROW(channel.set_snr_db(NAN), std::invalid_argument);
}
