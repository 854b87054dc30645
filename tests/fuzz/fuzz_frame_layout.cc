/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Any counts of training and data symbols.

#include "dsp/frame_layout.h"
#include "require.h"
#include <fuzzer/FuzzedDataProvider.h>
#include <optional>
#include <stdexcept>

using namespace gr::aeiqa::dsp;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    FuzzedDataProvider in(data, size);
    const int training = in.ConsumeIntegral<int>(), period = in.ConsumeIntegral<int>();
    std::optional<frame_layout> layout;
    try {
        layout.emplace(training, period);
    } catch (const std::invalid_argument&) {
        REQUIRE(training < 0 || period < 0 || (period > 0 && training == 0));
        return 0;
    }
    const uint64_t index = in.ConsumeIntegral<uint64_t>();
    const uint64_t count = in.ConsumeIntegral<uint64_t>();
    const auto burst =
        static_cast<unsigned __int128>(count) +
        (period > 0 ? (static_cast<unsigned __int128>(count) + period - 1) /
                          static_cast<unsigned>(period)
                    : 1) *
            static_cast<unsigned>(training);
    const unsigned __int128 most = UINT64_MAX;
    REQUIRE(layout->burst_symbols(count) ==
            static_cast<uint64_t>(burst < most ? burst : most));
    if (layout->ends_training(index) && training > 0)
        REQUIRE(layout->is_training(index));
    if (index > 0 && layout->is_training(index) && !layout->ends_training(index))
        REQUIRE(index == UINT64_MAX || layout->is_training(index + 1));
    try {
        check_fft_len(training);
        check_cp_len(period, training);
        REQUIRE(training_symbol(static_cast<size_t>(training)).size() ==
                static_cast<size_t>(training));
    } catch (const std::invalid_argument&) {
    }
    return 0;
}
