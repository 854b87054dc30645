/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "channel.h"
#include "simd.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

AEIQA_SIMD void
split(const float* __restrict in, size_t n, float* __restrict re, float* __restrict im)
{
    for (size_t i = 0; i < n; i++) {
        re[i] = in[2 * i];
        im[i] = in[2 * i + 1];
    }
}

AEIQA_SIMD void join(const float* __restrict re,
                     const float* __restrict im,
                     size_t n,
                     float* __restrict out)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = re[i];
        out[2 * i + 1] = im[i];
    }
}

AEIQA_SIMD void join_with_noise(const float* __restrict re,
                                const float* __restrict im,
                                const float* __restrict noise_re,
                                const float* __restrict noise_im,
                                size_t n,
                                float amplitude,
                                float* __restrict out)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = re[i] + amplitude * noise_re[i];
        out[2 * i + 1] = im[i] + amplitude * noise_im[i];
    }
}

// y += h x, a tap that stands still.
AEIQA_SIMD void add_tap(std::complex<float> tap,
                        const float* __restrict x_re,
                        const float* __restrict x_im,
                        size_t n,
                        float* __restrict y_re,
                        float* __restrict y_im)
{
    const float h_re = tap.real(), h_im = tap.imag();
    for (size_t i = 0; i < n; i++) {
        y_re[i] += h_re * x_re[i] - h_im * x_im[i];
        y_im[i] += h_re * x_im[i] + h_im * x_re[i];
    }
}

// The same for four taps, each a sample later than the one before: the sums stay in
// registers meanwhile.
AEIQA_SIMD void add_four_taps(const std::complex<float>* tap,
                              const float* x_re,
                              const float* x_im,
                              size_t n,
                              float* __restrict y_re,
                              float* __restrict y_im)
{
    float h_re[4], h_im[4];
    for (size_t l = 0; l < 4; l++) {
        h_re[l] = tap[l].real();
        h_im[l] = tap[l].imag();
    }
    for (size_t i = 0; i < n; i++) {
        float re = y_re[i], im = y_im[i];
#pragma GCC unroll 4
        for (size_t l = 0; l < 4; l++) {
            const float a = (x_re - l)[i], b = (x_im - l)[i];
            re += h_re[l] * a - h_im[l] * b;
            im += h_re[l] * b + h_im[l] * a;
        }
        y_re[i] = re;
        y_im[i] = im;
    }
}

// y += h x, a tap that moves from start by step for each sample.
AEIQA_SIMD void add_moving_tap(std::complex<float> start,
                               std::complex<float> step,
                               size_t first,
                               const float* __restrict x_re,
                               const float* __restrict x_im,
                               size_t n,
                               float* __restrict y_re,
                               float* __restrict y_im)
{
    for (size_t i = 0; i < n; i++) {
        const float k = static_cast<float>(static_cast<int32_t>(first + i));
        const float h_re = start.real() + k * step.real();
        const float h_im = start.imag() + k * step.imag();
        y_re[i] += h_re * x_re[i] - h_im * x_im[i];
        y_im[i] += h_re * x_im[i] + h_im * x_re[i];
    }
}

const float* floats(const std::complex<float>* z)
{
    return reinterpret_cast<const float*>(z);
}
float* floats(std::complex<float>* z) { return reinterpret_cast<float*>(z); }

} // namespace

channel::channel(double snr_db,
                 std::optional<rayleigh_taps> fading,
                 size_t symbol_len,
                 uint64_t seed)
    : d_noise_power(noise_power(snr_db)),
      d_fading(std::move(fading)),
      d_symbol_len(symbol_len),
      d_noise(seed, rng_use::noise)
{
    if (symbol_len < 1)
        throw std::invalid_argument("symbol_len must be 1 or more, got 0");
    const size_t history = d_fading ? d_fading->n_taps() - 1 : 0;
    d_x_re.resize(history + symbol_len);
    d_x_im.resize(history + symbol_len);
    d_y_re.resize(symbol_len);
    d_y_im.resize(symbol_len);
    restart(0);
}

void channel::restart(uint64_t image)
{
    d_noise.restart(image);
    std::fill(d_x_re.begin(), d_x_re.end(), 0.0f);
    std::fill(d_x_im.begin(), d_x_im.end(), 0.0f);
    if (d_fading)
        d_fading->restart(image);
    open_symbol();
    d_new_response = true;
}

