/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE pilot_tracker
#include "pilot_tracker.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>

using namespace gr::aeiqa::dsp;
using complex = std::complex<float>;
namespace data = boost::unit_test::data;

static constexpr int n = 64;

static carrier_plan plan_of_802_11()
{
    const auto [carriers, pilots] = default_carriers(n);
    return carrier_plan(n, carriers, pilots);
}

static std::vector<complex> gaussian(std::mt19937& random)
{
    std::normal_distribution<float> normal(0.0f, std::sqrt(0.5f));
    std::vector<complex> z(n);
    for (auto& value : z)
        value = { normal(random), normal(random) };
    return z;
}

// Largest error of the data after so many symbols of a channel, each turned by
// exp(j (phase + slope k)) more than the one before.
static double error_after(int symbols, double phase, double slope, double known_drift)
{
    const auto plan = plan_of_802_11();
    std::mt19937 random(1);
    auto h = gaussian(random);
    for (auto& value : h)
        value = value / std::abs(value) * (0.5f + std::abs(value)); // none of them dead
    pilot_tracker tracker(plan);
    tracker.restart(known_drift);
    std::vector<complex> data(plan.data().size());
    double error = 0;
    for (int s = 0; s < symbols; s++) {
        auto x = gaussian(random);
        for (size_t m = 0; m < plan.pilots().size(); m++)
            x[plan.pilots()[m]] = plan.pilot(s, m);
        std::vector<complex> received(n), equalised(n);
        for (int k = 0; k < n; k++) {
            const complex turn(
                std::polar(1.0, (phase + slope * plan.frequency(k)) * (s + 1)));
            received[k] = h[k] * x[k] * turn;
            equalised[k] = x[k] * turn;
        }
        tracker.process(received.data(), h.data(), equalised.data(), data.data());
        error = 0;
        for (size_t i = 0; i < data.size(); i++)
            error = std::max<double>(error, std::abs(data[i] - x[plan.data()[i]]));
    }
    return error;
}

BOOST_DATA_TEST_CASE(frequency_and_clock_offsets_are_followed,
                     data::make({ -0.05, 0.0, 0.02 }) * data::make({ -1e-4, 0.0, 5e-5 }),
                     phase,
                     slope)
{
    BOOST_TEST(error_after(300, phase, slope, 0.0) < 0.02);
}

// A clock offset that the receiver knows is taken out from the first symbol on.
BOOST_AUTO_TEST_CASE(a_known_drift_costs_nothing)
{
    BOOST_TEST(error_after(1, 0.0, 2e-3, 2e-3) < 1e-4);
    BOOST_TEST(error_after(1, 0.0, 2e-3, 0.0) > 1e-2);
}

BOOST_AUTO_TEST_CASE(restarted_it_remembers_nothing)
{
    const auto plan = plan_of_802_11();
    std::mt19937 random(2);
    const auto h = gaussian(random);
    pilot_tracker fresh(plan), used(plan);
    std::vector<complex> a(plan.data().size()), b(a), other = gaussian(random);
    used.process(other.data(), h.data(), other.data(), b.data());
    used.restart();
    for (int s = 0; s < 3; s++) {
        const auto y = gaussian(random);
        fresh.process(y.data(), h.data(), y.data(), a.data());
        used.process(y.data(), h.data(), y.data(), b.data());
        BOOST_TEST((a == b));
    }
}

BOOST_AUTO_TEST_CASE(without_pilots_data_pass_as_they_are)
{
    const carrier_plan plan(n, { -5, -4, -3, -2, 2, 3, 4, 5 }, {});
    std::mt19937 random(3);
    const auto y = gaussian(random);
    std::vector<complex> data(8);
    pilot_tracker(plan).process(y.data(), y.data(), y.data(), data.data());
    for (size_t i = 0; i < 8; i++)
        BOOST_TEST((data[i] == y[plan.data()[i]]));
}
