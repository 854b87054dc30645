/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE constellation
#include "constellation.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <set>

using namespace gr::aeiqa::dsp;
namespace data = boost::unit_test::data;

static const std::vector<std::string> modulations = { "bpsk",  "qpsk",   "qam16",
                                                      "qam64", "qam256", "qam1024" };
static const std::vector<std::string> labellings = { "gray", "natural" };
static const auto every = data::make(modulations) * data::make(labellings);

BOOST_DATA_TEST_CASE(points_are_distinct_and_of_unit_mean_energy,
                     every,
                     modulation,
                     labels)
{
    const constellation c(modulation, labels);
    double energy = 0;
    std::complex<double> mean = 0;
    for (const auto& p : c.points()) {
        energy += std::norm(p);
        mean += std::complex<double>(p);
    }
    BOOST_TEST(c.points().size() == c.order());
    BOOST_TEST(std::abs(energy / c.order() - 1) < 1e-6);
    BOOST_TEST(std::abs(mean) < 1e-4);
    for (size_t a = 0; a < c.order(); a++)
        for (size_t b = 0; b < a; b++)
            BOOST_REQUIRE(std::abs(c.points()[a] - c.points()[b]) > 0.05);
}

BOOST_DATA_TEST_CASE(bytes_come_back,
                     every* data::make({ 1, 2, 3, 5, 64, 100, 101 }),
                     modulation,
                     labels,
                     n)
{
    const constellation c(modulation, labels);
    std::mt19937 random(n);
    std::vector<uint8_t> sent(n), received(n);
    for (auto& byte : sent)
        byte = static_cast<uint8_t>(random());
    std::vector<std::complex<float>> symbols(c.symbols_for(n));
    std::vector<uint16_t> scratch(symbols.size());
    c.map(sent.data(), n, symbols.data());
    c.demap(symbols.data(), n, received.data(), scratch.data());
    BOOST_TEST(sent == received);
}

BOOST_DATA_TEST_CASE(decisions_are_the_nearest_point, every, modulation, labels)
{
    const constellation c(modulation, labels);
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    for (int i = 0; i < 300; i++) {
        const std::complex<float> y(normal(random), normal(random));
        uint16_t label;
        c.decide(&y, 1, &label);
        for (const auto& p : c.points())
            BOOST_REQUIRE(std::abs(y - c.points()[label]) <= std::abs(y - p) + 1e-5);
    }
}

BOOST_DATA_TEST_CASE(whatever_arrives_is_decided, every, modulation, labels)
{
    const constellation c(modulation, labels);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float far = std::numeric_limits<float>::infinity();
    for (const std::complex<float> y : { std::complex<float>{ nan, nan },
                                         { far, -far },
                                         { -far, nan },
                                         { 1e30f, 1e30f } }) {
        uint16_t label = 0xffff;
        c.decide(&y, 1, &label);
        BOOST_TEST(label < c.order());
    }
}

BOOST_DATA_TEST_CASE(gray_neighbours_differ_in_one_bit,
                     data::make(modulations),
                     modulation)
{
    const constellation c(modulation, "gray");
    double nearest = 1e9;
    for (size_t a = 1; a < c.order(); a++)
        nearest = std::min<double>(nearest, std::abs(c.points()[a] - c.points()[0]));
    for (size_t a = 0; a < c.order(); a++)
        for (size_t b = 0; b < a; b++)
            if (std::abs(c.points()[a] - c.points()[b]) < 1.01 * nearest)
                BOOST_REQUIRE(__builtin_popcount(a ^ b) == 1);
}

BOOST_AUTO_TEST_CASE(the_papers_conventions)
{
    const constellation bpsk("bpsk", "natural"), qpsk("qpsk", "natural"),
        qam("qam16", "natural");
    BOOST_TEST((bpsk.points()[0] == 1.0f));
    for (int n = 0; n < 4; n++)
        BOOST_TEST(
            std::abs(qpsk.points()[n] -
                     std::polar(1.0f, static_cast<float>(-M_PI / 4 - n * M_PI / 2))) <
            1e-6);
    // 16-QAM label 0b0111: I at its level 1, Q at its level 3.
    const float unit = static_cast<float>(1 / std::sqrt(10.0));
    BOOST_TEST(std::abs(qam.points()[7] - std::complex<float>(-unit, 3 * unit)) < 1e-6);
}

