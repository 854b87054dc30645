/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE carrier_plan
#include "carrier_plan.h"
#include "scrambler.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <numeric>

using namespace gr::aeiqa::dsp;
using list = std::vector<int>;
namespace data = boost::unit_test::data;

static list range(int first, int last)
{
    list k(last - first + 1);
    std::iota(k.begin(), k.end(), first);
    return k;
}

// IEEE 802.11-2012, 18.3.5.10: 48 data subcarriers, pilots at -21, -7, 7 and 21.
BOOST_AUTO_TEST_CASE(the_plan_of_64_carriers_is_the_standards)
{
    list expected;
    for (const auto& [first, last] : std::vector<std::pair<int, int>>{
             { -26, -22 }, { -20, -8 }, { -6, -1 }, { 1, 6 }, { 8, 20 }, { 22, 26 } })
        for (const int k : range(first, last))
            expected.push_back(k);
    const auto [carriers, pilots] = default_carriers(64);
    BOOST_TEST(carriers == expected);
    BOOST_TEST(pilots == list({ -21, -7, 7, 21 }));
}

BOOST_DATA_TEST_CASE(usual_plans_can_be_used, data::make({ 32, 64, 128 }), fft_len)
{
    const auto [carriers, pilots] = default_carriers(fft_len);
    const carrier_plan plan(fft_len, carriers, pilots);
    BOOST_TEST(plan.data().size() == size_t(fft_len / 32 * 24));
    BOOST_TEST(plan.pilots().size() == size_t(fft_len / 32 * 2));
    for (const size_t k : plan.occupied())
        BOOST_TEST(plan.frequency(k) != 0);
}

BOOST_DATA_TEST_CASE(other_sizes_have_no_usual_plan, data::make({ 8, 60, 256 }), fft_len)
{
    BOOST_CHECK_THROW(default_carriers(fft_len), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_full_plan_keeps_dft_order)
{
    const carrier_plan plan(16);
    BOOST_TEST(plan.is_full());
    BOOST_TEST(plan.pilots().empty());
    BOOST_TEST(plan.data() == plan.occupied());
    for (size_t k = 0; k < 16; k++) {
        BOOST_TEST(plan.data()[k] == k);
        BOOST_TEST(plan.frequency(k) == (k < 8 ? int(k) : int(k) - 16));
        BOOST_TEST(std::abs(std::abs(plan.training()[k]) - 1) < 1e-6);
    }
}

// In whatever order they are given, data fill the carriers by rising frequency.
BOOST_AUTO_TEST_CASE(carriers_rise_in_frequency)
{
    const carrier_plan plan(32, { 8, 3, -1, -9, 2, 1, -2, -3 }, { 5, -5 });
    const auto frequencies = [&](const std::vector<size_t>& indices) {
        list k;
        for (const size_t index : indices)
            k.push_back(plan.frequency(index));
        return k;
    };
    BOOST_TEST(!plan.is_full());
    BOOST_TEST(frequencies(plan.data()) == list({ -9, -3, -2, -1, 1, 2, 3, 8 }));
    BOOST_TEST(frequencies(plan.pilots()) == list({ -5, 5 }));
    BOOST_TEST(frequencies(plan.occupied()) ==
               list({ -9, -5, -3, -2, -1, 1, 2, 3, 5, 8 }));
}

BOOST_AUTO_TEST_CASE(training_and_pilots_are_pseudo_random_signs)
{
    const auto [carriers, pilots] = default_carriers(64);
    const carrier_plan plan(64, carriers, pilots);
    const auto bits = pseudo_random_bits(pseudo_random_period);
    std::vector<std::complex<float>> expected(64);
    for (size_t i = 0; i < 52; i++)
        expected[plan.occupied()[i]] = bits[1000 + i] ? -1.0f : 1.0f;
    BOOST_TEST((plan.training() == expected));
    for (const uint64_t s : { 0, 1, 8191, 8192, 100000 })
        for (size_t m = 0; m < 4; m++)
            BOOST_TEST(plan.pilot(s, m) ==
                       (bits[(4 * s + m) % pseudo_random_period] ? -1.0f : 1.0f));
}

struct wrong {
    const char* says;
    list data, pilots;
};
static std::ostream& operator<<(std::ostream& out, const wrong& w)
{
    return out << w.says;
}
static const wrong all_wrong[] = {
    { "data_carriers must be a positive multiple of 8 in number, got 0", {}, {} },
    { "data_carriers must be a positive multiple of 8 in number, got 3",
      { 1, 2, 3 },
      {} },
    { "pilot_carriers must lie on both sides of 0, got (9, 10)", range(1, 8), { 9, 10 } },
    { "pilot_carriers must lie on both sides of 0, got (-2, 0)", range(1, 8), { -2, 0 } },
    { "data_carriers and pilot_carriers must be from -16 to 15, got 9 to 16",
      range(9, 16),
      {} },
    { "data_carriers and pilot_carriers must be from -16 to 15, got -17 to 9",
      range(1, 8),
      { -17, 9 } },
    { "data_carriers and pilot_carriers must all differ, got 8 twice",
      range(1, 8),
      { -1, 8 } },
};

BOOST_DATA_TEST_CASE(what_cannot_be_is_named, data::make(all_wrong), w)
{
    BOOST_CHECK_EXCEPTION(
        carrier_plan(32, w.data, w.pilots),
        std::invalid_argument,
        [&](const auto& error) { return error.what() == std::string(w.says); });
}
