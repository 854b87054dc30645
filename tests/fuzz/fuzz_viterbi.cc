/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Any soft decisions to bits; and what was encoded comes back, with few errors in it.

#include "dsp/convolutional_code.h"
#include "require.h"
#include <fuzzer/FuzzedDataProvider.h>
#include <cmath>
#include <cstring>
#include <vector>

using namespace gr::aeiqa::dsp;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static convolutional_code code;
    FuzzedDataProvider in(data, size);
    const size_t n = in.ConsumeIntegralInRange<size_t>(0, 300);
    std::vector<float> soft(convolutional_code::coded_bits(n));
    if (in.ConsumeBool()) {
        for (auto& value : soft) {
            const auto bits = in.ConsumeIntegral<uint32_t>();
            std::memcpy(&value, &bits, sizeof value);
            if (!std::isfinite(value))
                value = 0.0f; // the caller's business
        }
        REQUIRE(code.decode(soft.data(), n).size() == n);
        return 0;
    }
    std::vector<uint8_t> bits(n);
    for (auto& bit : bits)
        bit = in.ConsumeIntegral<uint8_t>() & 1;
    const auto coded = code.encode(bits);
    REQUIRE(coded.size() == soft.size());
    for (size_t i = 0; i < coded.size(); i++)
        soft[i] = coded[i] ? -1.0f : 1.0f;
    // The free distance is 10: up to 4 wrong ones are always mended.
    for (int i = 0; i < 4; i++) {
        const size_t at = in.ConsumeIntegralInRange<size_t>(0, soft.size() - 1);
        soft[at] = coded[at] ? 1.0f : -1.0f;
    }
    REQUIRE(code.decode(soft.data(), n) == bits);
    return 0;
}
