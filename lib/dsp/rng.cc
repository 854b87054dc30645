/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "rng.h"
#include "simd.h"
#include <algorithm>
#include <cmath>
#include <cstring>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

using words = std::array<uint32_t, 4>;

inline uint32_t rotate_left(uint32_t x, int n) { return (x << n) | (x >> (32 - n)); }

// One evaluation, in registers. Unrolled, so that a loop over counters vectorises around
// it.
inline words
threefry(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3, const words& key)
{
    constexpr int turns[8][2] = { { 10, 26 }, { 11, 21 }, { 13, 27 }, { 23, 5 },
                                  { 6, 20 },  { 17, 11 }, { 25, 10 }, { 18, 20 } };
    constexpr uint32_t parity = 0x1BD11BDAu; // of the Skein key schedule
    const uint32_t k[5] = {
        key[0], key[1], key[2], key[3], parity ^ key[0] ^ key[1] ^ key[2] ^ key[3]
    };
    x0 += k[0];
    x1 += k[1];
    x2 += k[2];
    x3 += k[3];
#pragma GCC unroll 20
    for (int round = 0; round < 20; round++) {
        const int* turn = turns[round % 8];
        if (round % 2 == 0) {
            x0 += x1;
            x1 = rotate_left(x1, turn[0]) ^ x0;
            x2 += x3;
            x3 = rotate_left(x3, turn[1]) ^ x2;
        } else {
            x0 += x3;
            x3 = rotate_left(x3, turn[0]) ^ x0;
            x2 += x1;
            x1 = rotate_left(x1, turn[1]) ^ x2;
        }
        if (round % 4 == 3) {
            const int injection = round / 4 + 1;
            x0 += k[injection % 5];
            x1 += k[(injection + 1) % 5];
            x2 += k[(injection + 2) % 5];
            x3 += k[(injection + 3) % 5] + injection;
        }
    }
    return { x0, x1, x2, x3 };
}

// Each counter gives two complex numbers.
constexpr size_t lanes = counter_rng::block_len / 2;

template <typename To, typename From>
inline To bit_cast(From value)
{
    static_assert(sizeof(To) == sizeof(From), "bit_cast keeps the size");
    To result;
    std::memcpy(&result, &value, sizeof(result));
    return result;
}

// -ln((r + 1/2) / 2^32), by the Cephes logf polynomial on [sqrt(1/2), sqrt(2)).
inline float minus_log_uniform(uint32_t r)
{
    // Both halves convert exactly, so small r keeps its full relative precision: the
    // tail.
    const float whole = static_cast<float>(static_cast<int32_t>(r >> 16)) * 65536.0f +
                        (static_cast<float>(static_cast<int32_t>(r & 0xffffu)) + 0.5f);
    const int32_t bits = bit_cast<int32_t>(whole);
    const int32_t exponent = (bits - 0x3f3504f3) >> 23;
    const float x = bit_cast<float>(bits - (exponent << 23)) - 1.0f;
    float p = 7.0376836292e-2f;
    p = p * x - 1.1514610310e-1f;
    p = p * x + 1.1676998740e-1f;
    p = p * x - 1.2420140846e-1f;
    p = p * x + 1.4249322787e-1f;
    p = p * x - 1.6668057665e-1f;
    p = p * x + 2.0000714765e-1f;
    p = p * x - 2.4999993993e-1f;
    p = p * x + 3.3333331174e-1f;
    const float z = x * x;
    const float log_mantissa = x + (p * x * z - 0.5f * z);
    const float ln2 = 0.693147180559945f;
    return static_cast<float>(32 - exponent) * ln2 - log_mantissa;
}

