/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE phase_tracker
#include "phase_tracker.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>

using namespace gr::aeiqa::dsp;
using complex = std::complex<float>;
namespace data = boost::unit_test::data;

static const std::vector<int> pilots = { -21, -7, 7, 21 };

BOOST_DATA_TEST_CASE(the_derotator_turns_back,
                     data::make({ -26, -3, 0, 5 }) * data::make({ 1, 2, 7, 53 }) *
                         data::make({ 0.0, 1.0, -3.0 }) * data::make({ 0.0, 0.1, -0.7 }),
                     first,
                     count,
                     phase,
                     slope)
{
    derotator d(first, first + count - 1);
    d.set(phase, slope);
    for (int k = first; k < first + count; k++)
        BOOST_TEST(std::abs(d.at(k) - complex(std::polar(1.0, -phase - slope * k))) <
                   1e-6);
}

// What was received of the pilots, less what the tracker expects.
static std::vector<complex> rest(const phase_tracker& tracker,
                                 double phase,
                                 double slope,
                                 std::mt19937* noise,
                                 double power)
{
    std::normal_distribution<double> normal(0.0, std::sqrt(power / 2));
    std::vector<complex> z;
    for (const int k : pilots) {
        std::complex<double> y =
            std::polar(1.0, phase - tracker.phase() + (slope - tracker.slope()) * k);
        if (noise)
            y += std::complex<double>(normal(*noise), normal(*noise));
        z.emplace_back(y);
    }
    return z;
}

// An alpha-beta filter follows a line without a lasting error.
BOOST_DATA_TEST_CASE(phases_and_slopes_that_rise_evenly_are_met,
                     data::make({ -0.05, 0.0, 0.02 }) * data::make({ -1e-4, 0.0, 5e-5 }),
                     phase_rate,
                     slope_rate)
{
    phase_tracker tracker;
    tracker.restart(12.0);
    for (int s = 1; s <= 400; s++) {
        tracker.predict();
        const auto z = rest(tracker, phase_rate * s, slope_rate * s, nullptr, 0.0);
        tracker.update(z.data(), pilots.data(), z.size());
    }
    BOOST_TEST(std::abs(tracker.phase() - phase_rate * 400) < 1e-3);
    BOOST_TEST(std::abs(tracker.slope() - slope_rate * 400) < 1e-4);
}

BOOST_AUTO_TEST_CASE(a_known_drift_is_expected_from_the_start)
{
    phase_tracker tracker;
    tracker.restart(12.0, 3e-4);
    for (int s = 1; s <= 10; s++) {
        tracker.predict();
        BOOST_TEST(std::abs(tracker.slope() - 3e-4 * s) < 1e-12);
        BOOST_TEST(tracker.phase() == 0.0);
    }
}

// Over noise alone the phase settles below the error of one symbol's pilots, N0 / (2 n).
BOOST_AUTO_TEST_CASE(noise_is_averaged)
{
    const double power = 0.1;
    std::mt19937 random(1);
    phase_tracker tracker;
    tracker.restart(12.0);
    double squares = 0;
    const int symbols = 4000;
    for (int s = 0; s < symbols; s++) {
        tracker.predict();
        const auto z = rest(tracker, 0.0, 0.0, &random, power);
        tracker.update(z.data(), pilots.data(), z.size());
        squares += tracker.phase() * tracker.phase() / symbols;
    }
    BOOST_TEST(squares < 0.3 * power / (2 * pilots.size()));
    BOOST_TEST(squares > 0.0);
}

BOOST_AUTO_TEST_CASE(silence_changes_nothing)
{
    phase_tracker tracker;
    tracker.restart(12.0, 1e-3);
    tracker.predict();
    const double slope = tracker.slope();
    const std::vector<complex> nothing(4), nan(4, complex(NAN, NAN));
    tracker.update(nothing.data(), pilots.data(), 4);
    tracker.update(nan.data(), pilots.data(), 4);
    BOOST_TEST(tracker.phase() == 0.0);
    BOOST_TEST(tracker.slope() == slope);
}

BOOST_AUTO_TEST_CASE(a_gain_of_1_follows_a_random_phase_at_once)
{
    std::mt19937 random(2);
    std::normal_distribution<double> step(0.0, 0.3);
    phase_tracker tracker;
    tracker.restart(12.0, 0.0, 1.0);
    double phase = 0;
    for (int s = 0; s < 100; s++) {
        phase += step(random);
        tracker.predict();
        const auto z = rest(tracker, phase, 0.0, nullptr, 0.0);
        tracker.update(z.data(), pilots.data(), z.size());
        if (s > 12) // before that the start is trusted
            BOOST_TEST(std::abs(std::remainder(tracker.phase() - phase, 2 * M_PI)) <
                       1e-3);
    }
}
