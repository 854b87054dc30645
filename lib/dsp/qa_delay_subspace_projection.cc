/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE delay_subspace_projection
#include "delay_subspace_projection.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>

using namespace gr::aeiqa::dsp;
using complex = std::complex<float>;
using response = std::vector<complex>;
namespace data = boost::unit_test::data;

static constexpr int n = 64;

static carrier_plan plan_of(bool full)
{
    const auto [carriers, pilots] = default_carriers(n);
    return full ? carrier_plan(n) : carrier_plan(n, carriers, pilots);
}

static response gaussian(std::mt19937& random)
{
    std::normal_distribution<float> normal(0.0f, std::sqrt(0.5f));
    response z(n);
    for (auto& value : z)
        value = { normal(random), normal(random) };
    return z;
}

// Taps first ... first + n_taps - 1 at random.
static response channel(std::mt19937& random, int first, int n_taps)
{
    const auto taps = gaussian(random);
    response h(n);
    for (int k = 0; k < n; k++)
        for (int l = 0; l < n_taps; l++)
            h[k] += taps[l] * complex(std::polar(1.0, -2 * M_PI * k * (first + l) / n));
    return h;
}

static double distance(const response& a, const response& b, const carrier_plan& plan)
{
    double most = 0;
    for (const size_t k : plan.occupied())
        most = std::max<double>(most, std::abs(a[k] - b[k]));
    return most;
}

static const auto cases =
    data::make({ true, false }) * data::make({ 0, -2 }) * data::make({ 1, 5, 17 });

BOOST_DATA_TEST_CASE(a_channel_of_so_many_taps_stays, cases, full, first, n_taps)
{
    std::mt19937 random(1);
    const auto plan = plan_of(full);
    const delay_subspace_projection projection(plan, first, n_taps);
    for (int i = 0; i < 20; i++) {
        const auto h = channel(random, first, n_taps);
        auto projected = h;
        projection.apply(projected.data());
        BOOST_TEST(distance(projected, h, plan) < 1e-4);
    }
}

// An orthogonal projection: done twice it is the same, and what it removes is orthogonal
// to what it leaves.
BOOST_DATA_TEST_CASE(it_is_orthogonal, cases, full, first, n_taps)
{
    std::mt19937 random(2);
    const auto plan = plan_of(full);
    const delay_subspace_projection projection(plan, first, n_taps);
    const auto h = gaussian(random);
    auto once = h;
    projection.apply(once.data());
    auto twice = once;
    projection.apply(twice.data());
    BOOST_TEST(distance(once, twice, plan) < 1e-5);
    std::complex<double> product = 0;
    for (const size_t k : plan.occupied())
        product += std::complex<double>(std::conj(once[k]) * (h[k] - once[k]));
    BOOST_TEST(std::abs(product) < 1e-4);
}

BOOST_DATA_TEST_CASE(of_white_noise_the_share_stays, cases, full, first, n_taps)
{
    std::mt19937 random(3);
    const auto plan = plan_of(full);
    const delay_subspace_projection projection(plan, first, n_taps);
    const double carriers = static_cast<double>(plan.occupied().size());
    if (full)
        BOOST_TEST(projection.share() == n_taps / carriers);
    const int trials = 2000;
    double left = 0;
    for (int i = 0; i < trials; i++) {
        auto z = gaussian(random);
        projection.apply(z.data());
        for (const size_t k : plan.occupied())
            left += std::norm(z[k]) / carriers / trials;
    }
    // A mean of exponential variables.
    BOOST_TEST(std::abs(left / projection.share() - 1) <
               3.89 / std::sqrt(trials * projection.share() * carriers));
}

BOOST_AUTO_TEST_CASE(carriers_without_data_are_not_touched)
{
    std::mt19937 random(4);
    const auto plan = plan_of(false);
    const auto h = gaussian(random);
    auto projected = h;
    delay_subspace_projection(plan, 0, 5).apply(projected.data());
    for (const size_t k : { 0, 27, 32, 37 })
        BOOST_TEST((projected[k] == h[k]));
}
