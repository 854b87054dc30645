/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "constellation.h"
#include "simd.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

unsigned bits_of(const std::string& modulation)
{
    static const std::pair<const char*, unsigned> known[] = {
        { "bpsk", 1 },  { "qpsk", 2 },   { "qam16", 4 },
        { "qam64", 6 }, { "qam256", 8 }, { "qam1024", 10 },
    };
    for (const auto& [name, bits] : known)
        if (modulation == name)
            return bits;
    throw std::invalid_argument("modulation must be bpsk, qpsk, qam16, qam64, qam256 or "
                                "qam1024, got '" +
                                modulation + "'");
}

bool is_gray(const std::string& labels)
{
    if (labels != "gray" && labels != "natural")
        throw std::invalid_argument("labels must be gray or natural, got '" + labels +
                                    "'");
    return labels == "gray";
}

unsigned gray_decode(unsigned code)
{
    unsigned level = code;
    while (code >>= 1)
        level ^= code;
    return level;
}

// The points of each byte from a table; their number is fixed so that copying them is one
// move.
template <size_t per_byte>
void look_up(const std::complex<float>* table,
             const uint8_t* bytes,
             size_t nbytes,
             std::complex<float>* symbols)
{
    for (size_t i = 0; i < nbytes; i++)
        std::memcpy(static_cast<void*>(symbols + i * per_byte),
                    table + bytes[i] * per_byte,
                    per_byte * sizeof(*symbols));
}

// Level index 0 ... levels - 1 of a coordinate.
inline int32_t level_of(float x, float inverse_spacing, float levels)
{
    const float t = x * inverse_spacing + 0.5f * levels;
    // Written so that NaN falls to 0 before the cast.
    const float low = t > 0.0f ? t : 0.0f;
    return static_cast<int32_t>(low < levels - 1.0f ? low : levels - 1.0f);
}

AEIQA_SIMD void slice(const float* __restrict xy,
                      size_t n,
                      float inverse_spacing,
                      float levels,
                      int32_t* __restrict index)
{
    for (size_t i = 0; i < n; i++)
        index[i] = level_of(xy[i], inverse_spacing, levels);
}

// 16-QAM, the link's commonest modulation: four coordinates to a byte, without labels in
// between. gray_shift is 1, or 31 for natural labels.
AEIQA_SIMD void demap_qam16(const float* __restrict xy,
                            size_t nbytes,
                            float inverse_spacing,
                            int gray_shift,
                            uint8_t* __restrict bytes)
{
    for (size_t i = 0; i < nbytes; i++) {
        int32_t byte = 0;
#pragma GCC unroll 4
        for (size_t k = 0; k < 4; k++) {
            const int32_t level = level_of(xy[4 * i + k], inverse_spacing, 4.0f);
            byte = (byte << 2) | (level ^ (level >> gray_shift));
        }
        bytes[i] = static_cast<uint8_t>(byte);
    }
}

AEIQA_SIMD void join_gray(const int32_t* __restrict index,
                          size_t n,
                          unsigned half,
                          uint16_t* __restrict labels)
{
    for (size_t i = 0; i < n; i++) {
        const int32_t a = index[2 * i], b = index[2 * i + 1];
        labels[i] = static_cast<uint16_t>(((a ^ (a >> 1)) << half) | (b ^ (b >> 1)));
    }
}

AEIQA_SIMD void join_natural(const int32_t* __restrict index,
                             size_t n,
                             unsigned half,
                             uint16_t* __restrict labels)
{
    for (size_t i = 0; i < n; i++)
        labels[i] = static_cast<uint16_t>((index[2 * i] << half) | index[2 * i + 1]);
}

} // namespace

