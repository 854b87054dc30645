/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE synchronizer
#include "frame_test_signal.h"
#include "impairments.h"
#include "synchronizer.h"
#include <boost/test/unit_test.hpp>
#include <algorithm>

using namespace gr::aeiqa::dsp;
using namespace gr::aeiqa::dsp::air_test;

namespace {

struct run {
    std::vector<found_frame> frames;
    gr::aeiqa::receiver_counters counters;
};

run receive(const ofdm_frame& format, const signal& samples, size_t piece = 8192)
{
    synchronizer sync(format);
    run result;
    for (size_t done = 0; done < samples.size(); done += piece) {
        sync.push(&samples[done], std::min(piece, samples.size() - done));
        while (auto frame = sync.next())
            result.frames.push_back(std::move(*frame));
    }
    result.counters = sync.counters();
    return result;
}

std::vector<uint8_t> random_payload(std::mt19937& random, size_t n)
{
    std::vector<uint8_t> payload(n);
    for (auto& byte : payload)
        byte = static_cast<uint8_t>(random());
    return payload;
}

} // namespace

BOOST_AUTO_TEST_CASE(frames_are_found_wherever_they_are)
{
    std::mt19937 random(1);
    const ofdm_frame format(plan_of_802_11(), 16, 2, 8);
    signal stream;
    std::vector<size_t> starts;
    std::vector<double> offsets;
    for (int i = 0; i < 300; i++) {
        auto frame = modulate(format, some_header(random, 2), random_payload(random, 96));
        frame = convolve(frame, random_taps(random, 4));
        const double cfo = -1.5 + 3.0 * (random() % 1000) / 999.0;
        shift(cfo, 64, frame);
        append(stream, signal(random() % 500));
        starts.push_back(stream.size());
        offsets.push_back(cfo);
        append(stream, frame);
    }
    append(stream, signal(80));
    add_noise(random, 0.01, stream);
    for (auto& x : stream)
        x *= 1e-3f;
    const auto got = receive(format, stream);
    BOOST_TEST(got.counters.headers_ok == 300u);
    BOOST_TEST(got.counters.headers_bad == 0u);
    BOOST_TEST(got.counters.frames_cut == 0u);
    BOOST_REQUIRE(got.frames.size() == 300u);
    double worst = 0, worst_snr = 0;
    for (size_t i = 0; i < 300; i++) {
        BOOST_TEST(std::abs(static_cast<double>(got.frames[i].start) -
                            static_cast<double>(starts[i])) <= 8.0);
        worst_snr = std::max(worst_snr, std::abs(got.frames[i].snr_db - 20));
        worst = std::max(worst, std::abs(got.frames[i].cfo - offsets[i]));
    }
    BOOST_TEST_MESSAGE("worst frequency error " << worst << " carriers");
    BOOST_TEST_MESSAGE("worst SNR error " << worst_snr << " dB");
    BOOST_TEST(worst < 2e-3);
    BOOST_TEST(worst_snr < 3.0);
}

namespace {

// What 300 frames' first payload symbols differ from what the channel, as the mean over
// all known symbols, makes of those sent: power over that of the noise.
template <typename Taps>
double payload_error(const Taps& taps, double noise)
{
    std::mt19937 random(3);
    const ofdm_frame format(plan_of_802_11(), 16, 2, 1);
    const auto& plan = format.plan();
    const size_t known = format.training_symbols() + format.header_symbols();
    signal stream, sent(format.symbols() * 64);
    std::vector<signal> payloads;
    for (int i = 0; i < 300; i++) {
        const auto header = some_header(random, 2);
        const auto payload = random_payload(random, 12);
        format.build(header, payload.data(), payload.size(), sent.data());
        payloads.emplace_back(sent.end() - 64, sent.end());
        // Behind it a like symbol, in place of the next frame.
        auto frame = modulate(format, header, payload);
        append(frame, signal(frame.end() - 80, frame.end()));
        frame = convolve(frame, taps(random));
        shift(-1.5 + 3.0 * (random() % 1000) / 999.0, 64, frame);
        append(stream, signal(200));
        append(stream, frame);
    }
    append(stream, signal(80));
    add_noise(random, noise, stream);
    const auto got = receive(format, stream);
    BOOST_REQUIRE(got.frames.size() == 300u);
    ofdm_demodulator demodulator(64, 16);
    signal carriers(64);
    double error = 0;
    for (size_t f = 0; f < 300; f++) {
        BOOST_TEST(got.frames[f].known_symbols == known);
        const auto& samples = got.frames[f].samples;
        BOOST_REQUIRE(samples.size() == (known + 1) * 80);
        signal response(64);
        for (size_t s = 0; s < known; s++) {
            demodulator.demodulate(&samples[s * 80], carriers.data());
            for (const size_t k : plan.occupied())
                response[k] +=
                    carriers[k] / plan.training()[k] / static_cast<float>(known);
        }
        demodulator.demodulate(&samples[known * 80], carriers.data());
        for (const size_t k : plan.occupied())
            error += std::norm(carriers[k] - response[k] * payloads[f][k]);
    }
    error /= 300.0 * static_cast<double>(plan.occupied().size()) * noise;
    BOOST_TEST_MESSAGE("error over noise " << error);
    return error;
}

} // namespace

