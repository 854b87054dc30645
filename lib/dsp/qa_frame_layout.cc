/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE frame_layout
#include "checked.h"
#include "frame_layout.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <climits>
#include <string>
#include <vector>

using namespace gr::aeiqa::dsp;
namespace data = boost::unit_test::data;

constexpr uint64_t most = UINT64_MAX;

// The definition, symbol by symbol.
static std::vector<bool> by_definition(int training, int period, int data_symbols)
{
    std::vector<bool> is_training(training, true);
    for (int i = 0; i < data_symbols; i++) {
        if (period > 0 && i > 0 && i % period == 0)
            is_training.insert(is_training.end(), training, true);
        is_training.push_back(false);
    }
    return is_training;
}

BOOST_DATA_TEST_CASE(a_burst_is_laid_out_as_defined,
                     data::make({ 0, 1, 2, 5 }) * data::make({ 0, 1, 3, 8 }) *
                         data::make({ 1, 2, 3, 8, 9, 24 }),
                     training,
                     period,
                     count)
{
    if (period > 0 && training == 0)
        return;
    const frame_layout layout(training, period);
    const auto expected = by_definition(training, period, count);
    BOOST_TEST(layout.burst_symbols(count) == expected.size());
    for (size_t i = 0; i < expected.size(); i++) {
        BOOST_TEST(layout.is_training(i) == expected[i]);
        const bool ends = expected[i] && i + 1 < expected.size() && !expected[i + 1];
        BOOST_TEST(layout.ends_training(i) == ends);
    }
}

BOOST_AUTO_TEST_CASE(large_counts_do_not_wrap_round)
{
    // Their sum does not fit into an int.
    const frame_layout layout(2147450058, 1245413179);
    BOOST_TEST(layout.is_training(2147450057));
    BOOST_TEST(layout.ends_training(2147450057));
    BOOST_TEST(!layout.is_training(2147450058));
    BOOST_TEST(!layout.is_training(3392863236)); // the last of the group
    BOOST_TEST(layout.is_training(3392863237));
    BOOST_TEST(layout.burst_symbols(1) == 2147450059u);
    BOOST_TEST(layout.burst_symbols(1245413180) == 2 * 2147450058ull + 1245413180);
}

BOOST_DATA_TEST_CASE(more_symbols_than_64_bits_hold_are_the_most,
                     data::make({ most, most - 1, uint64_t(1) << 33 }),
                     data_symbols)
{
    BOOST_TEST(frame_layout(INT_MAX, 1).burst_symbols(data_symbols) == most);
    BOOST_TEST(frame_layout(INT_MAX, INT_MAX).burst_symbols(most) == most);
    BOOST_TEST(frame_layout(0, 0).burst_symbols(data_symbols) == data_symbols);
}

BOOST_DATA_TEST_CASE(wrong_counts_are_named,
                     data::make({ -1, INT_MIN, 2, 0 }) ^ data::make({ 0, 0, -1, 1 }) ^
                         data::make({ "training_symbols",
                                      "training_symbols",
                                      "training_period",
                                      "training_period" }),
                     training,
                     period,
                     name)
{
    BOOST_CHECK_EXCEPTION(
        frame_layout(training, period), std::invalid_argument, [&](const auto& error) {
            return std::string(error.what()).find(name) == 0;
        });
}

BOOST_AUTO_TEST_CASE(checked_arithmetic)
{
    BOOST_TEST(*checked_product({ 3, 5, 7 }) == 105u);
    BOOST_TEST(*checked_product({}) == 1u);
    BOOST_TEST(*checked_product({ most, 1 }) == most);
    BOOST_TEST(!checked_product({ most, 2 }));
    BOOST_TEST(!checked_product({ uint64_t(1) << 32, uint64_t(1) << 32 }));
    BOOST_TEST(*checked_sum({ 3, 5, 7 }) == 15u);
    BOOST_TEST(*checked_sum({ most, 0 }) == most);
    BOOST_TEST(!checked_sum({ most, 1 }));
}