constellation::constellation(const std::string& modulation, const std::string& labels)
    : d_shape(shape::square), d_gray(is_gray(labels)), d_bits(bits_of(modulation))
{
    if (d_bits == 1)
        d_shape = shape::bpsk;
    else if (d_bits == 2 && !d_gray)
        d_shape = shape::clockwise_qpsk;

    d_points.resize(order());
    if (d_shape == shape::bpsk) {
        d_points = { { 1.0f, 0.0f }, { -1.0f, 0.0f } };
    } else if (d_shape == shape::clockwise_qpsk) {
        const float a = std::sqrt(0.5f);
        d_points = { { a, -a }, { -a, -a }, { -a, a }, { a, a } };
    } else {
        const unsigned half = d_bits / 2;
        d_levels = 1u << half;
        // Unit mean energy: E|s|^2 = spacing^2 (M - 1) / 6.
        d_spacing = static_cast<float>(std::sqrt(6.0 / (order() - 1.0)));
        for (unsigned label = 0; label < order(); label++) {
            unsigned i = label >> half, q = label & (d_levels - 1);
            if (d_gray) {
                i = gray_decode(i);
                q = gray_decode(q);
            }
            const float middle = 0.5f * (d_levels - 1);
            d_points[label] = { (i - middle) * d_spacing, (q - middle) * d_spacing };
        }
    }
    fill_byte_table();
    fill_rivals();
}

void constellation::fill_rivals()
{
    if (d_shape != shape::square)
        return;
    const unsigned half = d_bits / 2;
    std::vector<unsigned> label(d_levels);
    std::vector<float> place(d_levels);
    for (unsigned value = 0; value < d_levels; value++) {
        const unsigned level = d_gray ? gray_decode(value) : value;
        label[level] = value;
        place[level] = d_points[value].imag();
    }
    for (unsigned level = 0; level < d_levels; level++)
        for (unsigned bit = 0; bit < half; bit++) {
            const auto differs = [&, mask = 1u << (half - 1 - bit)](unsigned other) {
                return ((label[other] ^ label[level]) & mask) != 0;
            };
            rivals r{ -infinity, -infinity, infinity, infinity, 0.0f };
            for (unsigned other = 0; other < d_levels; other++) {
                if (!differs(other))
                    continue;
                const float difference = place[other] - place[level];
                const float sum = place[other] + place[level];
                if (other < level) {
                    r.low_difference = difference;
                    r.low_sum = sum;
                } else if (r.high_sum == infinity) {
                    r.high_difference = difference;
                    r.high_sum = sum;
                }
            }
            r.sign = (label[level] >> (half - 1 - bit)) & 1 ? 1.0f : -1.0f;
            d_rivals.push_back(r);
        }
}

void constellation::fill_byte_table()
{
    if (8 % d_bits != 0)
        return;
    for (unsigned byte = 0; byte < 256; byte++)
        for (int shift = 8 - d_bits; shift >= 0; shift -= d_bits)
            d_byte_table.push_back(d_points[(byte >> shift) & (order() - 1)]);
}

void constellation::map(const uint8_t* bytes,
                        size_t nbytes,
                        std::complex<float>* symbols) const
{
    switch (d_bits) {
    case 1:
        return look_up<8>(d_byte_table.data(), bytes, nbytes, symbols);
    case 2:
        return look_up<4>(d_byte_table.data(), bytes, nbytes, symbols);
    case 4:
        return look_up<2>(d_byte_table.data(), bytes, nbytes, symbols);
    case 8:
        return look_up<1>(d_byte_table.data(), bytes, nbytes, symbols);
    }
    uint32_t reservoir = 0;
    unsigned held = 0;
    for (size_t i = 0; i < nbytes; i++) {
        reservoir = (reservoir << 8) | bytes[i];
        held += 8;
        while (held >= d_bits) {
            held -= d_bits;
            *symbols++ = d_points[(reservoir >> held) & (order() - 1)];
        }
    }
    if (held > 0)
        *symbols = d_points[(reservoir << (d_bits - held)) & (order() - 1)];
}

