/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE burst_aligner
#include "burst_aligner.h"
#include "rng.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace gr::aeiqa::dsp;
using complex = std::complex<float>;
using verdict = training_fit::verdict;
namespace data = boost::unit_test::data;

static constexpr int n = 64, cp_len = 16, symbol_len = n + cp_len;
static const counter_rng random_numbers(7, rng_use::noise);

// Impulse responses as of an estimate: paths that fall off as exp(-l) from a tap on, and
// noise; the mean power of a carrier over that of its noise is as given.
static std::vector<complex> taps(uint64_t burst, int first, int paths, double snr_db)
{
    std::vector<complex> h(n);
    double sum = 0.0;
    for (int l = 0; l < paths; l++)
        sum += std::exp(-l);
    for (int l = 0; l < paths; l++)
        h[(first + l + n) % n] += static_cast<float>(std::sqrt(n * std::exp(-l) / sum)) *
                                  random_numbers.normal(burst, l);
    if (paths == 0)
        h[(first + n) % n] = static_cast<float>(std::sqrt(n));
    const float noise = static_cast<float>(std::pow(10.0, -snr_db / 20));
    for (int l = 0; l < n; l++)
        h[l] += noise * random_numbers.normal(burst, 100 + l);
    return h;
}

BOOST_DATA_TEST_CASE(bursts_on_time_are_never_taken_for_moved,
                     data::make({ -10.0, -5.0, 0.0, 10.0, 30.0, 300.0 }) *
                         data::make({ 0, 1, 8, 16 }),
                     snr_db,
                     paths)
{
    training_fit fit(n, cp_len);
    for (uint64_t burst = 0; burst < 20000; burst++) {
        const verdict found = fit.check(taps(burst, 0, paths, snr_db).data());
        BOOST_REQUIRE(found != verdict::moved && found != verdict::absent);
    }
}

BOOST_DATA_TEST_CASE(moved_bursts_are_told_with_their_offset,
                     data::make({ -20, -3, -1, 17, 30 }) *
                         data::make({ 3.0, 10.0, 30.0 }),
                     moved,
                     snr_db)
{
    training_fit fit(n, cp_len);
    for (uint64_t burst = 0; burst < 200; burst++) {
        BOOST_REQUIRE(fit.check(taps(burst, moved, 0, snr_db).data()) == verdict::moved);
        BOOST_REQUIRE_EQUAL(fit.offset(), moved);
    }
}

BOOST_AUTO_TEST_CASE(at_low_snr_32_bursts_tell)
{
    training_fit fit(n, cp_len);
    int told = 0;
    for (uint64_t burst = 0; burst < 320; burst++)
        told += fit.check(taps(burst, -3, 0, -5.0).data()) == verdict::moved &&
                fit.offset() == -3;
    BOOST_TEST(told >= 320 - 32);
}

BOOST_AUTO_TEST_CASE(noise_alone_is_told_after_96_bursts)
{
    training_fit fit(n, cp_len);
    for (uint64_t burst = 0; burst < 2000; burst++) {
        const verdict found = fit.check(taps(burst, 0, 1, -300.0).data());
        if (burst >= 95)
            BOOST_REQUIRE(found == verdict::absent);
    }
    // Training that comes back is seen at once, and at the least SNR soon.
    for (uint64_t burst = 0; burst < 320; burst++) {
        const verdict found = fit.check(taps(burst, 0, 0, -10.0).data());
        if (burst >= 160)
            BOOST_REQUIRE(found != verdict::absent);
    }
    const std::vector<complex> zeros(n), broken(n, NAN);
    BOOST_TEST((fit.check(zeros.data()) == verdict::absent));
    BOOST_TEST((fit.check(broken.data()) == verdict::absent));
}

