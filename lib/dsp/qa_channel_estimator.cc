/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE channel_estimator
#include "channel_estimator.h"
#include "frame_layout.h"
#include "rng.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace gr::aeiqa::dsp;
using complex = std::complex<float>;
using method = channel_estimator::method;
namespace data = boost::unit_test::data;

static constexpr int n = 64, cp_len = 16;

// All carriers, or IEEE 802.11's.
static carrier_plan plan_of(bool full)
{
    const auto [carriers, pilots] = default_carriers(n);
    return full ? carrier_plan(n) : carrier_plan(n, carriers, pilots);
}

// The response of three taps, the last as late as the prefix allows.
static std::vector<complex> some_response()
{
    std::vector<complex> h(n);
    for (int k = 0; k < n; k++)
        h[k] = complex(std::polar(0.8, 0.3) + std::polar(0.5, 1.0 - 2 * M_PI * k / n) +
                       std::polar(0.2, -2 * M_PI * cp_len * k / n));
    return h;
}

static std::vector<complex> receive(const std::vector<complex>& h,
                                    const std::vector<complex>& x,
                                    double noise,
                                    uint64_t image)
{
    const counter_rng rng(1, rng_use::noise);
    std::vector<complex> y(n);
    for (int k = 0; k < n; k++)
        y[k] = h[k] * x[k] + static_cast<float>(std::sqrt(noise)) * rng.normal(image, k);
    return y;
}

static double mean_squared_error(const std::vector<complex>& a,
                                 const std::vector<complex>& b,
                                 const carrier_plan& plan)
{
    double sum = 0;
    for (const size_t k : plan.occupied())
        sum += std::norm(a[k] - b[k]);
    return sum / static_cast<double>(plan.occupied().size());
}

static const auto by_training = data::make({ method::ls, method::ls_dft });

namespace gr::aeiqa::dsp { // where Boost.Test looks for it
static std::ostream& operator<<(std::ostream& out, method m)
{
    return out << static_cast<int>(m);
}
} // namespace gr::aeiqa::dsp

BOOST_DATA_TEST_CASE(without_noise_the_estimate_is_exact,
                     by_training* data::make({ true, false }),
                     which,
                     full)
{
    const auto plan = plan_of(full);
    const auto h = some_response(), x = plan.training();
    channel_estimator estimator(plan, cp_len, which);
    const auto y = receive(h, x, 0.0, 0);
    estimator.add(y.data(), x.data());
    estimator.estimate();
    BOOST_TEST(mean_squared_error(estimator.response(), h, plan) < 1e-10);
    BOOST_TEST(estimator.noise_variance() < 1e-10);
}

// The error of least squares is N0 / T for T training symbols; of white noise the share
// of the dimensions that a prefix's taps span is left by ls-dft.
BOOST_DATA_TEST_CASE(errors_are_as_theory_says,
                     by_training* data::make({ true, false }) * data::make({ 1, 4 }),
                     which,
                     full,
                     symbols)
{
    const auto plan = plan_of(full);
    const auto h = some_response(), x = plan.training();
    const double noise = 0.1;
    const int trials = 2000;
    channel_estimator estimator(plan, cp_len, which);
    double error = 0, seen = 0;
    for (int i = 0; i < trials; i++) {
        for (int s = 0; s < symbols; s++) {
            const auto y = receive(h, x, noise, i * symbols + s);
            estimator.add(y.data(), x.data());
        }
        estimator.estimate();
        error += mean_squared_error(estimator.response(), h, plan);
        seen += estimator.noise_variance();
    }
    const auto carriers = static_cast<double>(plan.occupied().size());
    const int early = cp_len / 8;
    const double kept =
        full ? cp_len + 1.0
             : carriers *
                   delay_subspace_projection(plan, -early, cp_len + early + 1).share();
    const double noisy = which == method::ls_dft ? kept : carriers;
    const double expected = noise / symbols * noisy / carriers;
    // A mean of trials * dimensions exponential variables, 99.9 %.
    BOOST_TEST(std::abs(error / trials / expected - 1) <
               3.29 / std::sqrt(trials * noisy));
    BOOST_TEST(std::abs(seen / trials / noise - 1) <
               3.29 / std::sqrt(trials * (carriers - kept)));
}

BOOST_AUTO_TEST_CASE(carriers_that_bore_nothing_stay_1)
{
    const carrier_plan plan(n);
    auto x = plan.training();
    x[5] = 0.0f;
    channel_estimator estimator(plan, cp_len, method::ls_dft);
    const auto y = receive(some_response(), x, 0.0, 0);
    estimator.add(y.data(), x.data());
    estimator.estimate();
    BOOST_TEST((estimator.response()[5] == 1.0f));
    BOOST_TEST(std::isnan(estimator.noise_variance()));
}

BOOST_DATA_TEST_CASE(a_prefix_as_long_as_the_symbol_leaves_no_room_to_see_noise,
                     by_training,
                     which)
{
    const carrier_plan plan(n);
    const auto h = some_response(), y = receive(h, plan.training(), 0.1, 0);
    channel_estimator estimator(plan, n, which);
    estimator.add(y.data(), plan.training().data());
    estimator.estimate();
    BOOST_TEST(std::isnan(estimator.noise_variance()));
    BOOST_TEST(mean_squared_error(estimator.response(), h, plan) > 0.01); // nothing cut
}

BOOST_DATA_TEST_CASE(what_was_cut_short_is_forgotten, by_training, which)
{
    const carrier_plan plan(n);
    const auto x = plan.training();
    const auto wrong = receive(some_response(), x, 1.0, 0);
    const auto y = receive(some_response(), x, 0.1, 1);
    channel_estimator fresh(plan, cp_len, which), used(plan, cp_len, which);
    used.add(wrong.data(), x.data());
    used.restart();
    for (auto* estimator : { &fresh, &used }) {
        estimator->add(y.data(), x.data());
        estimator->estimate();
    }
    BOOST_TEST((fresh.response() == used.response()));
    BOOST_TEST(fresh.noise_variance() == used.noise_variance());

    const auto before = used.response();
    used.estimate(); // of nothing: the last estimate holds
    BOOST_TEST((used.response() == before));

    used.reset(which);
    BOOST_TEST((used.response() == std::vector<complex>(n, 1.0f)));
    BOOST_TEST(std::isnan(used.noise_variance()));
}

BOOST_AUTO_TEST_CASE(none_is_flat_and_perfect_is_as_given)
{
    const carrier_plan plan(n);
    channel_estimator estimator(plan, cp_len, method::none);
    BOOST_TEST(!estimator.uses_training());
    BOOST_TEST((estimator.response() == std::vector<complex>(n, 1.0f)));
    estimator.reset(method::perfect);
    BOOST_TEST(!estimator.uses_training());
    BOOST_TEST(estimator.is_perfect());
    estimator.set_response(some_response().data());
    BOOST_TEST((estimator.response() == some_response()));
    BOOST_TEST(std::isnan(estimator.noise_variance()));
}

BOOST_AUTO_TEST_CASE(names)
{
    BOOST_CHECK(channel_estimator::parse_method("none") == method::none);
    BOOST_CHECK(channel_estimator::parse_method("ls") == method::ls);
    BOOST_CHECK(channel_estimator::parse_method("ls-dft") == method::ls_dft);
    BOOST_CHECK(channel_estimator::parse_method("perfect") == method::perfect);
    BOOST_CHECK_THROW(channel_estimator::parse_method("lmmse"), std::invalid_argument);
}
