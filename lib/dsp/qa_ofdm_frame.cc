/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE ofdm_frame
#include "ofdm_frame.h"
#include "scrambler.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <algorithm>
#include <functional>
#include <random>
#include <string>

using namespace gr::aeiqa::dsp;
namespace data = boost::unit_test::data;

static carrier_plan plan()
{
    const std::vector<int> pilots = { -21, -7, 7, 21 };
    std::vector<int> carriers;
    for (int k = -26; k <= 26; k++)
        if (k != 0 && std::find(pilots.begin(), pilots.end(), k) == pilots.end())
            carriers.push_back(k);
    return carrier_plan(64, carriers, pilots);
}

static ofdm_frame format(int payload = 16) { return ofdm_frame(plan(), 16, 2, payload); }

static frame_header header_of(const ofdm_frame& frame, unsigned bits, uint32_t frames)
{
    frame_header header;
    header.bits = bits;
    header.stream = 77;
    header.index = 123456;
    header.rows = header.cols = 100;
    header.channels = 3;
    header.offset = static_cast<uint32_t>(frames * frame.payload_bytes(bits));
    header.label = 4;
    return header;
}

BOOST_DATA_TEST_CASE(a_header_comes_back,
                     data::make({ 1u, 2u, 4u, 6u, 8u, 10u }) * data::make({ 0u, 1u, 3u }),
                     bits,
                     frames)
{
    auto frame = format();
    const auto header = header_of(frame, bits, frames);
    const auto soft = frame.header_points(header);
    BOOST_TEST(soft.size() == frame.header_symbols() * 48);
    const auto back = frame.read_header(soft.data());
    BOOST_REQUIRE(back);
    BOOST_TEST(back->pack() == header.pack(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_header_survives_a_lost_symbol_and_noise)
{
    auto frame = format();
    const auto header = header_of(frame, 2, 1);
    std::mt19937 random(1);
    std::normal_distribution<float> noise(0.0f, 0.5f);
    for (int trial = 0; trial < 50; trial++) {
        auto soft = frame.header_points(header);
        for (auto& value : soft)
            value += noise(random);
        for (size_t i = 0; i < 12; i++) // a quarter of a symbol in a fade
            soft[(trial * 7 + i) % soft.size()] = 0.0f;
        const auto back = frame.read_header(soft.data());
        BOOST_REQUIRE(back);
        BOOST_REQUIRE(back->pack() == header.pack());
    }
}

BOOST_AUTO_TEST_CASE(noise_is_no_header)
{
    auto frame = format();
    std::mt19937 random(2);
    std::normal_distribution<float> noise;
    std::vector<float> soft(frame.header_symbols() * 48);
    for (int trial = 0; trial < 2000; trial++) {
        for (auto& value : soft)
            value = noise(random);
        BOOST_REQUIRE(!frame.read_header(soft.data()));
    }
    for (const float value : { 0.0f, 1e30f, -1e30f }) {
        std::fill(soft.begin(), soft.end(), value);
        BOOST_TEST(!frame.read_header(soft.data()));
    }
}

BOOST_AUTO_TEST_CASE(an_offset_between_two_frames_is_refused)
{
    auto frame = format();
    auto header = header_of(frame, 2, 1);
    header.offset++;
    BOOST_TEST(!frame.read_header(frame.header_points(header).data()));
}

BOOST_DATA_TEST_CASE(a_frame_has_its_symbols_in_their_order,
                     data::make({ 1u, 2u, 4u, 6u, 8u, 10u }) * data::make({ 0, 1 }),
                     bits,
                     gray)
{
    const auto frame = format(4);
    auto header = header_of(frame, bits, 0);
    header.gray = gray;
    std::mt19937 random(bits);
    std::vector<uint8_t> payload(frame.payload_bytes(bits) - 5);
    for (auto& byte : payload)
        byte = static_cast<uint8_t>(random());
    std::vector<std::complex<float>> carriers(frame.symbols() * 64, { 7.0f, 7.0f });
    frame.build(header, payload.data(), payload.size(), carriers.data());

    // Two equal symbols but for a phase, which makes them one periodic signal.
    for (size_t k = 0; k < 64; k++) {
        BOOST_TEST(carriers[k] == frame.sync()[k]);
        BOOST_TEST(std::abs(carriers[64 + k]) == std::abs(carriers[k]),
                   boost::test_tools::tolerance(1e-5f));
        BOOST_TEST((std::abs(carriers[k]) > 0.0f) <= (k % 4 == 0));
    }
    for (size_t s = 2; s < 4; s++)
        for (size_t k = 0; k < 64; k++)
            BOOST_TEST(carriers[s * 64 + k] == frame.plan().training()[k]);

    // The header's points, with the payload's CRC in it.
    auto reader = format(4);
    std::vector<float> soft;
    const size_t first = 4, after = first + frame.header_symbols();
    for (size_t s = first; s < after; s++)
        for (const size_t k : frame.plan().data())
            soft.push_back(carriers[s * 64 + k].real());
    const auto back = reader.read_header(soft.data());
    BOOST_REQUIRE(back);
    BOOST_TEST(back->payload_crc == crc32(payload.data(), payload.size()));

    // The payload's points are the scrambled bytes', and 0 fills it up.
    std::vector<uint8_t> expected(payload), got(frame.payload_bytes(bits)), scrambling;
    expected.resize(got.size(), 0);
    std::vector<std::complex<float>> points;
    for (size_t s = after; s < frame.symbols(); s++)
        for (const size_t k : frame.plan().data())
            points.push_back(carriers[s * 64 + k]);
    std::vector<uint16_t> labels(points.size());
    constellation(modulation_name(bits), gray ? "gray" : "natural")
        .demap(points.data(), got.size(), got.data(), labels.data());
    scramble(got.data(), got.size(), scrambling);
    BOOST_TEST(got == expected, boost::test_tools::per_element());
}

static const std::vector<std::pair<std::string, std::function<void()>>> wrong = {
    { "training_symbols", [] { ofdm_frame(plan(), 16, 0, 16); } },
    { "training_symbols", [] { ofdm_frame(plan(), 16, 17, 16); } },
    { "payload_symbols", [] { ofdm_frame(plan(), 16, 1, 0); } },
    { "payload_symbols", [] { ofdm_frame(plan(), 16, 1, 4097); } },
    { "cp_len", [] { ofdm_frame(plan(), -1, 1, 16); } },
    { "cp_len", [] { ofdm_frame(plan(), 65, 1, 16); } },
    { "pilot_carriers", [] { ofdm_frame(carrier_plan(64), 16, 1, 16); } },
    { "data_carriers",
      [] {
          ofdm_frame(
              carrier_plan(64, { 1, 2, 3, 5, 6, 7, 9, 10 }, { -1, 11 }), 16, 1, 16);
      } },
};

BOOST_DATA_TEST_CASE(wrong_settings_are_named, data::xrange(wrong.size()), i)
{
    BOOST_CHECK_EXCEPTION(
        wrong[i].second(), std::invalid_argument, [&](const auto& error) {
            return std::string(error.what()).find(wrong[i].first) == 0;
        });
}
