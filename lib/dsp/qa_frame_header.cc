/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE frame_header
#include "frame_header.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <random>
#include <string>

using namespace gr::aeiqa::dsp;
namespace data = boost::unit_test::data;
using packed_header = std::array<uint8_t, frame_header::bytes>;

static frame_header typical()
{
    frame_header header;
    header.bits = 4;
    header.gray = true;
    header.copy = 1;
    header.copies = 3;
    header.stream = 0x1234;
    header.sequence = 0xabcd;
    header.index = 0x01020304;
    header.rows = 28;
    header.cols = 30;
    header.channels = 3;
    header.offset = 768;
    header.label = 7;
    header.payload_crc = 0xdeadbeef;
    return header;
}

// Puts a right CRC on any bytes: CRC-32 of IEEE 802.3 bit by bit, apart from boost's.
static packed_header sealed(packed_header packed)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < packed.size() - 4; i++) {
        crc ^= packed[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0u);
    }
    crc = ~crc;
    for (int i = 0; i < 4; i++)
        packed[packed.size() - 4 + i] = static_cast<uint8_t>(crc >> (24 - 8 * i));
    return packed;
}

static bool equal(const frame_header& a, const frame_header& b)
{
    return a.bits == b.bits && a.gray == b.gray && a.columns == b.columns &&
           a.copy == b.copy && a.copies == b.copies && a.stream == b.stream &&
           a.sequence == b.sequence && a.index == b.index && a.rows == b.rows &&
           a.cols == b.cols && a.channels == b.channels && a.offset == b.offset &&
           a.label == b.label && a.payload_crc == b.payload_crc;
}

BOOST_AUTO_TEST_CASE(the_layout_is_the_documented_one)
{
    const packed_header expected = sealed(
        { 0x14, 0x8a, 0x12, 0x34, 0xab, 0xcd, 0x01, 0x02, 0x03, 0x04, 0x00, 0x1b, 0x00,
          0x1d, 0x02, 0x00, 0x00, 0x03, 0x00, 0x00, 0x07, 0xde, 0xad, 0xbe, 0xef });
    const auto packed = typical().pack();
    BOOST_TEST(packed == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_check_value_of_crc_32)
{
    const std::string digits = "123456789";
    BOOST_TEST(crc32(reinterpret_cast<const uint8_t*>(digits.data()), 9) == 0xcbf43926u);
    BOOST_TEST(crc32(nullptr, 0) == 0u);
}

BOOST_AUTO_TEST_CASE(random_headers_come_back)
{
    std::mt19937 random(1);
    const auto up_to = [&](uint32_t most) {
        return std::uniform_int_distribution<uint32_t>(0, most)(random);
    };
    const unsigned all_bits[] = { 1, 2, 4, 6, 8, 10 };
    for (int i = 0; i < 20000; i++) {
        frame_header header;
        header.bits = all_bits[up_to(5)];
        header.gray = up_to(1);
        header.columns = up_to(1);
        header.copies = 1 + up_to(7);
        header.copy = up_to(header.copies - 1);
        header.stream = static_cast<uint16_t>(up_to(0xffff));
        header.sequence = static_cast<uint16_t>(up_to(0xffff));
        header.index = up_to(0xffffffff);
        header.rows = 1 + up_to(i % 2 ? 0xffff : 100);
        header.cols = 1 + up_to(100);
        header.channels = 1 + up_to(100);
        header.offset = up_to(static_cast<uint32_t>(header.image_bytes()) - 1);
        header.label = static_cast<int>(up_to(0xffff)) - 1;
        header.payload_crc = up_to(0xffffffff);
        const auto back = frame_header::unpack(header.pack());
        BOOST_REQUIRE(back);
        BOOST_REQUIRE(equal(*back, header));
    }
}

BOOST_AUTO_TEST_CASE(any_wrong_bit_is_found)
{
    const auto packed = typical().pack();
    for (size_t bit = 0; bit < 8 * packed.size(); bit++) {
        auto wrong = packed;
        wrong[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
        BOOST_TEST(!frame_header::unpack(wrong));
    }
}

// With a right CRC: what an honest transmitter never sends, and a hostile one may.
BOOST_DATA_TEST_CASE(
    fields_that_cannot_be_are_refused,
    data::make({ 0, 0, 0, 0, 1, 15, 10 }) ^
        data::make({ 0x24, 0x13, 0x10, 0x1f, 0xff & (3 << 3 | 2), 0x01, 0xff }) ^
        data::make({ "another version",
                     "3 bits a point",
                     "0 bits a point",
                     "15 bits a point",
                     "copy 3 of 3",
                     "offset beyond the image",
                     "an image of more than 2^30 bytes" }),
    at,
    value,
    name)
{
    auto packed = typical().pack();
    BOOST_REQUIRE(frame_header::unpack(sealed(packed)));
    packed[at] = static_cast<uint8_t>(value);
    if (at == 10) // rows, and cols with them
        packed[11] = packed[12] = packed[13] = 0xff;
    BOOST_TEST(!frame_header::unpack(sealed(packed)), name);
}

BOOST_AUTO_TEST_CASE(whatever_has_a_right_crc_unpacks_to_what_packs_again)
{
    std::mt19937 random(2);
    size_t accepted = 0;
    for (int i = 0; i < 200000; i++) {
        packed_header packed{};
        for (auto& byte : packed)
            byte = static_cast<uint8_t>(random());
        packed[0] = static_cast<uint8_t>(0x10 | (packed[0] & 0xf));
        packed[15] = packed[10] = packed[12] = 0;
        packed = sealed(packed);
        const auto header = frame_header::unpack(packed);
        if (!header)
            continue;
        accepted++;
        BOOST_REQUIRE(header->offset < header->image_bytes());
        BOOST_REQUIRE(header->image_bytes() <= uint64_t(1) << 30);
        BOOST_REQUIRE(header->pack() == packed);
    }
    BOOST_TEST(accepted > 1000u);
}

BOOST_DATA_TEST_CASE(modulations_have_names, data::xrange(0u, 17u), bits)
{
    const bool is_one = bits == 1 || (bits >= 2 && bits <= 10 && bits % 2 == 0);
    BOOST_TEST(modulation_name(bits).empty() == !is_one);
}