// The noise of the payload symbol itself, and a twelfth of that.
BOOST_AUTO_TEST_CASE(training_and_header_tell_the_channel_where_the_payload_begins)
{
    const double error =
        payload_error([](std::mt19937& random) { return random_taps(random, 3); }, 0.01);
    BOOST_TEST(error > 1.0 + 0.5 / 12.0);
    BOOST_TEST(error < 1.0 + 2.0 / 12.0);
}

// A path too weak to count as the first still has to come within the prefix: a transform
// that begins behind it would see the next symbol, 25 dB above this noise.
BOOST_AUTO_TEST_CASE(a_weak_path_before_the_others_does_no_harm)
{
    const double error = payload_error(
        [](std::mt19937&) {
            return signal{ 0.35f, 0.0f, 0.0f, 0.93f };
        },
        1e-5);
    BOOST_TEST(error < 2.0);
}

// At 40 dB the fit over 12 symbols is good for about a part in a million.
BOOST_AUTO_TEST_CASE(the_sampling_clocks_drift_is_measured)
{
    const ofdm_frame format(plan_of_802_11(), 16, 2, 4);
    for (const double ppm : { -50.0, 0.0, 20.0 }) {
        std::mt19937 random(4);
        signal stream;
        for (int i = 0; i < 100; i++) {
            const auto frame =
                modulate(format, some_header(random, 2), random_payload(random, 48));
            append(stream, convolve(frame, random_taps(random, 4)));
            append(stream, signal(300));
        }
        impairments::settings radios;
        radios.sampling_offset = ppm * 1e-6;
        impairments resampler(radios);
        resampler.push(stream.data(), stream.size());
        signal resampled(stream.size() + stream.size() / 1000);
        resampled.resize(resampler.pull(resampled.data(), resampled.size()));
        add_noise(random, 1e-4, resampled);
        const auto got = receive(format, resampled);
        BOOST_TEST(got.frames.size() >= 99u);
        double mean = 0, square = 0;
        // A fast clock sees everything later and later.
        const double expected = -ppm * 1e-6 * 80 * 2 * M_PI / 64;
        for (const auto& frame : got.frames) {
            mean += frame.drift / static_cast<double>(got.frames.size());
            square += std::norm(frame.drift - expected);
        }
        const double ppm_of_drift = 1e-6 * 80 * 2 * M_PI / 64;
        const double rms =
            std::sqrt(square / static_cast<double>(got.frames.size())) / ppm_of_drift;
        BOOST_TEST_MESSAGE(ppm << " ppm: mean error " << (mean - expected) / ppm_of_drift
                               << " ppm, rms " << rms << " ppm");
        BOOST_TEST(std::abs(mean - expected) < 0.5 * ppm_of_drift);
        BOOST_TEST(rms < 2.0);
    }
}

// An oscillator of linewidth 1e-5 moves the phase by 0.07 radians from symbol to symbol,
// 40 times the variance that four pilots have at 30 dB.
BOOST_AUTO_TEST_CASE(pilots_are_followed_as_the_oscillator_needs)
{
    const ofdm_frame format(plan_of_802_11(), 16, 2, 4);
    for (const double linewidth : { 0.0, 1e-5 }) {
        std::mt19937 random(5);
        signal stream;
        for (int i = 0; i < 100; i++) {
            append(stream,
                   modulate(format, some_header(random, 2), random_payload(random, 48)));
            append(stream, signal(300));
        }
        impairments::settings radios;
        radios.phase_noise = linewidth;
        impairments oscillator(radios);
        oscillator.push(stream.data(), stream.size());
        BOOST_REQUIRE(oscillator.pull(stream.data(), stream.size()) == stream.size());
        add_noise(random, 1e-3, stream);
        const auto got = receive(format, stream);
        BOOST_REQUIRE(got.frames.size() == 100u);
        double mean = 0;
        for (const auto& frame : got.frames)
            mean += frame.phase_gain / 100;
        BOOST_TEST_MESSAGE("linewidth " << linewidth << ": gain " << mean);
        if (linewidth > 0.0)
            BOOST_TEST(mean > 0.8);
        else
            BOOST_TEST(mean < 0.05);
    }
}

