/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE equalizer
#include "equalizer.h"
#include "frame_layout.h"
#include "rng.h"
#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace gr::aeiqa::dsp;
using complex = std::complex<float>;

static constexpr int n = 64, cp_len = 16;

// The response of three taps, the last as late as the prefix allows.
static std::vector<complex> some_response()
{
    std::vector<complex> h(n);
    for (int k = 0; k < n; k++)
        h[k] = complex(std::polar(0.8, 0.3) + std::polar(0.5, 1.0 - 2 * M_PI * k / n) +
                       std::polar(0.2, -2 * M_PI * cp_len * k / n));
    return h;
}

static std::vector<complex>
receive(const std::vector<complex>& h, double noise, uint64_t image)
{
    const counter_rng rng(1, rng_use::noise);
    const auto x = training_symbol(n);
    std::vector<complex> y(n);
    for (int k = 0; k < n; k++)
        y[k] = h[k] * x[k] + static_cast<float>(std::sqrt(noise)) * rng.normal(image, k);
    return y;
}

static double mean_squared_error(const std::vector<complex>& a,
                                 const std::vector<complex>& b)
{
    double sum = 0;
    for (int k = 0; k < n; k++)
        sum += std::norm(a[k] - b[k]);
    return sum / n;
}

BOOST_AUTO_TEST_CASE(without_noise_the_estimate_is_exact)
{
    const auto h = some_response(), x = training_symbol(n);
    for (const bool truncate : { false, true }) {
        ls_estimator estimator(n, cp_len, truncate);
        const auto y = receive(h, 0.0, 0);
        estimator.add(y.data(), x.data());
        estimator.estimate();
        BOOST_TEST(mean_squared_error(estimator.response(), h) < 1e-10);
        BOOST_TEST(estimator.noise_variance() < 1e-10);
    }
}

// The error of LS is N0 / T for T training symbols; truncation leaves (cp_len + 1) / n of
// it.
BOOST_AUTO_TEST_CASE(errors_are_as_theory_says)
{
    const auto h = some_response(), x = training_symbol(n);
    const double noise = 0.1;
    const int trials = 2000;
    for (const int symbols : { 1, 4 }) {
        for (const bool truncate : { false, true }) {
            ls_estimator estimator(n, cp_len, truncate);
            double error = 0, seen = 0;
            for (int i = 0; i < trials; i++) {
                for (int s = 0; s < symbols; s++) {
                    const auto y = receive(h, noise, i * symbols + s);
                    estimator.add(y.data(), x.data());
                }
                estimator.estimate();
                error += mean_squared_error(estimator.response(), h);
                seen += estimator.noise_variance();
            }
            const int taps = truncate ? cp_len + 1 : n;
            const double expected = noise / symbols * taps / n;
            // A mean of trials * taps exponential variables, 99.9 %.
            BOOST_TEST(std::abs(error / trials / expected - 1) <
                       3.29 / std::sqrt(double(trials) * taps));
            BOOST_TEST(std::abs(seen / trials / noise - 1) <
                       3.29 / std::sqrt(double(trials) * (n - cp_len - 1)));
        }
    }
}

BOOST_AUTO_TEST_CASE(unknown_carriers_are_left_alone)
{
    auto x = training_symbol(n);
    x[5] = 0.0f;
    ls_estimator estimator(n, cp_len, true);
    const auto y = receive(some_response(), 0.0, 0);
    estimator.add(y.data(), x.data());
    estimator.estimate();
    BOOST_TEST((estimator.response()[5] == 1.0f));
    BOOST_TEST(std::isnan(estimator.noise_variance()));
}

BOOST_AUTO_TEST_CASE(weights)
{
    std::vector<complex> h(n, complex(0.0f, 2.0f)), y(n, complex(0.0f, 4.0f)), x(n);
    h[3] = 0.0f;
    one_tap_equalizer zf(n, one_tap_equalizer::kind::zf);
    zf.set_response(h.data(), 0.5);
    zf.equalize(y.data(), x.data());
    BOOST_TEST(std::abs(x[0] - 2.0f) < 1e-6);
    BOOST_TEST(zf.error_variance()[0] == 0.125f);
    BOOST_TEST(std::isinf(zf.error_variance()[3]));
    BOOST_TEST((x[3] == 0.0f)); // nothing came, nothing is made up

    one_tap_equalizer mmse(n, one_tap_equalizer::kind::mmse);
    mmse.set_response(h.data(), 0.5);
    mmse.equalize(y.data(), x.data());
    BOOST_TEST(std::abs(x[0] - 8.0f / 4.5f) < 1e-6); // H* y / (|H|^2 + N0)
    BOOST_TEST(mmse.error_variance()[0] == 0.5f / 4.5f);
    BOOST_CHECK_THROW(one_tap_equalizer::parse_kind("ml"), std::invalid_argument);
}
