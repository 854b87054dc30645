/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE convolutional_code
#include "convolutional_code.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

using namespace gr::aeiqa::dsp;
namespace data = boost::unit_test::data;
using bits_t = std::vector<uint8_t>;

static bits_t random_bits(std::mt19937& random, size_t n)
{
    bits_t bits(n);
    for (auto& bit : bits)
        bit = random() & 1;
    return bits;
}

// IEEE 802.11-2012, Figure 18-8: output A adds the inputs of now and 2, 3, 5 and 6 steps
// ago (133 octal), output B those of now and 1, 2, 3 and 6 (171).
static bits_t by_the_figure(bits_t x)
{
    x.insert(x.end(), 6, 0);
    bits_t coded;
    const auto ago = [&](size_t i, size_t n) { return i >= n ? x[i - n] : 0; };
    for (size_t i = 0; i < x.size(); i++) {
        coded.push_back(ago(i, 0) ^ ago(i, 2) ^ ago(i, 3) ^ ago(i, 5) ^ ago(i, 6));
        coded.push_back(ago(i, 0) ^ ago(i, 1) ^ ago(i, 2) ^ ago(i, 3) ^ ago(i, 6));
    }
    return coded;
}

BOOST_DATA_TEST_CASE(coded_as_in_the_standards_figure, data::make({ 0, 1, 7, 100 }), n)
{
    std::mt19937 random(n);
    const auto bits = random_bits(random, n);
    const auto coded = convolutional_code().encode(bits);
    BOOST_TEST(coded.size() == convolutional_code::coded_bits(n));
    BOOST_TEST(coded == by_the_figure(bits));
}

// Paths that leave the all-zero one and return, by weight: 11 of weight 10, 38 of weight
// 12, none lighter or of odd weight (Frenger et al., "Convolutional codes with optimum
// distance spectrum", 1999; Proakis's table gives d = 10).
BOOST_AUTO_TEST_CASE(distance_spectrum)
{
    const convolutional_code code;
    std::map<int, int> paths;
    // All detours of weight up to 12 carry at most 20 bits.
    for (uint32_t word = 1; word < 1u << 20; word += 2) {
        bits_t bits;
        for (uint32_t rest = word; rest > 0; rest >>= 1)
            bits.push_back(rest & 1);
        int zeros = 0, longest = 0;
        for (const uint8_t bit : bits) {
            zeros = bit ? 0 : zeros + 1;
            longest = std::max(longest, zeros);
        }
        if (longest >= 6)
            continue; // it was back already
        int weight = 0;
        for (const uint8_t bit : code.encode(bits))
            weight += bit;
        paths[weight]++;
    }
    BOOST_TEST(paths.begin()->first == 10);
    BOOST_TEST(paths[10] == 11);
    BOOST_TEST(paths[11] == 0);
    BOOST_TEST(paths[12] == 38);
}

// The second implementation: correlate with every code word.
BOOST_AUTO_TEST_CASE(decisions_are_of_maximum_likelihood)
{
    convolutional_code code;
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    constexpr size_t n = 8;
    for (int trial = 0; trial < 200; trial++) {
        std::vector<float> soft(convolutional_code::coded_bits(n));
        for (auto& value : soft)
            value = normal(random); // nothing but noise: the hardest to decide
        const auto correlation = [&](const bits_t& bits) {
            double sum = 0;
            const auto coded = code.encode(bits);
            for (size_t i = 0; i < coded.size(); i++)
                sum += coded[i] ? -soft[i] : soft[i];
            return sum;
        };
        double best = -1e9;
        for (unsigned word = 0; word < 1u << n; word++) {
            bits_t bits;
            for (size_t i = 0; i < n; i++)
                bits.push_back((word >> i) & 1);
            best = std::max(best, correlation(bits));
        }
        BOOST_TEST(std::abs(correlation(code.decode(soft.data(), n)) - best) < 1e-4);
    }
}

// Free distance 10 corrects any 4 wrong bits.
BOOST_AUTO_TEST_CASE(four_wrong_bits_are_corrected)
{
    convolutional_code code;
    std::mt19937 random(2);
    for (int trial = 0; trial < 200; trial++) {
        const auto bits = random_bits(random, 60);
        auto coded = code.encode(bits);
        const size_t start = random() % (coded.size() - 20);
        for (int i = 0; i < 4; i++) // close together
            coded[start + random() % 20] ^= 1;
        std::vector<float> soft;
        for (const uint8_t bit : coded)
            soft.push_back(bit ? -1.0f : 1.0f);
        BOOST_TEST(code.decode(soft.data(), bits.size()) == bits);
    }
}
