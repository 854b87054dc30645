/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_KERNELS_H
#define INCLUDED_AEIQA_DSP_KERNELS_H

#include <cstddef>

namespace gr {
namespace aeiqa {
namespace dsp {

/*
 * The loops over samples that the frame detector spends its time in, real and imaginary
 * parts apart. No two of the arrays may overlap. They are references, since functions
 * that simd.h compiles several times can be called in their own file only.
 */

//! \p n complex numbers into their parts. What is not finite, or beyond 1e15, becomes 0.
//! \return how many did
extern size_t (&split)(const float* in, size_t n, float* re, float* im);

//! Correlation of each of \p count blocks with the one behind it, and energy, \p length
//! samples each.
extern void (&block_correlations)(const float* re,
                                  const float* im,
                                  size_t count,
                                  size_t length,
                                  float* corr_re,
                                  float* corr_im,
                                  float* energy);

//! acc[t] = sum over n of conj(x[n]) r[t + n], n < length, at \p count places t.
extern void (&cross_correlate)(const float* x_re,
                               const float* x_im,
                               size_t length,
                               const float* r_re,
                               const float* r_im,
                               size_t count,
                               float* acc_re,
                               float* acc_im);

//! out[i] = (re[i] + j im[i]) turn[i] start, complex.
extern void (&turn)(const float* re,
                    const float* im,
                    const float* turn_re,
                    const float* turn_im,
                    float start_re,
                    float start_im,
                    size_t n,
                    float* out);

//! out[b] = sum over i of x[b length + i] conj(turn[i]), i < length, of \p count blocks.
extern void (&project_blocks)(const float* re,
                              const float* im,
                              size_t count,
                              size_t length,
                              const float* turn_re,
                              const float* turn_im,
                              float* out_re,
                              float* out_im);

//! x[b length + i] -= scale[b] turn[i], i < length, of \p count blocks.
extern void (&subtract_blocks)(const float* scale_re,
                               const float* scale_im,
                               size_t count,
                               size_t length,
                               const float* turn_re,
                               const float* turn_im,
                               float* re,
                               float* im);

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_KERNELS_H */