void constellation::decide_square(const float* xy, size_t n, uint16_t* labels) const
{
    constexpr size_t piece = 256;
    alignas(64) int32_t index[2 * piece];
    const unsigned half = d_bits / 2;
    for (size_t done = 0; done < n; done += piece) {
        const size_t count = std::min(piece, n - done);
        slice(xy + 2 * done,
              2 * count,
              1.0f / d_spacing,
              static_cast<float>(d_levels),
              index);
        if (d_gray)
            join_gray(index, count, half, labels + done);
        else
            join_natural(index, count, half, labels + done);
    }
}

void constellation::decide(const std::complex<float>* symbols,
                           size_t n,
                           uint16_t* labels) const
{
    switch (d_shape) {
    case shape::bpsk:
        for (size_t i = 0; i < n; i++)
            labels[i] = symbols[i].real() < 0.0f;
        break;
    case shape::clockwise_qpsk:
        // Quadrants from +1-j clockwise: 0, 1, 2, 3.
        for (size_t i = 0; i < n; i++) {
            const bool left = symbols[i].real()<0.0f, up = symbols[i].imag()> 0.0f;
            labels[i] = static_cast<uint16_t>(up ? 3 - left : left);
        }
        break;
    case shape::square:
        decide_square(reinterpret_cast<const float*>(symbols), n, labels);
        break;
    }
}

void constellation::demap(const std::complex<float>* symbols,
                          size_t nbytes,
                          uint8_t* bytes,
                          uint16_t* scratch) const
{
    if (d_bits == 4)
        return demap_qam16(reinterpret_cast<const float*>(symbols),
                           nbytes,
                           1.0f / d_spacing,
                           d_gray ? 1 : 31,
                           bytes);
    decide(symbols, symbols_for(nbytes), scratch);
    uint32_t reservoir = 0;
    unsigned held = 0;
    for (size_t i = 0; i < nbytes; i++) {
        for (; held < 8; held += d_bits)
            reservoir = (reservoir << d_bits) | *scratch++;
        held -= 8;
        bytes[i] = static_cast<uint8_t>(reservoir >> held);
    }
}

// |x - b|^2 - |x - a|^2 = (b - a) (b + a - 2 x) is what a rival level b costs beyond the
// nearest level a.
void constellation::soft_axis(float x, float noise_variance, float* llr) const
{
    const unsigned half = d_bits / 2;
    const auto level = static_cast<unsigned>(
        level_of(x, 1.0f / d_spacing, static_cast<float>(d_levels)));
    for (unsigned bit = 0; bit < half; bit++) {
        const rivals& r = d_rivals[level * half + bit];
        const float low = r.low_difference * (r.low_sum - 2.0f * x);
        const float high = r.high_difference * (r.high_sum - 2.0f * x);
        llr[bit] = r.sign * std::min(low, high) / noise_variance;
    }
}

void constellation::soft_exhaustive(std::complex<float> y,
                                    float noise_variance,
                                    float* llr) const
{
    for (unsigned bit = 0; bit < d_bits; bit++) {
        float nearest[2] = { infinity, infinity }; // squared distance, by the bit
        for (unsigned label = 0; label < order(); label++) {
            float& best = nearest[(label >> (d_bits - 1 - bit)) & 1];
            best = std::min(best, std::norm(y - d_points[label]));
        }
        llr[bit] = (nearest[0] - nearest[1]) / noise_variance;
    }
}

void constellation::soft(const std::complex<float>* symbols,
                         const float* noise_variance,
                         size_t n,
                         float* llr) const
{
    for (size_t i = 0; i < n; i++, llr += d_bits) {
        if (d_shape != shape::square) {
            soft_exhaustive(symbols[i], noise_variance[i], llr);
            continue;
        }
        soft_axis(symbols[i].real(), noise_variance[i], llr);
        soft_axis(symbols[i].imag(), noise_variance[i], llr + d_bits / 2);
    }
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
