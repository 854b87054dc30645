/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE synchronizer
#include "air_test_signal.h"
#include "synchronizer.h"
#include <boost/test/unit_test.hpp>
#include <algorithm>

using namespace gr::aeiqa::dsp;
using namespace gr::aeiqa::dsp::air_test;

namespace {

struct run {
    std::vector<found_frame> frames;
    uint64_t right, wrong, cut, bad;
};

run receive(const air_frame& format, const signal& samples, size_t piece = 8192)
{
    synchronizer sync(format);
    run result;
    for (size_t done = 0; done < samples.size(); done += piece) {
        sync.push(&samples[done], std::min(piece, samples.size() - done));
        while (auto frame = sync.next())
            result.frames.push_back(std::move(*frame));
    }
    result.right = sync.headers_right();
    result.wrong = sync.headers_wrong();
    result.cut = sync.cut();
    result.bad = sync.bad_samples();
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
    const air_frame format(plan_of_802_11(), 16, 2, 8);
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
    BOOST_TEST(got.right == 300u);
    BOOST_TEST(got.wrong == 0u);
    BOOST_TEST(got.cut == 0u);
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

// The channel as the mean over all known symbols: the first payload symbol must be what
// it says, but for its own noise and a twelfth of that.
BOOST_AUTO_TEST_CASE(training_and_header_tell_the_channel_where_the_payload_begins)
{
    std::mt19937 random(3);
    const air_frame format(plan_of_802_11(), 16, 2, 1);
    const auto& plan = format.plan();
    const size_t known = format.training_symbols() + format.header_symbols();
    constexpr double noise = 0.01;
    signal stream, sent(format.symbols() * 64);
    std::vector<signal> payloads;
    for (int i = 0; i < 300; i++) {
        const auto header = some_header(random, 2);
        const auto payload = random_payload(random, 12);
        format.build(header, payload.data(), payload.size(), sent.data());
        payloads.emplace_back(sent.end() - 64, sent.end());
        auto frame = convolve(modulate(format, header, payload), random_taps(random, 3));
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
    BOOST_TEST(error > 1.0 + 0.5 / 12.0);
    BOOST_TEST(error < 1.0 + 3.0 / 12.0);
}

BOOST_AUTO_TEST_CASE(headers_at_5_db)
{
    std::mt19937 random(2);
    const air_frame format(plan_of_802_11(), 16, 2, 4);
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
    BOOST_TEST_MESSAGE("right " << got.right << " wrong " << got.wrong);
    BOOST_TEST(got.right >= 990u);
}