BOOST_DATA_TEST_CASE(soft_bits_agree_with_hard_ones, every, modulation, labels)
{
    const constellation c(modulation, labels);
    std::mt19937 random(2);
    std::normal_distribution<float> normal;
    std::vector<float> llr(c.bits());
    for (int i = 0; i < 200; i++) {
        const std::complex<float> y(normal(random), normal(random));
        const float noise = 0.1f, louder = 0.2f;
        uint16_t label;
        c.decide(&y, 1, &label);
        c.soft(&y, &noise, 1, llr.data());
        const float first = llr[0];
        for (unsigned bit = 0; bit < c.bits(); bit++)
            BOOST_REQUIRE((llr[bit] > 0) == ((label >> (c.bits() - 1 - bit)) & 1));
        c.soft(&y, &louder, 1, llr.data());
        BOOST_REQUIRE(std::abs(first - 2 * llr[0]) <= 1e-4 * std::abs(first));
    }
}

// Squared distances to every point, in double precision: the definition.
static std::vector<double>
searched(const constellation& c, std::complex<float> y, double noise)
{
    std::vector<double> llr;
    for (unsigned bit = 0; bit < c.bits(); bit++) {
        double nearest[2] = { INFINITY, INFINITY };
        for (size_t label = 0; label < c.order(); label++) {
            double& best = nearest[(label >> (c.bits() - 1 - bit)) & 1];
            best = std::min(best,
                            std::norm(std::complex<double>(y) -
                                      std::complex<double>(c.points()[label])));
        }
        llr.push_back((nearest[0] - nearest[1]) / noise);
    }
    return llr;
}

BOOST_DATA_TEST_CASE(soft_bits_are_those_of_a_search_of_all_points,
                     every,
                     modulation,
                     labels)
{
    const constellation c(modulation, labels);
    std::mt19937 random(3);
    std::normal_distribution<float> normal;
    std::uniform_real_distribution<float> exponent(-3.0f, 1.0f);
    std::vector<float> llr(c.bits());
    for (int i = 0; i < 500; i++) {
        // From well inside the constellation to far outside.
        const float scale = std::pow(10.0f, exponent(random));
        const std::complex<float> y(scale * normal(random), scale * normal(random));
        const float noise = std::pow(10.0f, exponent(random));
        c.soft(&y, &noise, 1, llr.data());
        const auto expected = searched(c, y, noise);
        // Coordinates are rounded to 2^-24 of themselves and of the points', which are
        // below 2.
        const double rounding = 8e-7 * (std::abs(y) + 2) * (std::abs(y) + 2) / noise;
        for (unsigned bit = 0; bit < c.bits(); bit++)
            BOOST_REQUIRE_SMALL(llr[bit] - expected[bit], rounding);
    }
}

BOOST_DATA_TEST_CASE(soft_bits_of_an_erased_carrier_say_nothing,
                     every,
                     modulation,
                     labels)
{
    const constellation c(modulation, labels);
    const std::complex<float> y = 0.0f;
    const float noise = std::numeric_limits<float>::infinity();
    std::vector<float> llr(c.bits(), 1.0f);
    c.soft(&y, &noise, 1, llr.data());
    for (const float value : llr)
        BOOST_TEST(value == 0.0f);
}

BOOST_AUTO_TEST_CASE(bpsk_soft_bit_is_exact)
{
    const constellation c("bpsk", "gray");
    const std::complex<float> y(0.3f, 5.0f);
    const float noise = 0.5f;
    float llr;
    c.soft(&y, &noise, 1, &llr);
    BOOST_TEST(llr == -4 * 0.3f / 0.5f,
               boost::test_tools::tolerance(1e-5f)); // bit 1 is -1
}

BOOST_AUTO_TEST_CASE(unknown_names_are_refused)
{
    BOOST_CHECK_THROW(constellation("qam8", "gray"), std::invalid_argument);
    BOOST_CHECK_THROW(constellation("qam16", "grey"), std::invalid_argument);
}
