/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE receiver_counters
#include <gnuradio/aeiqa/receiver_counters.h>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <set>
#include <string>

using namespace gr::aeiqa;

namespace {

// Counts that differ, from the memory itself: whatever the list of them says.
receiver_counters filled(uint64_t from)
{
    receiver_counters counters;
    std::array<uint64_t, all_receiver_counters.size()> values;
    for (auto& value : values)
        value = from++;
    std::memcpy(static_cast<void*>(&counters), values.data(), sizeof counters);
    return counters;
}

} // namespace

BOOST_AUTO_TEST_CASE(all_begin_at_0_and_every_one_is_listed_once_in_its_order)
{
    const receiver_counters zero, counters = filled(1);
    std::set<std::string> names;
    uint64_t expected = 1;
    for (const auto& counter : all_receiver_counters) {
        BOOST_TEST((zero.*counter.member) == 0u);
        BOOST_TEST((counters.*counter.member) == expected++, counter.name);
        names.insert(counter.name);
    }
    BOOST_TEST(names.size() == all_receiver_counters.size());
}

BOOST_AUTO_TEST_CASE(a_sum_adds_each_counter)
{
    const auto sum = filled(1) + filled(1000);
    uint64_t expected = 1001;
    for (const auto& counter : all_receiver_counters) {
        BOOST_TEST((sum.*counter.member) == expected, counter.name);
        expected += 2;
    }
}
