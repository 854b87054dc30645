/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_AWGN_H
#define INCLUDED_AEIQA_DSP_AWGN_H

#include "rng.h"
#include <complex>
#include <cstddef>

namespace gr {
namespace aeiqa {
namespace dsp {

//! Noise power for unit signal power. \throws std::invalid_argument on NaN or below -300
//! dB.
double noise_power(double snr_db);

//! out = in + the next \p n values of \p noise, scaled to mean power \p power. The two
//! must not overlap.
void add_noise(normal_sequence& noise,
               double power,
               const std::complex<float>* in,
               size_t n,
               std::complex<float>* out);

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_AWGN_H */
