/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE frame_detector
#include "frame_detector.h"
#include "frame_test_signal.h"
#include <boost/test/unit_test.hpp>
#include <algorithm>

using namespace gr::aeiqa::dsp;
using namespace gr::aeiqa::dsp::air_test;

namespace {

const ofdm_frame& format()
{
    static const ofdm_frame frame(plan_of_802_11(), 16, 2, 8);
    return frame;
}

signal frame_of(std::mt19937& random)
{
    std::vector<uint8_t> payload(96);
    for (auto& byte : payload)
        byte = static_cast<uint8_t>(random());
    return modulate(format(), some_header(random, 2), payload);
}

void add_tone(double carrier, double power, signal& x)
{
    for (size_t n = 0; n < x.size(); n++)
        x[n] += std::complex<float>(std::polar(
            std::sqrt(power), 2 * M_PI * carrier / 64 * static_cast<double>(n)));
}

// Segment by segment, as the synchroniser does.
std::vector<frame_detector::hit> search(frame_detector& detector, const signal& x)
{
    std::vector<frame_detector::hit> hits;
    const auto all = [&] {
        while (const auto hit = detector.search(~uint64_t(0))) {
            hits.push_back(*hit);
            detector.go_on_at(hit->training);
        }
    };
    for (size_t done = 0; done < x.size();) {
        const size_t rest = detector.until_segment_end();
        const size_t n = std::min(rest, x.size() - done);
        detector.push(&x[done], n);
        done += n;
        all();
        if (n < rest)
            break;
        const auto again = detector.end_segment();
        if (again) {
            detector.go_back_to(*again);
            hits.clear();
        }
        all();
    }
    return hits;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_tone_alone_is_no_frame)
{
    for (const double carrier : { 0.0, 4.0, 10.3, 26.5, -31.7 })
        for (const double noise : { 0.0, 1e-3, 0.1, 1.0 }) {
            std::mt19937 random(1);
            signal x(50000);
            add_noise(random, noise, x);
            add_tone(carrier, 1.0, x);
            frame_detector detector(format());
            BOOST_TEST_CONTEXT("tone at " << carrier << ", noise " << noise)
            {
                BOOST_TEST(search(detector, x).empty());
                BOOST_TEST(detector.tone_samples() > 48000u);
                BOOST_TEST(std::abs(detector.mean_power() / (1.0 + noise) - 1.0) < 0.05);
            }
        }
}

BOOST_AUTO_TEST_CASE(a_frame_under_a_stronger_tone_is_found_where_it_is)
{
    for (const double carrier : { 0.0, 10.3, 26.5, 30.2 })
        for (const double power : { 0.01, 0.1, 1.0, 5.0 }) {
            std::mt19937 random(2);
            signal x(3333);
            append(x, frame_of(random));
            x.resize(7000);
            shift(0.4, 64, x);
            add_tone(carrier, power, x);
            add_noise(random, 1e-3, x);
            frame_detector detector(format());
            const auto hits = search(detector, x);
            BOOST_REQUIRE(hits.size() == 1u);
            // A quarter of the prefix early.
            BOOST_TEST(hits[0].training == 3333u + 160 + 16 - 4);
            BOOST_TEST(std::abs(hits[0].omega * 64 / (2 * M_PI) - 0.4) < 0.01);
        }
}

BOOST_AUTO_TEST_CASE(tones_are_subtracted_from_what_is_handed_out)
{
    std::mt19937 random(3);
    signal clean(8192);
    add_noise(random, 1e-3, clean);
    auto x = clean;
    add_tone(5.25, 1.0, x);
    frame_detector detector(format());
    search(detector, x);
    signal got(2000);
    detector.derotated(5000, got.size(), 5000, 0.0, got.data());
    double rest = 0;
    for (size_t i = 0; i < got.size(); i++)
        rest += std::norm(got[i] - clean[5000 + i]) / static_cast<double>(got.size());
    BOOST_TEST(rest < 1e-5);
    BOOST_TEST(detector.remove_tones(4500, 8000, {}));
    detector.derotated(5000, got.size(), 5000, 0.0, got.data());
    double later = 0;
    for (size_t i = 0; i < got.size(); i++)
        later += std::norm(got[i] - clean[5000 + i]) / static_cast<double>(got.size());
    BOOST_TEST(later < 0.6 * rest);
}

BOOST_AUTO_TEST_CASE(without_tones_nothing_is_touched)
{
    std::mt19937 random(4);
    signal x;
    for (int i = 0; i < 20; i++) {
        append(x, signal(random() % 700));
        append(x, convolve(frame_of(random), random_taps(random, 4)));
    }
    add_noise(random, 1e-2, x);
    frame_detector detector(format());
    search(detector, x);
    BOOST_TEST(detector.tone_samples() == 0u);
    const size_t first = x.size() - 500;
    signal got(500);
    detector.derotated(first, 500, first, 0.0, got.data());
    BOOST_TEST(std::equal(got.begin(), got.end(), x.begin() + static_cast<long>(first)));
}

BOOST_AUTO_TEST_CASE(an_inverted_spectrum_is_noticed)
{
    std::mt19937 random(5);
    for (const bool inverted : { false, true }) {
        signal x(500);
        for (int i = 0; i < 5; i++) {
            append(x, frame_of(random));
            append(x, signal(300));
        }
        shift(0.7, 64, x);
        add_noise(random, 1e-2, x);
        if (inverted)
            for (auto& sample : x)
                sample = std::conj(sample);
        frame_detector detector(format());
        const auto hits = search(detector, x);
        BOOST_TEST(hits.size() == (inverted ? 0u : 5u));
        BOOST_TEST(detector.frames_inverted() == (inverted ? 5u : 0u));
    }
}

BOOST_AUTO_TEST_CASE(segments_louder_than_the_quietest_are_counted)
{
    std::mt19937 random(6);
    signal x(102400);
    add_noise(random, 1e-2, x);
    signal burst(20480);
    add_noise(random, 1.0, burst);
    std::transform(burst.begin(),
                   burst.end(),
                   x.begin() + 51200,
                   x.begin() + 51200,
                   std::plus<std::complex<float>>());
    frame_detector detector(format());
    search(detector, x);
    BOOST_TEST(detector.loud_samples() >= 20480u);
    BOOST_TEST(detector.loud_samples() <= 20480u + 1024);
    BOOST_TEST(std::abs(detector.mean_power() / 0.21 - 1.0) < 0.05);
}
