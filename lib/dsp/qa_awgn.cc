/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE awgn
#include "awgn.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

using namespace gr::aeiqa::dsp;
using complex = std::complex<float>;
namespace data = boost::unit_test::data;

static std::vector<complex> noise_of(double power, uint64_t image, size_t n, size_t piece)
{
    normal_sequence noise(3, rng_use::noise);
    noise.restart(image);
    const std::vector<complex> silence(n);
    std::vector<complex> y(n);
    for (size_t done = 0; done < n; done += piece)
        add_noise(noise, power, &silence[done], std::min(piece, n - done), &y[done]);
    return y;
}

BOOST_DATA_TEST_CASE(decibels, data::make({ -30.0, -3.0, 0.0, 7.0, 40.0 }), snr_db)
{
    BOOST_TEST(10 * std::log10(noise_power(snr_db)) == -snr_db,
               boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(snr_must_be_a_number)
{
    const double infinity = std::numeric_limits<double>::infinity();
    BOOST_CHECK_THROW(noise_power(NAN), std::invalid_argument);
    BOOST_CHECK_THROW(noise_power(-infinity), std::invalid_argument);
    BOOST_TEST(noise_power(infinity) == 0.0);
}

// CN(0, power): the two parts alike and independent, |n|^2 / power exponential.
BOOST_DATA_TEST_CASE(noise_is_circular, data::make({ 1e-3, 1.0, 20.0 }), power)
{
    const size_t n = 200000;
    double re = 0, im = 0, cross = 0, fourth = 0;
    for (const auto& y : noise_of(power, 5, n, n)) {
        re += std::pow(y.real(), 2) / power / n;
        im += std::pow(y.imag(), 2) / power / n;
        cross += y.real() * y.imag() / power / n;
        fourth += std::pow(std::norm(y) / power, 2) / n;
    }
    // Standard errors: of a mean of squares, a product, an exponential's square.
    BOOST_TEST(std::abs(re - 0.5) < 3.89 * std::sqrt(0.5 / n));
    BOOST_TEST(std::abs(im - 0.5) < 3.89 * std::sqrt(0.5 / n));
    BOOST_TEST(std::abs(cross) < 3.89 * 0.5 / std::sqrt(n));
    BOOST_TEST(std::abs(fourth - 2) < 3.89 * std::sqrt(20.0 / n));
}

BOOST_AUTO_TEST_CASE(noise_is_added_to_the_signal)
{
    const auto noise = noise_of(0.5, 1, 100, 100);
    normal_sequence sequence(3, rng_use::noise);
    sequence.restart(1);
    const std::vector<complex> x(100, complex(2.0f, -1.0f));
    std::vector<complex> y(100);
    add_noise(sequence, 0.5, x.data(), x.size(), y.data());
    for (size_t i = 0; i < x.size(); i++)
        BOOST_TEST((y[i] == x[i] + noise[i]));
}

BOOST_DATA_TEST_CASE(pieces_do_not_matter, data::make({ 1, 7, 33, 500 }), piece)
{
    BOOST_TEST((noise_of(1.0, 2, 1000, piece) == noise_of(1.0, 2, 1000, 1000)));
    BOOST_TEST((noise_of(1.0, 2, 1000, piece) != noise_of(1.0, 3, 1000, 1000)));
}
