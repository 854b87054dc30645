/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Any samples, with frames of any header and payload among them, in any pieces.

#include "dsp/ofdm.h"
#include "dsp/synchronizer.h"
#include "require.h"
#include <fuzzer/FuzzedDataProvider.h>
#include <cmath>
#include <cstring>
#include <vector>

using namespace gr::aeiqa::dsp;
using sample = std::complex<float>;

static const ofdm_frame& format()
{
    static const ofdm_frame frame = [] {
        const std::vector<int> pilots = { -10, -3, 3, 10 };
        std::vector<int> carriers;
        for (int k = -14; k <= 14; k++)
            if (k != 0 && k != -10 && k != -3 && k != 3 && k != 10)
                carriers.push_back(k);
        return ofdm_frame(carrier_plan(32, carriers, pilots), 8, 1, 2);
    }();
    return frame;
}

// Planning takes longer than a run: the plans of all transforms stay.
static void keep_plans()
{
    static const synchronizer kept(format());
    static const unitary_dft dfts[] = { { 64, unitary_dft::direction::forward },
                                        { 128, unitary_dft::direction::forward },
                                        { 256, unitary_dft::direction::forward },
                                        { 512, unitary_dft::direction::forward },
                                        { 1024, unitary_dft::direction::forward },
                                        { 2048, unitary_dft::direction::forward } };
}

static float any_float(FuzzedDataProvider& in)
{
    const auto bits = in.ConsumeIntegral<uint32_t>();
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

static void add_frame(FuzzedDataProvider& in, std::vector<sample>& samples)
{
    frame_header header;
    static const unsigned all[] = { 1, 2, 4, 6, 8, 10 };
    header.bits = in.PickValueInArray(all);
    header.copies = 1 + in.ConsumeIntegralInRange(0u, 7u);
    header.copy = in.ConsumeIntegralInRange(0u, header.copies - 1);
    header.index = in.ConsumeIntegral<uint32_t>();
    header.rows = 1 + in.ConsumeIntegral<uint16_t>();
    header.cols = 1 + in.ConsumeIntegral<uint8_t>();
    header.channels = 1 + in.ConsumeIntegral<uint8_t>();
    const size_t capacity = format().payload_bytes(header.bits);
    header.offset = in.ConsumeIntegral<uint16_t>() * static_cast<uint32_t>(capacity);
    const auto payload = in.ConsumeBytes<uint8_t>(capacity);
    static std::vector<sample> carriers(format().symbols() * 32), symbol(40);
    static ofdm_modulator modulator(32, 8);
    format().build(header, payload.data(), payload.size(), carriers.data());
    const float gain = std::ldexp(1.0f, in.ConsumeIntegralInRange(-20, 20));
    const float turn = in.ConsumeFloatingPointInRange(-1.0f, 1.0f);
    const sample step = std::polar(1.0f, turn);
    sample scale = std::polar(gain, turn * static_cast<float>(samples.size()));
    const size_t left_out = in.ConsumeIntegralInRange<size_t>(0, format().symbols());
    for (size_t s = 0; s < format().symbols() - left_out; s++) {
        modulator.modulate(carriers.data() + s * 32, symbol.data());
        for (const auto& value : symbol) {
            samples.push_back(value * scale);
            scale *= step;
        }
    }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    keep_plans();
    FuzzedDataProvider in(data, size);
    synchronizer sync(format());
    std::vector<sample> samples;
    while (in.remaining_bytes() > 0 && samples.size() < 1200) {
        switch (in.ConsumeIntegralInRange(0, 3)) {
        case 0:
            add_frame(in, samples);
            break;
        case 1:
            samples.resize(samples.size() + in.ConsumeIntegral<uint8_t>());
            break;
        case 2:
            samples.emplace_back(any_float(in), any_float(in));
            break;
        default:
            for (int i = in.ConsumeIntegralInRange(0, 64); i > 0; i--)
                samples.emplace_back(in.ConsumeIntegral<int8_t>(),
                                     in.ConsumeIntegral<int8_t>());
        }
    }
    uint64_t found = 0;
    for (size_t at = 0; at < samples.size();) {
        const size_t n = std::min<size_t>(samples.size() - at, 1 + at % 1000);
        sync.push(samples.data() + at, n);
        at += n;
        while (const auto frame = sync.next()) {
            found++;
            REQUIRE(frame->start < samples.size());
            REQUIRE(frame->received_bytes <= frame->payload_bytes);
            REQUIRE(frame->header.offset < frame->header.image_bytes());
            REQUIRE(frame->samples.size() % format().symbol_len() == 0);
            REQUIRE(std::isfinite(frame->cfo) && !std::isnan(frame->snr_db));
            for (const auto& value : frame->samples)
                REQUIRE(std::isfinite(value.real()) && std::isfinite(value.imag()));
        }
    }
    REQUIRE(found <= sync.counters().headers_ok);
    return 0;
}
