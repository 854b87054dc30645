/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Any fragments, most of them nearly right; against a plain model of the images.

#include "dsp/image_assembler.h"
#include "dsp/scrambler.h"
#include "require.h"
#include <fuzzer/FuzzedDataProvider.h>
#include <algorithm>
#include <vector>

using namespace gr::aeiqa::dsp;

static constexpr uint64_t max_image_bytes = 4096;

static void check(const assembled_image& image)
{
    const uint64_t size = image.header.image_bytes();
    REQUIRE(size >= 1 && size <= max_image_bytes && image.frame_nbytes > 0);
    uint64_t covered = 0, end = 0;
    for (const auto& part : image.parts) {
        REQUIRE(part.offset % image.frame_nbytes == 0);
        REQUIRE(part.nbytes > 0 && part.offset >= end);
        REQUIRE(part.status != fragment_status::lost);
        end = part.offset + part.nbytes;
        covered += part.nbytes;
        // Bytes are those of their places, unless their CRC is wrong.
        if (part.status == fragment_status::ok)
            for (uint64_t i = 0; i < part.nbytes; i++)
                REQUIRE(image.bytes[covered - part.nbytes + i] ==
                        static_cast<uint8_t>(part.offset + i));
    }
    REQUIRE(end <= size && covered == image.bytes.size());
    REQUIRE(image.missing == size - covered);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static std::vector<uint8_t> scrambling;
    FuzzedDataProvider in(data, size);
    image_assembler assembler(max_image_bytes);
    uint64_t frames = 0;
    while (in.remaining_bytes() > 0 && frames < 24) {
        fragment what;
        frame_header& header = what.header;
        header.stream = in.ConsumeIntegralInRange<uint16_t>(0, 1);
        header.sequence = in.ConsumeIntegral<uint8_t>();
        header.index = in.ConsumeIntegralInRange<uint32_t>(0, 3);
        header.rows = 1;
        header.cols = in.ConsumeIntegralInRange<uint32_t>(1, 300);
        header.channels = 1;
        header.copies = in.ConsumeIntegralInRange(1u, 3u);
        header.copy = in.ConsumeIntegralInRange(0u, 2u);
        what.frame_nbytes = in.ConsumeIntegralInRange<uint64_t>(1, 64);
        const uint64_t at =
            in.ConsumeIntegralInRange<uint64_t>(0, 20) * what.frame_nbytes;
        header.offset = static_cast<uint32_t>(at);
        what.nbytes = at < header.cols
                          ? std::min<uint64_t>(what.frame_nbytes, header.cols - at)
                          : 1;
        if (in.ConsumeIntegralInRange(0, 15) == 0) // anything in one field
            switch (in.ConsumeIntegralInRange(0, 8)) {
            case 0:
                header.rows = in.ConsumeIntegral<uint32_t>();
                break;
            case 1:
                header.cols = in.ConsumeIntegral<uint32_t>();
                break;
            case 2:
                header.channels = in.ConsumeIntegral<uint32_t>();
                break;
            case 3:
                header.offset = in.ConsumeIntegral<uint32_t>();
                break;
            case 4:
                what.nbytes = in.ConsumeIntegral<uint64_t>();
                break;
            case 5:
                what.frame_nbytes = in.ConsumeIntegral<uint64_t>();
                break;
            case 6:
                header.copies = in.ConsumeIntegral<unsigned>();
                break;
            case 7:
                header.label = in.ConsumeIntegral<int>();
                break;
            default:
                header.bits = in.ConsumeIntegral<unsigned>();
            }
        std::vector<uint8_t> payload(std::min<uint64_t>(what.nbytes, 64));
        for (size_t i = 0; i < payload.size(); i++)
            payload[i] = static_cast<uint8_t>(header.offset + i);
        header.payload_crc = crc32(payload.data(), payload.size());
        scramble(payload.data(), payload.size(), scrambling);
        if (!payload.empty() && in.ConsumeIntegralInRange(0, 7) == 0)
            payload[in.ConsumeIntegralInRange<size_t>(0, payload.size() - 1)] ^= 1;
        payload.resize(std::min<size_t>(
            payload.size(), in.ConsumeBool() ? 64 : in.ConsumeIntegral<uint8_t>()));
        what.snr_db = in.ConsumeIntegral<uint8_t>();
        assembler.add(what, payload.data(), payload.size());
        if (in.ConsumeIntegralInRange(0, 31) == 0)
            assembler.restart();
        frames++;
        while (const auto image = assembler.next())
            check(*image);
    }
    assembler.finish();
    while (const auto image = assembler.next())
        check(*image);
    const auto& counters = assembler.counters();
    REQUIRE(counters.payloads_ok + counters.payloads_bad + counters.frames_refused ==
            frames);
    return 0;
}
