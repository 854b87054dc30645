/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE header_receiver
#include "frame_test_signal.h"
#include "header_receiver.h"
#include <boost/test/unit_test.hpp>
#include <algorithm>
#include <limits>

using namespace gr::aeiqa::dsp;
using namespace gr::aeiqa::dsp::air_test;

namespace {

constexpr size_t silence = 700; // samples in front of a frame

const ofdm_frame& format()
{
    static const ofdm_frame frame(plan_of_802_11(), 16, 2, 8);
    return frame;
}

struct sent {
    frame_header header;
    signal samples;
};

// A frame between two silences, shifted in frequency, with noise all over.
sent frame_of(std::mt19937& random, double cfo, double noise, const signal& taps = { 1 })
{
    std::vector<uint8_t> payload(96);
    for (auto& byte : payload)
        byte = static_cast<uint8_t>(random());
    sent frame{ some_header(random, 2), signal(silence) };
    append(frame.samples, convolve(modulate(format(), frame.header, payload), taps));
    frame.header.payload_crc = crc32(payload.data(), payload.size()); // as was sent
    append(frame.samples, signal(silence));
    shift(cfo, 64, frame.samples);
    add_noise(random, noise, frame.samples);
    return frame;
}

// What is read at the first place where the detector sees a frame; empty if at none.
std::optional<header_receiver::result> read(const signal& samples)
{
    frame_detector detector(format());
    header_receiver receiver(format());
    detector.push(samples.data(), samples.size());
    const auto hit = detector.search(~uint64_t(0));
    return hit ? receiver.read(detector, *hit) : std::nullopt;
}

double omega_of(double cfo) { return 2.0 * M_PI * cfo / 64.0; }

} // namespace

BOOST_AUTO_TEST_CASE(without_noise_everything_is_exact)
{
    for (const double cfo : { 0.0, 0.3, -0.45, 1.7 }) {
        std::mt19937 random(1);
        const auto frame = frame_of(random, cfo, 0.0);
        const auto found = read(frame.samples);
        BOOST_REQUIRE(found.has_value());
        BOOST_TEST((found->header.pack() == frame.header.pack()));
        BOOST_TEST(std::abs(found->omega - omega_of(cfo)) < 2e-6);
        BOOST_TEST(std::abs(found->drift) < 1e-6);
        BOOST_TEST(found->snr_db > 50.0);
        BOOST_TEST(found->noisy.empty());
        BOOST_TEST(found->phase_gain < 0.05);
    }
}

// Training and header are handed on as so many training symbols: alike, and each what
// the transmitter's training is behind the channel.
BOOST_AUTO_TEST_CASE(known_symbols_are_training_behind_the_channel)
{
    std::mt19937 random(2);
    const auto frame = frame_of(random, 0.2, 0.0);
    const auto found = read(frame.samples);
    BOOST_REQUIRE(found.has_value());
    const size_t length = format().symbol_len(), cp_len = format().cp_len();
    const size_t symbols = format().training_symbols() + format().header_symbols();
    BOOST_REQUIRE_EQUAL(found->training.size(), symbols * length);
    unitary_dft dft(64, unitary_dft::direction::forward);
    std::vector<std::complex<float>> first(64), carriers(64);
    dft.transform(&found->training[cp_len], first.data());
    for (size_t s = 0; s < symbols; s++) {
        dft.transform(&found->training[s * length + cp_len], carriers.data());
        for (const size_t k : format().plan().occupied()) {
            BOOST_TEST(std::abs(carriers[k] - first[k]) < 0.02f);
            BOOST_TEST(std::abs(std::abs(carriers[k]) - 1.0f) < 0.02f);
        }
    }
}