BOOST_AUTO_TEST_CASE(headers_at_5_db)
{
    std::mt19937 random(2);
    const ofdm_frame format(plan_of_802_11(), 16, 2, 4);
    signal stream;
    for (int i = 0; i < 1000; i++) {
        auto frame = modulate(format, some_header(random, 2), random_payload(random, 48));
        frame = convolve(frame, random_taps(random, 4));
        shift(-1.5 + 3.0 * (random() % 1000) / 999.0, 64, frame);
        append(stream, signal(random() % 200));
        append(stream, frame);
    }
    append(stream, signal(80));
    add_noise(random, std::pow(10, -.5), stream);
    const auto got = receive(format, stream);
    BOOST_TEST_MESSAGE("headers_ok " << got.counters.headers_ok << " headers_bad "
                                     << got.counters.headers_bad);
    BOOST_TEST(got.counters.headers_ok >= 990u);
}

namespace {

// Frames as long as the usual ones, with or without pauses.
signal some_frames(const ofdm_frame& format, size_t n, size_t longest_pause)
{
    std::mt19937 random(6);
    signal stream;
    for (size_t i = 0; i < n; i++) {
        append(stream, signal(longest_pause > 0 ? random() % longest_pause : 0));
        append(stream,
               modulate(format, some_header(random, 2), random_payload(random, 792)));
    }
    append(stream, signal(160));
    shift(0.3, 64, stream);
    add_noise(random, 1e-3, stream);
    return stream;
}

void add_tone(double carrier, double power, signal& x)
{
    for (size_t n = 0; n < x.size(); n++)
        x[n] += std::complex<float>(std::polar(
            std::sqrt(power), 2 * M_PI * carrier / 64 * static_cast<double>(n)));
}

} // namespace

// A tone on one carrier has 64 times its power, so that 20 dB below the signal it already
// is half as strong as what a carrier holds. After 6240 samples 2 / 6240 of the signal's
// power stays on one carrier, 64 times that.
BOOST_AUTO_TEST_CASE(frames_come_without_the_tone_that_they_came_with)
{
    const ofdm_frame format(plan_of_802_11(), 16, 2, 66);
    for (const size_t pause : { 0, 300, 2000 }) {
        const auto clean = some_frames(format, 20, pause);
        const auto expected = receive(format, clean);
        BOOST_REQUIRE(expected.frames.size() == 20u);
        for (const double carrier : { 0.0, 10.0, -26.5, 26.5, 30.2 })
            for (const double level_db : { -30.0, -20.0, -10.0, 0.0 }) {
                auto stream = clean;
                add_tone(carrier, std::pow(10, level_db / 10) * 52 / 64, stream);
                const auto got = receive(format, stream);
                BOOST_TEST_CONTEXT("tone at " << carrier << " of " << level_db
                                              << " dB, pauses to " << pause)
                {
                    BOOST_TEST(got.counters.headers_ok == 20u);
                    BOOST_TEST(got.counters.headers_bad == 0u);
                    BOOST_REQUIRE(got.frames.size() == 20u);
                }
                ofdm_demodulator demodulator(64, 16);
                signal with(64), without(64);
                double worst = 0;
                const size_t known = format.training_symbols() + format.header_symbols();
                for (size_t f = 0; f < 20; f++) {
                    std::vector<double> error(64);
                    for (size_t s = known; s < known + 66; s++) {
                        demodulator.demodulate(&got.frames[f].samples[s * 80],
                                               with.data());
                        demodulator.demodulate(&expected.frames[f].samples[s * 80],
                                               without.data());
                        for (const size_t k : format.plan().occupied())
                            error[k] += std::norm(with[k] - without[k]) / 66;
                    }
                    worst =
                        std::max(worst, *std::max_element(error.begin(), error.end()));
                }
                BOOST_TEST_CONTEXT("tone at " << carrier << " of " << level_db
                                              << " dB, pauses to " << pause)
                BOOST_TEST(worst < 0.2);
            }
    }
}

BOOST_AUTO_TEST_CASE(pieces_make_no_difference_with_a_tone_either)
{
    const ofdm_frame format(plan_of_802_11(), 16, 2, 66);
    auto stream = some_frames(format, 8, 700);
    add_tone(26.2, 0.1, stream);
    const auto expected = receive(format, stream);
    BOOST_TEST(expected.counters.headers_ok == 8u);
    for (const size_t piece : { 1, 79, 1000, 100000 }) {
        const auto got = receive(format, stream, piece);
        BOOST_REQUIRE(got.frames.size() == expected.frames.size());
        BOOST_TEST(got.counters.headers_bad == expected.counters.headers_bad);
        for (size_t f = 0; f < got.frames.size(); f++)
            BOOST_TEST((got.frames[f].samples == expected.frames[f].samples));
    }
}