// A burst of data symbols behind one of training, in noise, at a sample of a stream.
static std::vector<complex> stream_with_burst(int at, double snr_db, uint64_t burst)
{
    const int symbols = 6, length = 6 * symbol_len + symbols * symbol_len;
    std::vector<complex> samples(length);
    ofdm_modulator modulator(n, cp_len);
    std::vector<complex> carriers = carrier_plan(n).training();
    for (int s = 0; s < symbols; s++) {
        modulator.modulate(carriers.data(), samples.data() + at + s * symbol_len);
        for (int k = 0; k < n; k++) {
            const complex z = random_numbers.normal(burst, 1000 + s * n + k);
            carriers[k] = complex(z.real() < 0 ? -1 : 1, z.imag() < 0 ? -1 : 1) *
                          static_cast<float>(std::sqrt(0.5));
        }
    }
    const float noise = static_cast<float>(std::pow(10.0, -snr_db / 20));
    for (int i = 0; i < length; i++)
        samples[i] += noise * random_numbers.normal(burst, 5000 + i);
    return samples;
}

BOOST_DATA_TEST_CASE(bursts_are_found_within_a_symbol,
                     data::make({ -45, -33, -3, -1, 17, 40, 45 }) *
                         data::make({ 3.0, 20.0 }),
                     moved,
                     snr_db)
{
    burst_aligner aligner(n, cp_len);
    const int tag = static_cast<int>(aligner.reach());
    for (uint64_t burst = 0; burst < 20; burst++) {
        aligner.restart();
        const auto samples = stream_with_burst(tag + moved, snr_db, burst);
        const complex* at = samples.data() + tag;
        BOOST_REQUIRE(!aligner.check(at));
        BOOST_REQUIRE(aligner.search(at, aligner.reach() + symbol_len));
        BOOST_REQUIRE_EQUAL(aligner.path(), moved);
        BOOST_REQUIRE_EQUAL(aligner.offset(), moved - cp_len / 4);
        BOOST_REQUIRE(aligner.check(at)); // the next one at the same place
    }
}

BOOST_DATA_TEST_CASE(bursts_within_the_prefix_stay, data::make({ 0, 1, 7, 16 }), moved)
{
    burst_aligner aligner(n, cp_len);
    const int tag = static_cast<int>(aligner.reach());
    for (uint64_t burst = 0; burst < 200; burst++) {
        aligner.restart();
        const auto samples = stream_with_burst(tag + moved, 0.0, burst);
        if (!aligner.check(samples.data() + tag))
            BOOST_REQUIRE(
                !aligner.search(samples.data() + tag, aligner.reach() + symbol_len));
        BOOST_REQUIRE_EQUAL(aligner.offset(), 0);
    }
}

BOOST_AUTO_TEST_CASE(noise_moves_nothing)
{
    burst_aligner aligner(n, cp_len);
    const int tag = static_cast<int>(aligner.reach());
    for (uint64_t burst = 0; burst < 500; burst++) {
        const auto samples = stream_with_burst(tag, -20.0, burst);
        aligner.check(samples.data() + tag);
        aligner.search(samples.data() + tag, aligner.reach() + symbol_len);
        BOOST_REQUIRE_EQUAL(aligner.offset(), 0);
    }
}

BOOST_AUTO_TEST_CASE(a_drifting_clock_is_followed)
{
    burst_aligner aligner(n, cp_len);
    const int tag = static_cast<int>(aligner.reach());
    for (int moved = -3; moved > -40; moved--) {
        const auto samples = stream_with_burst(tag + moved, 20.0, 1);
        if (!aligner.check(samples.data() + tag))
            aligner.search(samples.data() + tag, aligner.reach() + symbol_len);
        // The path stays within the prefix, with room in front.
        BOOST_REQUIRE(aligner.offset() <= moved - cp_len / 8);
        BOOST_REQUIRE(aligner.offset() >= moved - cp_len);
    }
}

BOOST_AUTO_TEST_CASE(a_short_prefix_tells_nothing)
{
    BOOST_TEST(!burst_aligner(64, 3).is_possible());
    BOOST_TEST(burst_aligner(64, 4).is_possible());
    BOOST_TEST(!burst_aligner(64, 60).is_possible());
}
