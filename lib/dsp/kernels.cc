/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "kernels.h"
#include "simd.h"
#include <cmath>
#include <cstdint>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

constexpr float largest = 1e15f;

constexpr size_t lanes = 8;

// By halves, as vectors add.
inline float sum_lanes(float* x)
{
#pragma GCC unroll 3
    for (size_t half = lanes / 2; half > 0; half /= 2)
#pragma GCC unroll 4
        for (size_t l = 0; l < half; l++)
            x[l] += x[l + half];
    return x[0];
}

AEIQA_SIMD size_t split_clones(const float* __restrict in,
                               size_t n,
                               float* __restrict re,
                               float* __restrict im)
{
    int32_t bad = 0;
    for (size_t i = 0; i < n; i++) {
        const float a = in[2 * i], b = in[2 * i + 1];
        // Written so that NaN is bad, too.
        const bool good = std::abs(a) <= largest && std::abs(b) <= largest;
        re[i] = good ? a : 0.0f;
        im[i] = good ? b : 0.0f;
        bad += !good;
    }
    return static_cast<size_t>(bad);
}

AEIQA_SIMD void block_correlations_clones(const float* __restrict re,
                                          const float* __restrict im,
                                          size_t count,
                                          size_t length,
                                          float* __restrict corr_re,
                                          float* __restrict corr_im,
                                          float* __restrict energy)
{
    for (size_t b = 0; b < count; b++, re += length, im += length) {
        const float *next_re = re + length, *next_im = im + length;
        float c[lanes] = {}, s[lanes] = {}, e[lanes] = {};
        size_t i = 0;
        for (; i + lanes <= length; i += lanes)
            for (size_t l = 0; l < lanes; l++) {
                c[l] += re[i + l] * next_re[i + l] + im[i + l] * next_im[i + l];
                s[l] += re[i + l] * next_im[i + l] - im[i + l] * next_re[i + l];
                e[l] += re[i + l] * re[i + l] + im[i + l] * im[i + l];
            }
        for (size_t l = 0; i < length; i++, l++) {
            c[l] += re[i] * next_re[i] + im[i] * next_im[i];
            s[l] += re[i] * next_im[i] - im[i] * next_re[i];
            e[l] += re[i] * re[i] + im[i] * im[i];
        }
        corr_re[b] = sum_lanes(c);
        corr_im[b] = sum_lanes(s);
        energy[b] = sum_lanes(e);
    }
}

AEIQA_SIMD void cross_correlate_clones(const float* __restrict x_re,
                                       const float* __restrict x_im,
                                       size_t length,
                                       const float* __restrict r_re,
                                       const float* __restrict r_im,
                                       size_t count,
                                       float* __restrict acc_re,
                                       float* __restrict acc_im)
{
    for (size_t t = 0; t < count; t++)
        acc_re[t] = acc_im[t] = 0.0f;
    for (size_t n = 0; n < length; n++) {
        const float a = x_re[n], b = x_im[n];
        for (size_t t = 0; t < count; t++) {
            acc_re[t] += a * r_re[n + t] + b * r_im[n + t];
            acc_im[t] += a * r_im[n + t] - b * r_re[n + t];
        }
    }
}

AEIQA_SIMD void turn_clones(const float* __restrict re,
                            const float* __restrict im,
                            const float* __restrict turn_re,
                            const float* __restrict turn_im,
                            float start_re,
                            float start_im,
                            size_t n,
                            float* __restrict out)
{
    for (size_t i = 0; i < n; i++) {
        const float c = turn_re[i] * start_re - turn_im[i] * start_im;
        const float s = turn_re[i] * start_im + turn_im[i] * start_re;
        out[2 * i] = re[i] * c - im[i] * s;
        out[2 * i + 1] = re[i] * s + im[i] * c;
    }
}

AEIQA_SIMD void project_blocks_clones(const float* __restrict re,
                                      const float* __restrict im,
                                      size_t count,
                                      size_t length,
                                      const float* __restrict turn_re,
                                      const float* __restrict turn_im,
                                      float* __restrict out_re,
                                      float* __restrict out_im)
{
    for (size_t b = 0; b < count; b++, re += length, im += length) {
        float c[lanes] = {}, s[lanes] = {};
        size_t i = 0;
        for (; i + lanes <= length; i += lanes)
            for (size_t l = 0; l < lanes; l++) {
                c[l] += re[i + l] * turn_re[i + l] + im[i + l] * turn_im[i + l];
                s[l] += im[i + l] * turn_re[i + l] - re[i + l] * turn_im[i + l];
            }
        for (size_t l = 0; i < length; i++, l++) {
            c[l] += re[i] * turn_re[i] + im[i] * turn_im[i];
            s[l] += im[i] * turn_re[i] - re[i] * turn_im[i];
        }
        out_re[b] = sum_lanes(c);
        out_im[b] = sum_lanes(s);
    }
}

AEIQA_SIMD void subtract_blocks_clones(const float* __restrict scale_re,
                                       const float* __restrict scale_im,
                                       size_t count,
                                       size_t length,
                                       const float* __restrict turn_re,
                                       const float* __restrict turn_im,
                                       float* __restrict re,
                                       float* __restrict im)
{
    for (size_t b = 0; b < count; b++, re += length, im += length) {
        const float c = scale_re[b], s = scale_im[b];
        for (size_t i = 0; i < length; i++) {
            re[i] -= turn_re[i] * c - turn_im[i] * s;
            im[i] -= turn_re[i] * s + turn_im[i] * c;
        }
    }
}

} // namespace

decltype(split) split = split_clones;
decltype(block_correlations) block_correlations = block_correlations_clones;
decltype(cross_correlate) cross_correlate = cross_correlate_clones;
decltype(turn) turn = turn_clones;
decltype(project_blocks) project_blocks = project_blocks_clones;
decltype(subtract_blocks) subtract_blocks = subtract_blocks_clones;

} // namespace dsp
} // namespace aeiqa
} // namespace gr