// One Box-Muller pair: |z|^2 = -ln u is Exp(1), the angle pi * v / 2^31 uniform.
inline void box_muller(uint32_t r, uint32_t angle, float& re, float& im)
{
    // -ln u can round to a tiny negative number at u = 1.
    const float energy = minus_log_uniform(r);
    const float radius = std::sqrt(energy > 0.0f ? energy : 0.0f);
    const uint32_t quadrant = (angle + 0x20000000u) >> 30;
    const int32_t rest = static_cast<int32_t>(angle - (quadrant << 30));
    const float x = static_cast<float>(rest) * 1.4629180792671596e-9f; // pi/2 / 2^30
    const float z = x * x;
    // Cephes sinf and cosf polynomials on [-pi/4, pi/4].
    const float s =
        ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * x + x;
    const float c = ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z +
                     4.166664568298827e-2f) *
                        z * z -
                    0.5f * z + 1.0f;
    const bool swap = quadrant & 1u;
    const float cos_abs = swap ? s : c;
    const float sin_abs = swap ? c : s;
    // cos changes sign in quadrants 1 and 2, sin in 2 and 3.
    const uint32_t cos_sign = ((quadrant + 1u) & 2u) << 30;
    const uint32_t sin_sign = (quadrant & 2u) << 30;
    re = radius * bit_cast<float>(bit_cast<uint32_t>(cos_abs) ^ cos_sign);
    im = radius * bit_cast<float>(bit_cast<uint32_t>(sin_abs) ^ sin_sign);
}

AEIQA_SIMD void normal_lanes(const words& counter,
                             const words& key,
                             float* __restrict re,
                             float* __restrict im)
{
    uint32_t r[4][lanes];
    for (size_t i = 0; i < lanes; i++) {
        // A block starts at a multiple of `lanes`, so the low word cannot wrap.
        const words w = threefry(counter[0] + static_cast<uint32_t>(i),
                                 counter[1],
                                 counter[2],
                                 counter[3],
                                 key);
        r[0][i] = w[0];
        r[1][i] = w[1];
        r[2][i] = w[2];
        r[3][i] = w[3];
    }
    for (size_t i = 0; i < lanes; i++)
        box_muller(r[0][i], r[1][i], re[i], im[i]);
    for (size_t i = 0; i < lanes; i++)
        box_muller(r[2][i], r[3][i], re[lanes + i], im[lanes + i]);
}

} // namespace

words threefry4x32(const words& counter, const words& key)
{
    return threefry(counter[0], counter[1], counter[2], counter[3], key);
}

counter_rng::counter_rng(uint64_t seed, rng_use use)
    : d_seed(seed), d_use(static_cast<uint32_t>(use))
{
}

words counter_rng::key(uint64_t image) const
{
    return { static_cast<uint32_t>(d_seed),
             static_cast<uint32_t>(d_seed >> 32),
             static_cast<uint32_t>(image),
             static_cast<uint32_t>(image >> 32) };
}

words counter_rng::counter(uint64_t index) const
{
    return { static_cast<uint32_t>(index), static_cast<uint32_t>(index >> 32), d_use, 0 };
}

void counter_rng::normal_block(uint64_t image, uint64_t block, float* re, float* im) const
{
    normal_lanes(counter(block * lanes), key(image), re, im);
}

std::complex<float> counter_rng::normal(uint64_t image, uint64_t position) const
{
    const uint64_t block = position / block_len;
    const size_t offset = position % block_len;
    const words r = threefry4x32(counter(block * lanes + offset % lanes), key(image));
    float re, im;
    if (offset < lanes)
        box_muller(r[0], r[1], re, im);
    else
        box_muller(r[2], r[3], re, im);
    return { re, im };
}

double counter_rng::uniform(uint64_t image, uint64_t position) const
{
    return (threefry4x32(counter(position), key(image))[0] + 0.5) / 4294967296.0;
}

void normal_sequence::restart(uint64_t image)
{
    d_image = image;
    d_position = 0;
}

size_t normal_sequence::next(size_t n, const float*& re, const float*& im)
{
    const size_t offset = d_position % counter_rng::block_len;
    if (offset == 0)
        d_rng.normal_block(d_image, d_position / counter_rng::block_len, d_re, d_im);
    re = d_re + offset;
    im = d_im + offset;
    const size_t count = std::min(n, counter_rng::block_len - offset);
    d_position += count;
    return count;
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
