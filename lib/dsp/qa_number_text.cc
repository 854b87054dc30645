/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE number_text
#include "number_text.h"
#include <boost/test/unit_test.hpp>
#include <limits>

using gr::aeiqa::dsp::number_text;

BOOST_AUTO_TEST_CASE(numbers_are_short_and_exact)
{
    BOOST_TEST(number_text(-0.5) == "-0.5");
    BOOST_TEST(number_text(0.1) == "0.1");
    BOOST_TEST(number_text(1e-9) == "1e-09");
    BOOST_TEST(number_text(-300) == "-300");
    BOOST_TEST(std::stod(number_text(1.0 / 3)) == 1.0 / 3);
}

BOOST_AUTO_TEST_CASE(what_is_no_finite_number_has_its_name)
{
    BOOST_TEST(number_text(std::numeric_limits<double>::infinity()) == "inf");
    BOOST_TEST(number_text(std::numeric_limits<double>::quiet_NaN()) == "nan");
}
