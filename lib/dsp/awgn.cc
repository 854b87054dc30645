/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "awgn.h"
#include "number_text.h"
#include "simd.h"
#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

AEIQA_SIMD void add(const float* __restrict in,
                    const float* __restrict noise_re,
                    const float* __restrict noise_im,
                    size_t n,
                    float amplitude,
                    float* __restrict out)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = in[2 * i] + amplitude * noise_re[i];
        out[2 * i + 1] = in[2 * i + 1] + amplitude * noise_im[i];
    }
}

} // namespace

double noise_power(double snr_db)
{
    if (!(snr_db >= -300.0))
        throw std::invalid_argument(
            "snr_db must be -300 dB or more (inf: no noise), got " + number_text(snr_db));
    return std::pow(10.0, -snr_db / 10.0);
}

void add_noise(normal_sequence& noise,
               double power,
               const std::complex<float>* in,
               size_t n,
               std::complex<float>* out)
{
    const float amplitude = static_cast<float>(std::sqrt(power));
    for (size_t done = 0; done < n;) {
        const float *re, *im;
        const size_t count = noise.next(n - done, re, im);
        add(reinterpret_cast<const float*>(in + done),
            re,
            im,
            count,
            amplitude,
            reinterpret_cast<float*>(out + done));
        done += count;
    }
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
