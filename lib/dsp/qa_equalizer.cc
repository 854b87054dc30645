/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE equalizer
#include "constellation.h"
#include "equalizer.h"
#include "rng.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>

using namespace gr::aeiqa::dsp;
using complex = std::complex<float>;
using kind = equalizer::kind;
namespace data = boost::unit_test::data;

namespace gr::aeiqa::dsp { // where Boost.Test looks for it
static std::ostream& operator<<(std::ostream& out, kind k)
{
    return out << (k == kind::zf ? "zf" : "mmse");
}
} // namespace gr::aeiqa::dsp

static constexpr int n = 64;
static const auto both = data::make({ kind::zf, kind::mmse });

// CN(0, variance).
static std::vector<complex> gaussian(rng_use use, uint64_t image, double variance)
{
    const counter_rng rng(1, use);
    std::vector<complex> z(n);
    for (int k = 0; k < n; k++)
        z[k] = static_cast<float>(std::sqrt(variance)) * rng.normal(image, k);
    return z;
}

BOOST_DATA_TEST_CASE(points_return_to_their_places,
                     both* data::make({ 0.0, 1e-3, 1.0, 100.0 }),
                     which,
                     noise)
{
    const auto h = gaussian(rng_use::fading, 0, 1.0);
    const auto sent = gaussian(rng_use::noise, 0, 1.0);
    std::vector<complex> y(n), x(n);
    for (int k = 0; k < n; k++)
        y[k] = h[k] * sent[k];
    equalizer e(n, which);
    e.set_response(h.data(), noise);
    e.equalize(y.data(), x.data());
    for (int k = 0; k < n; k++)
        BOOST_TEST(std::abs(x[k] - sent[k]) < 1e-5);
}

// The noise behind the equaliser has the variance that error_variance() gives.
BOOST_DATA_TEST_CASE(error_variance_is_that_of_the_noise, both, which)
{
    const double noise = 0.3;
    const auto h = gaussian(rng_use::fading, 0, 1.0);
    equalizer e(n, which);
    e.set_response(h.data(), noise);
    std::vector<double> power(n);
    const int trials = 4000;
    std::vector<complex> x(n);
    for (int i = 0; i < trials; i++) {
        e.equalize(gaussian(rng_use::noise, i, noise).data(), x.data());
        for (int k = 0; k < n; k++)
            power[k] += std::norm(x[k]) / trials;
    }
    for (int k = 0; k < n; k++) // a mean of exponential variables
        BOOST_TEST(std::abs(power[k] / e.error_variance()[k] - 1) <
                   4.5 / std::sqrt(trials));
}

BOOST_DATA_TEST_CASE(a_dead_carrier_is_erased, both, which)
{
    std::vector<complex> h(n, complex(0.0f, 2.0f)), y(n, complex(0.0f, 4.0f)), x(n);
    h[3] = 0.0f;
    h[4] = std::nanf("");
    equalizer e(n, which);
    e.set_response(h.data(), 0.5);
    e.equalize(y.data(), x.data());
    BOOST_TEST(std::abs(x[0] - 2.0f) < 1e-6);
    BOOST_TEST(e.error_variance()[0] == 0.125f);
    for (const int k : { 3, 4 }) {
        BOOST_TEST((x[k] == 0.0f)); // nothing came, nothing is made up
        BOOST_TEST(std::isinf(e.error_variance()[k]));
    }
}

struct bit_errors {
    double zf = 0, mmse = 0, biased = 0;
    double differing = 0; // bits that the two kinds of MMSE decide differently
};

// Over Rayleigh fading, known at the receiver; `biased` decides H* y / (|H|^2 + N0).
static bit_errors count(const std::string& modulation, double snr_db, int symbols)
{
    const constellation points(modulation, "gray");
    const double noise = std::pow(10, -snr_db / 10);
    std::mt19937 random(7);
    equalizer zf(n, kind::zf), mmse(n, kind::mmse);
    std::vector<complex> y(n), x(n);
    std::vector<uint16_t> sent(n), decided(n), unbiased(n);
    const auto differing = [](const auto& a, const auto& b) {
        int bits = 0;
        for (int k = 0; k < n; k++)
            bits += __builtin_popcount(a[k] ^ b[k]);
        return bits;
    };
    bit_errors errors;
    for (int i = 0; i < symbols; i++) {
        const auto h = gaussian(rng_use::fading, i, 1.0);
        const auto w = gaussian(rng_use::noise, i, noise);
        for (int k = 0; k < n; k++) {
            sent[k] = static_cast<uint16_t>(random() % points.order());
            y[k] = h[k] * points.points()[sent[k]] + w[k];
        }
        zf.set_response(h.data(), noise);
        zf.equalize(y.data(), x.data());
        points.decide(x.data(), n, decided.data());
        errors.zf += differing(decided, sent);

        mmse.set_response(h.data(), noise);
        mmse.equalize(y.data(), x.data());
        points.decide(x.data(), n, unbiased.data());
        errors.mmse += differing(unbiased, sent);

        for (int k = 0; k < n; k++)
            x[k] = std::conj(h[k]) * y[k] / (std::norm(h[k]) + static_cast<float>(noise));
        points.decide(x.data(), n, decided.data());
        errors.biased += differing(decided, sent);
        errors.differing += differing(decided, unbiased);
    }
    return errors;
}

BOOST_DATA_TEST_CASE(unbiased_mmse_errs_no_more_than_zero_forcing,
                     data::make({ "qam16", "qam64", "qam256" }) ^
                         data::make({ 15.0, 20.0, 25.0 }),
                     modulation,
                     snr_db)
{
    const auto errors = count(modulation, snr_db, 3000);
    BOOST_TEST_MESSAGE(modulation << " at " << snr_db << " dB, bit errors: zf "
                                  << errors.zf << ", mmse " << errors.mmse
                                  << ", biased mmse " << errors.biased);
    // Same noise and fading, so that rounding at a threshold alone may tell them apart.
    BOOST_TEST(std::abs(errors.mmse - errors.zf) <= 3);
    // Of the bits decided differently each is wrong once: a sign test of the two.
    BOOST_TEST(errors.biased - errors.mmse > 5 * std::sqrt(errors.differing));
}

BOOST_DATA_TEST_CASE(phases_are_decided_alike, data::make({ "bpsk", "qpsk" }), modulation)
{
    const auto errors = count(modulation, 5.0, 1000);
    BOOST_TEST(errors.zf > 0);
    BOOST_TEST(errors.mmse == errors.zf);
    BOOST_TEST(errors.biased == errors.zf);
}

BOOST_AUTO_TEST_CASE(names)
{
    BOOST_CHECK(equalizer::parse_kind("zf") == kind::zf);
    BOOST_CHECK(equalizer::parse_kind("mmse") == kind::mmse);
    BOOST_CHECK_THROW(equalizer::parse_kind("ml"), std::invalid_argument);
}
