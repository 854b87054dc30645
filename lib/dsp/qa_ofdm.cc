/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE ofdm
#include "frame_layout.h"
#include "ofdm.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace gr::aeiqa::dsp;
using complex = std::complex<float>;

static std::vector<complex> random_carriers(size_t n)
{
    std::mt19937 random(static_cast<unsigned>(n));
    std::normal_distribution<float> normal;
    std::vector<complex> x(n);
    for (auto& value : x)
        value = { normal(random), normal(random) };
    return x;
}

BOOST_DATA_TEST_CASE(modulation_is_the_unitary_inverse_dft,
                     boost::unit_test::data::make({ 8, 24, 64, 96, 256 }),
                     n)
{
    const int cp_len = n / 4;
    const auto x = random_carriers(n);
    std::vector<complex> samples(n + cp_len), again(n);
    ofdm_modulator(n, cp_len).modulate(x.data(), samples.data());
    for (int t = 0; t < n + cp_len; t++) {
        std::complex<double> sum = 0;
        for (int k = 0; k < n; k++)
            sum += std::complex<double>(x[k]) *
                   std::polar(1.0, 2 * M_PI * k * (t - cp_len) / n);
        BOOST_REQUIRE(std::abs(sum / std::sqrt(n) - std::complex<double>(samples[t])) <
                      1e-5);
    }
    ofdm_demodulator(n, cp_len).demodulate(samples.data(), again.data());
    for (int k = 0; k < n; k++)
        BOOST_REQUIRE(std::abs(again[k] - x[k]) < 1e-5);
}

BOOST_AUTO_TEST_CASE(a_plan_rounds_alike_every_time)
{
    const auto x = random_carriers(512);
    std::vector<complex> a(512), b(512);
    unitary_dft(512, unitary_dft::direction::forward).transform(x.data(), a.data());
    unitary_dft(512, unitary_dft::direction::forward).transform(x.data(), b.data());
    BOOST_TEST((a == b));
}

BOOST_AUTO_TEST_CASE(transforms_alike_do_not_disturb_each_other)
{
    const auto x = random_carriers(256);
    const auto forward = unitary_dft::direction::forward;
    std::vector<complex> expected(256);
    unitary_dft(256, forward).transform(x.data(), expected.data());
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++)
        threads.emplace_back([&] {
            std::vector<complex> result(256);
            for (int round = 0; round < 50; round++) {
                unitary_dft first(256, forward);
                {
                    unitary_dft second(256, forward);
                    second.transform(expected.data(), result.data());
                }
                first.transform(x.data(), result.data());
                wrong += result != expected;
            }
        });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(what_others_have_measured_changes_nothing)
{
    for (const int n : { 64, 128, 256, 512, 1024, 2048 }) {
        const auto x = random_carriers(n);
        std::vector<complex> before(n), after(n), work(n);
        for (const auto way :
             { unitary_dft::direction::forward, unitary_dft::direction::inverse }) {
            unitary_dft(n, way).transform(x.data(), before.data());
            auto data = reinterpret_cast<fftwf_complex*>(work.data());
            const int sign =
                way == unitary_dft::direction::forward ? FFTW_FORWARD : FFTW_BACKWARD;
            // As GNU Radio's FFT blocks do, and out of place as ours.
            std::vector<complex> other(n);
            fftwf_destroy_plan(
                fftwf_plan_dft_1d(n,
                                  data,
                                  reinterpret_cast<fftwf_complex*>(other.data()),
                                  sign,
                                  FFTW_PATIENT));
            unitary_dft(n, way).transform(x.data(), after.data());
            BOOST_TEST((before == after));
        }
    }
    // It is put back: planning again finds what was measured.
    char* wisdom = fftwf_export_wisdom_to_string();
    BOOST_TEST(std::string(wisdom).size() > 100u);
    std::free(wisdom);
}

BOOST_AUTO_TEST_CASE(lengths_are_checked)
{
    for (const int bad : { -8, 0, 4, 63, 65, 8200 })
        BOOST_CHECK_THROW(ofdm_modulator(bad, 0), std::invalid_argument);
    BOOST_CHECK_THROW(ofdm_modulator(64, -1), std::invalid_argument);
    BOOST_CHECK_THROW(ofdm_demodulator(64, 65), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(training_has_unit_carriers_and_constant_envelope)
{
    const auto x = training_symbol(64);
    std::vector<complex> samples(64);
    ofdm_modulator(64, 0).modulate(x.data(), samples.data());
    for (int k = 0; k < 64; k++) {
        BOOST_TEST(std::abs(std::abs(x[k]) - 1) < 1e-6);
        BOOST_TEST(std::abs(std::abs(samples[k]) - 1) < 1e-5);
    }
}

BOOST_AUTO_TEST_CASE(layout_of_training)
{
    const frame_layout once(2, 0), often(1, 3);
    BOOST_TEST((once.is_training(0) && once.is_training(1) && !once.is_training(2)));
    BOOST_TEST((!once.ends_training(0) && once.ends_training(1)));
    BOOST_TEST(once.burst_symbols(10) == 12u);
    // T D D D T D D D T D
    for (uint64_t i = 0; i < 10; i++)
        BOOST_TEST(often.is_training(i) == (i % 4 == 0));
    BOOST_TEST(often.burst_symbols(7) == 10u);
    BOOST_TEST(often.burst_symbols(6) == 8u); // no training after the last data
    BOOST_CHECK_THROW(frame_layout(-1, 0), std::invalid_argument);
    BOOST_CHECK_THROW(frame_layout(0, 3), std::invalid_argument);
}
