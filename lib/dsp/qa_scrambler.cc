/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE scrambler
#include "scrambler.h"
#include <boost/test/unit_test.hpp>
#include <deque>
#include <numeric>

using namespace gr::aeiqa::dsp;

// EN 300 744, Figure 3: stages 1 to 15, loaded with 100101010000000; the sum of 14 and 15
// is put out and fed back into 1.
BOOST_AUTO_TEST_CASE(bits_are_those_of_the_shift_register)
{
    std::deque<int> stages;
    for (const char c : std::string("100101010000000"))
        stages.push_back(c - '0');
    for (const uint8_t bit : pseudo_random_bits(2 * pseudo_random_period)) {
        const int sum = stages[13] ^ stages[14];
        BOOST_REQUIRE(bit == sum);
        stages.pop_back();
        stages.push_front(sum);
    }
}

BOOST_AUTO_TEST_CASE(the_standards_first_bits)
{
    const auto bits = pseudo_random_bits(8);
    BOOST_TEST(bits == std::vector<uint8_t>({ 0, 0, 0, 0, 0, 0, 1, 1 }));
}

// A maximum-length sequence: its period, one more 1 than 0, and an autocorrelation of -1.
BOOST_AUTO_TEST_CASE(it_is_of_maximum_length)
{
    const size_t n = pseudo_random_period;
    const auto bits = pseudo_random_bits(2 * n);
    BOOST_TEST(std::accumulate(bits.begin(), bits.begin() + n, 0) == 16384);
    for (const size_t shift : { 1, 2, 7, 31, 151, 1057, 4681, 32766 }) {
        int correlation = 0;
        for (size_t i = 0; i < n; i++)
            correlation += bits[i] == bits[i + shift] ? 1 : -1;
        BOOST_TEST(correlation == -1);
    }
    for (size_t i = 0; i < n; i++)
        BOOST_REQUIRE(bits[i] == bits[i + n]);
}

BOOST_AUTO_TEST_CASE(scrambled_twice_bytes_return)
{
    const auto bits = pseudo_random_bits(8 * 5000);
    std::vector<uint8_t> so_far;
    for (const size_t n : { 3, 5000, 100, 0 }) { // the sequence grows, then serves less
        std::vector<uint8_t> zeros(n), bytes(n, 0xa5);
        scramble(zeros.data(), n, so_far);
        for (size_t i = 0; i < 8 * n; i++)
            BOOST_REQUIRE(((zeros[i / 8] >> (7 - i % 8)) & 1) == bits[i]);
        scramble(bytes.data(), n, so_far);
        scramble(bytes.data(), n, so_far);
        BOOST_TEST((bytes == std::vector<uint8_t>(n, 0xa5)));
    }
}
