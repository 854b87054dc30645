/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Any bytes as a frame's header, as they are and with a right CRC.

#include "dsp/frame_header.h"
#include "require.h"
#include <algorithm>
#include <array>

using namespace gr::aeiqa::dsp;

static void unpack(const std::array<uint8_t, frame_header::bytes>& packed)
{
    const auto header = frame_header::unpack(packed);
    if (!header)
        return;
    REQUIRE(!modulation_name(header->bits).empty());
    REQUIRE(header->copy < header->copies && header->copies <= 8);
    REQUIRE(header->image_bytes() <= uint64_t(1) << 30);
    REQUIRE(header->offset < header->image_bytes());
    REQUIRE(header->label >= -1 && header->label < 0xffff);
    REQUIRE(header->pack() == packed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    std::array<uint8_t, frame_header::bytes> packed{};
    std::copy_n(data, std::min(size, packed.size()), packed.begin());
    unpack(packed);
    const uint32_t crc = crc32(packed.data(), packed.size() - 4);
    for (unsigned i = 0; i < 4; i++)
        packed[packed.size() - 4 + i] = static_cast<uint8_t>(crc >> (24 - 8 * i));
    unpack(packed);
    return 0;
}
