/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "equalizer.h"
#include "simd.h"
#include <limits>
#include <stdexcept>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

// x = y w, written out since std::complex's product guards against infinities.
AEIQA_SIMD void multiply(const float* __restrict y,
                         const float* __restrict w,
                         size_t n,
                         float* __restrict x)
{
    for (size_t i = 0; i < n; i++) {
        const float a = y[2 * i], b = y[2 * i + 1], c = w[2 * i], d = w[2 * i + 1];
        x[2 * i] = AEIQA_ROUNDED(a * c) - AEIQA_ROUNDED(b * d);
        x[2 * i + 1] = AEIQA_ROUNDED(a * d) + AEIQA_ROUNDED(b * c);
    }
}

} // namespace

equalizer::kind equalizer::parse_kind(const std::string& name)
{
    if (name == "zf")
        return kind::zf;
    if (name == "mmse")
        return kind::mmse;
    throw std::invalid_argument("equalizer must be zf or mmse, got '" + name + "'");
}

equalizer::equalizer(size_t fft_len, kind which)
    : d_kind(which), d_weights(fft_len, 1.0f), d_error_variance(fft_len)
{
}

void equalizer::set_response(const std::complex<float>* h, double noise_variance)
{
    const float noise = static_cast<float>(noise_variance);
    const float regular = d_kind == kind::mmse ? noise : 0.0f;
    for (size_t k = 0; k < d_weights.size(); k++) {
        const float power = std::norm(h[k]);
        if (power > std::numeric_limits<float>::min()) {
            const float gain = power / (power + regular); // 1 for zero forcing
            d_weights[k] = std::conj(h[k]) / (power + regular) / gain;
            d_error_variance[k] = noise / power;
        } else { // erased; NaN, too
            d_weights[k] = 0.0f;
            d_error_variance[k] = std::numeric_limits<float>::infinity();
        }
    }
}

void equalizer::equalize(const std::complex<float>* y, std::complex<float>* x) const
{
    multiply(reinterpret_cast<const float*>(y),
             reinterpret_cast<const float*>(d_weights.data()),
             d_weights.size(),
             reinterpret_cast<float*>(x));
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