// Es/N0 and frequency are right on average; the frequency scatters as phases known to
// within the noise of all carriers let it: the Cramer-Rao bound of a line through the
// phases of n symbols, each with variance 1 / (2 SNR carriers).
BOOST_AUTO_TEST_CASE(estimates_are_unbiased_and_near_the_bound)
{
    const size_t n = format().training_symbols() + format().header_symbols();
    const double carriers = static_cast<double>(format().plan().occupied().size());
    const double times = static_cast<double>(n * (n * n - 1)) / 12.0;
    for (const double snr_db : { 8.0, 15.0, 25.0 }) {
        std::mt19937 random(3);
        const double noise = std::pow(10.0, -snr_db / 10.0), cfo = 0.27;
        const double deviation = std::sqrt(noise / (2.0 * carriers * times)) /
                                 static_cast<double>(format().symbol_len());
        double bias = 0.0, square = 0.0, snr = 0.0;
        const int trials = 200;
        for (int i = 0; i < trials; i++) {
            const auto frame = frame_of(random, cfo, noise);
            const auto found = read(frame.samples);
            BOOST_REQUIRE(found.has_value());
            BOOST_TEST((found->header.pack() == frame.header.pack()));
            const double error = found->omega - omega_of(cfo);
            bias += error / trials;
            square += error * error / trials;
            snr += found->snr_db / trials;
        }
        BOOST_TEST_CONTEXT("at " << snr_db << " dB")
        {
            BOOST_TEST(std::abs(bias) < 5.0 * std::sqrt(square / trials));
            BOOST_TEST(std::sqrt(square) < 1.5 * deviation);
            BOOST_TEST(std::abs(snr - snr_db) < 0.3);
        }
    }
}

BOOST_AUTO_TEST_CASE(it_reads_through_channels_as_long_as_the_prefix)
{
    std::mt19937 random(4);
    int found_right = 0;
    for (int i = 0; i < 100; i++) {
        const auto frame = frame_of(random, 0.1, 0.01, random_taps(random, 8));
        const auto found = read(frame.samples);
        found_right += found && found->header.pack() == frame.header.pack();
        BOOST_TEST((!found || found->header.pack() == frame.header.pack()));
    }
    BOOST_TEST(found_right >= 95);
}

BOOST_AUTO_TEST_CASE(a_carrier_with_more_noise_is_named)
{
    std::mt19937 random(5);
    auto frame = frame_of(random, 0.0, 1e-3);
    const double omega = 2.0 * M_PI * 29.0 / 64.0; // carrier 29 is not used
    for (size_t i = 0; i < frame.samples.size(); i++)
        frame.samples[i] +=
            std::complex<float>(std::polar(0.1, omega * static_cast<double>(i)));
    const auto found = read(frame.samples);
    BOOST_REQUIRE(found.has_value());
    BOOST_REQUIRE(!found->noisy.empty());
    const auto off = [&](double f) {
        return std::abs(std::remainder(f - omega, 2 * M_PI));
    };
    double nearest = 4.0;
    for (const double f : found->noisy)
        nearest = std::min(nearest, off(f));
    BOOST_TEST(nearest < omega_of(0.5));
}

// Whatever comes, the header that was sent is read, or none.
BOOST_AUTO_TEST_CASE(no_wrong_header_is_read)
{
    std::mt19937 random(6);
    const size_t length = format().symbol_len();
    const size_t header = silence + (format().training_symbols() + 1) * length;
    int read_right = 0;
    for (int i = 0; i < 300; i++) {
        auto frame = frame_of(random, 0.1, i % 3 == 0 ? 4.0 : 0.01);
        if (i % 3 ==
            1) // the header's symbols are another frame's noise, in part or whole
            for (size_t n = 0; n < length * (1 + random() % format().header_symbols());
                 n++)
                frame.samples[header + n] =
                    frame.samples[random() % frame.samples.size()];
        if (i % 3 == 2) // and some are no numbers
            for (int n = 0; n < 200; n++)
                frame.samples[random() % frame.samples.size()] =
                    std::numeric_limits<float>::quiet_NaN();
        const auto found = read(frame.samples);
        BOOST_TEST((!found || found->header.pack() == frame.header.pack()));
        read_right += found.has_value();
    }
    BOOST_TEST(read_right < 250); // what was done to them did harm
}

BOOST_AUTO_TEST_CASE(noise_has_no_header)
{
    std::mt19937 random(7);
    header_receiver receiver(format());
    for (int i = 0; i < 300; i++) {
        signal samples(4000);
        add_noise(random, 1.0, samples);
        frame_detector detector(format());
        detector.push(samples.data(), samples.size());
        BOOST_TEST(!receiver.read(detector, { random() % 1000, 0.01 }).has_value());
    }
}
