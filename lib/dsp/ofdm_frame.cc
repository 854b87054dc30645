/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "frame_layout.h"
#include "ofdm_frame.h"
#include "scrambler.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

constexpr size_t header_bits = 8 * frame_header::bytes;

void check_count(const char* name, int value, int low, int high)
{
    if (value < low || value > high)
        throw std::invalid_argument(std::string(name) + " must be from " +
                                    std::to_string(low) + " to " + std::to_string(high) +
                                    ", got " + std::to_string(value));
}

} // namespace

ofdm_frame::ofdm_frame(carrier_plan plan,
                       int cp_len,
                       int training_symbols,
                       int payload_symbols)
    : d_plan(std::move(plan)),
      d_cp_len(cp_len),
      d_training(training_symbols),
      d_payload(payload_symbols)
{
    check_cp_len(cp_len, static_cast<int>(d_plan.fft_len()));
    check_count("training_symbols", training_symbols, 1, 16);
    check_count("payload_symbols", payload_symbols, 1, 4096);
    if (d_plan.is_full() || d_plan.pilots().empty())
        throw std::invalid_argument("pilot_carriers must lie on both sides of 0, got ()");

    // Every fourth carrier repeats with a quarter of the transform's length. The phases
    // rise with the square of the number (Newman), for a low peak.
    std::vector<size_t> fourth;
    for (const size_t k : d_plan.occupied())
        if (k % 4 == 0 && k != 0)
            fourth.push_back(k);
    if (fourth.size() < 2)
        throw std::invalid_argument(
            "data_carriers must hold at least two multiples of 4 besides 0");
    d_sync.assign(d_plan.fft_len(), 0.0f);
    const double n = static_cast<double>(fourth.size());
    const double amplitude = std::sqrt(static_cast<double>(d_plan.occupied().size()) / n);
    for (size_t i = 0; i < fourth.size(); i++)
        d_sync[fourth[i]] = std::complex<float>(
            std::polar(amplitude, M_PI * static_cast<double>(i * i) / n));

    const size_t width = d_plan.data().size();
    const size_t coded = convolutional_code::coded_bits(header_bits);
    d_header = (coded + width - 1) / width;
    const size_t step = 2 * width / 5;
    for (size_t i = 0; i < coded; i++) {
        const size_t symbol = i % d_header;
        d_place.push_back(symbol * width + (i / d_header + symbol * step) % width);
    }
    const auto bits = pseudo_random_bits(d_header * width);
    for (const uint8_t bit : bits)
        d_whitening.push_back(bit ? -1.0f : 1.0f);
}

const constellation& ofdm_frame::points(unsigned bits, bool gray) const
{
    const auto key = std::make_pair(bits, gray);
    const auto known = d_points.find(key);
    if (known != d_points.end())
        return known->second;
    return d_points
        .emplace(key, constellation(modulation_name(bits), gray ? "gray" : "natural"))
        .first->second;
}

std::vector<float> ofdm_frame::header_points(const frame_header& header) const
{
    const auto packed = header.pack();
    std::vector<uint8_t> bits;
    for (const uint8_t byte : packed)
        for (int i = 7; i >= 0; i--)
            bits.push_back(byte >> i & 1u);
    const auto coded = d_code.encode(bits);
    std::vector<float> result(d_whitening);
    for (size_t i = 0; i < coded.size(); i++)
        if (coded[i])
            result[d_place[i]] = -result[d_place[i]];
    return result;
}

std::optional<frame_header> ofdm_frame::read_header(const float* soft)
{
    std::vector<float> coded(d_place.size());
    for (size_t i = 0; i < coded.size(); i++)
        coded[i] = soft[d_place[i]] * d_whitening[d_place[i]];
    const auto bits = d_code.decode(coded.data(), header_bits);
    std::array<uint8_t, frame_header::bytes> packed{};
    for (size_t i = 0; i < header_bits; i++)
        packed[i / 8] = static_cast<uint8_t>(packed[i / 8] << 1 | bits[i]);
    const auto header = frame_header::unpack(packed);
    // A fragment begins where the one before it ends.
    if (!header || header->offset % payload_bytes(header->bits) != 0)
        return std::nullopt;
    return header;
}

void ofdm_frame::put_pilots(size_t symbol, std::complex<float>* carriers) const
{
    for (size_t m = 0; m < d_plan.pilots().size(); m++)
        carriers[d_plan.pilots()[m]] = d_plan.pilot(symbol, m);
}

void ofdm_frame::build(frame_header header,
                       const uint8_t* payload,
                       size_t n,
                       std::complex<float>* carriers) const
{
    const size_t fft_len = d_plan.fft_len();
    const auto& data = d_plan.data();
    std::fill(carriers, carriers + symbols() * fft_len, 0.0f);

    // The second carries on where the first has stopped: one long periodic signal.
    std::copy(d_sync.begin(), d_sync.end(), carriers);
    carriers += fft_len;
    for (size_t k = 0; k < fft_len; k++)
        carriers[k] =
            d_sync[k] * std::complex<float>(std::polar(
                            1.0, 2.0 * M_PI * (k * d_cp_len % fft_len) / fft_len));
    carriers += fft_len;
    for (size_t i = 0; i < d_training; i++, carriers += fft_len)
        std::copy(d_plan.training().begin(), d_plan.training().end(), carriers);

    header.payload_crc = crc32(payload, n);
    const auto signs = header_points(header);
    for (size_t s = 0; s < d_header; s++, carriers += fft_len) {
        for (size_t i = 0; i < data.size(); i++)
            carriers[data[i]] = signs[s * data.size() + i];
        put_pilots(s, carriers);
    }

    d_filled.assign(payload, payload + n);
    d_filled.resize(payload_bytes(header.bits), 0);
    scramble(d_filled.data(), d_filled.size(), d_scrambling);
    d_mapped.resize(d_payload * data.size());
    points(header.bits, header.gray)
        .map(d_filled.data(), d_filled.size(), d_mapped.data());
    for (size_t s = 0; s < d_payload; s++, carriers += fft_len) {
        for (size_t i = 0; i < data.size(); i++)
            carriers[data[i]] = d_mapped[s * data.size() + i];
        put_pilots(s, carriers);
    }
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