void channel::open_symbol()
{
    d_in_symbol = 0;
    d_new_response = d_fading && d_fading->advance();
}

std::vector<std::complex<float>> channel::response(size_t fft_len)
{
    if (fft_len < 1 || fft_len > d_symbol_len)
        throw std::invalid_argument(
            "fft_len must be from 1 to symbol_len = " + std::to_string(d_symbol_len) +
            ", got " + std::to_string(fft_len));
    if (!d_fading)
        return std::vector<std::complex<float>>(fft_len, 1.0f);
    if (d_turns.size() != fft_len) {
        d_turns.clear();
        for (size_t k = 0; k < fft_len; k++)
            d_turns.push_back(std::polar(1.0, -2.0 * M_PI * k / fft_len));
    }
    const auto taps = d_fading->mean_taps(d_symbol_len - fft_len);
    std::vector<std::complex<float>> h(fft_len);
    for (size_t k = 0; k < fft_len; k++) {
        std::complex<double> sum = 0.0;
        for (size_t l = 0; l < taps.size(); l++)
            sum += std::complex<double>(taps[l]) * d_turns[k * l % fft_len];
        h[k] = std::complex<float>(sum);
    }
    return h;
}

void channel::convolve(const std::complex<float>* in, size_t n)
{
    const size_t history = d_fading->n_taps() - 1;
    split(floats(in), n, d_x_re.data() + history, d_x_im.data() + history);
    std::fill_n(d_y_re.begin(), n, 0.0f);
    std::fill_n(d_y_im.begin(), n, 0.0f);

    const size_t pieces = d_fading->pieces();
    for (size_t piece = 0; piece < pieces; piece++) {
        const size_t start = piece * d_symbol_len / pieces;
        const size_t end = (piece + 1) * d_symbol_len / pieces;
        const size_t from = std::max(start, d_in_symbol);
        const size_t to = std::min(end, d_in_symbol + n);
        if (from >= to)
            continue;
        const size_t at = from - d_in_symbol;
        const auto& tap = d_fading->node(piece);
        for (size_t l = 0; l <= history;) {
            const float* x_re = d_x_re.data() + history + at - l;
            const float* x_im = d_x_im.data() + history + at - l;
            float *y_re = &d_y_re[at], *y_im = &d_y_im[at];
            if (d_fading->moves()) {
                const std::complex<float> step = (d_fading->node(piece + 1)[l] - tap[l]) /
                                                 static_cast<float>(end - start);
                add_moving_tap(
                    tap[l], step, from - start, x_re, x_im, to - from, y_re, y_im);
                l++;
            } else if (l + 4 <= tap.size()) {
                add_four_taps(&tap[l], x_re, x_im, to - from, y_re, y_im);
                l += 4;
            } else {
                add_tap(tap[l], x_re, x_im, to - from, y_re, y_im);
                l++;
            }
        }
    }
    std::copy_n(d_x_re.begin() + n, history, d_x_re.begin());
    std::copy_n(d_x_im.begin() + n, history, d_x_im.begin());
}

void channel::join_faded_with_noise(size_t n, std::complex<float>* out)
{
    const float amplitude = static_cast<float>(std::sqrt(d_noise_power));
    for (size_t done = 0; done < n;) {
        const float *re, *im;
        const size_t count = d_noise.next(n - done, re, im);
        join_with_noise(
            &d_y_re[done], &d_y_im[done], re, im, count, amplitude, floats(out + done));
        done += count;
    }
}

void channel::process(const std::complex<float>* in, size_t n, std::complex<float>* out)
{
    if (!d_fading) {
        if (d_noise_power > 0.0)
            add_noise(d_noise, d_noise_power, in, n, out);
        else
            std::copy_n(in, n, out);
        d_new_response = false;
        return;
    }
    convolve(in, n);
    if (d_noise_power > 0.0)
        join_faded_with_noise(n, out);
    else
        join(d_y_re.data(), d_y_im.data(), n, floats(out));
    d_in_symbol += n;
    if (d_in_symbol == d_symbol_len)
        open_symbol();
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
