/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE kernels
#include "kernels.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <complex>
#include <limits>
#include <random>
#include <vector>

using namespace gr::aeiqa::dsp;
using complex = std::complex<double>;
using floats = std::vector<float>;
namespace data = boost::unit_test::data;

static floats gaussian(size_t n, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    floats x(n);
    for (auto& value : x)
        value = normal(random);
    return x;
}

static const auto lengths = data::make({ 1, 2, 7, 8, 9, 16, 31, 64, 100 });

BOOST_DATA_TEST_CASE(parts_are_split, lengths, n)
{
    auto in = gaussian(2 * n, 1);
    floats re(n), im(n);
    BOOST_TEST(split(in.data(), n, re.data(), im.data()) == 0u);
    for (int i = 0; i < n; i++) {
        BOOST_TEST(re[i] == in[2 * i]);
        BOOST_TEST(im[i] == in[2 * i + 1]);
    }
}

BOOST_AUTO_TEST_CASE(samples_that_cannot_be_are_silenced_and_counted)
{
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float far = std::numeric_limits<float>::infinity();
    const floats bad[] = {
        { nan, 1 }, { 1, nan }, { far, 1 }, { 1, -far }, { 2e15f, 0 }
    };
    for (const auto& value : bad)
        for (int at = 0; at < 19; at++) {
            auto in = gaussian(2 * 19, 2);
            in[2 * at] = value[0];
            in[2 * at + 1] = value[1];
            floats re(19), im(19);
            BOOST_TEST(split(in.data(), 19, re.data(), im.data()) == 1u);
            for (int i = 0; i < 19; i++) {
                BOOST_TEST(re[i] == (i == at ? 0.0f : in[2 * i]));
                BOOST_TEST(im[i] == (i == at ? 0.0f : in[2 * i + 1]));
            }
        }
}

BOOST_DATA_TEST_CASE(blocks_are_correlated_with_the_next,
                     lengths* data::make({ 1, 3 }),
                     length,
                     count)
{
    const size_t n = length * (count + 1);
    const auto re = gaussian(n, 3), im = gaussian(n, 4);
    floats corr_re(count), corr_im(count), energy(count);
    block_correlations(re.data(),
                       im.data(),
                       count,
                       length,
                       corr_re.data(),
                       corr_im.data(),
                       energy.data());
    for (int b = 0; b < count; b++) {
        complex sum = 0;
        double power = 0;
        for (int i = b * length; i < (b + 1) * length; i++) {
            sum += std::conj(complex(re[i], im[i])) *
                   complex(re[i + length], im[i + length]);
            power += std::norm(complex(re[i], im[i]));
        }
        BOOST_TEST(std::abs(sum - complex(corr_re[b], corr_im[b])) < 1e-4);
        BOOST_TEST(std::abs(power - energy[b]) < 1e-4);
    }
}

BOOST_DATA_TEST_CASE(cross_correlation, lengths* data::make({ 1, 5, 33 }), length, count)
{
    const auto x_re = gaussian(length, 5), x_im = gaussian(length, 6);
    const auto r_re = gaussian(length + count, 7), r_im = gaussian(length + count, 8);
    floats re(count, 9.0f), im(count, 9.0f);
    cross_correlate(x_re.data(),
                    x_im.data(),
                    length,
                    r_re.data(),
                    r_im.data(),
                    count,
                    re.data(),
                    im.data());
    for (int t = 0; t < count; t++) {
        complex sum = 0;
        for (int i = 0; i < length; i++)
            sum +=
                std::conj(complex(x_re[i], x_im[i])) * complex(r_re[t + i], r_im[t + i]);
        BOOST_TEST(std::abs(sum - complex(re[t], im[t])) < 1e-4);
    }
}

BOOST_DATA_TEST_CASE(samples_are_turned, lengths, n)
{
    const auto re = gaussian(n, 9), im = gaussian(n, 10);
    const auto turn_re = gaussian(n, 11), turn_im = gaussian(n, 12);
    const complex start(0.6, -0.8);
    floats out(2 * n);
    turn(re.data(),
         im.data(),
         turn_re.data(),
         turn_im.data(),
         static_cast<float>(start.real()),
         static_cast<float>(start.imag()),
         n,
         out.data());
    for (int i = 0; i < n; i++)
        BOOST_TEST(
            std::abs(complex(re[i], im[i]) * complex(turn_re[i], turn_im[i]) * start -
                     complex(out[2 * i], out[2 * i + 1])) < 1e-5);
}
