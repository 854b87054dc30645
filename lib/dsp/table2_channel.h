/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_TABLE2_CHANNEL_H
#define INCLUDED_AEIQA_DSP_TABLE2_CHANNEL_H

#include "awgn.h"
#include "rng.h"
#include <complex>
#include <cstdint>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief The link behind the paper's Table II.
 *
 * Noise comes first, its power set by the burst's own measured mean |x|^2 over SNR; then,
 * for the "Rayleigh" rows, the fixed taps g_l proportional to exp(-l), l = 0 ... 7, unit
 * energy, as MATLAB's conv(x, g, 'same') aligns them: y[n] = sum_l g_l x[n + 4 - l].
 * The advance of 4 samples lets the next symbol into the FFT window.
 */
class table2_channel
{
public:
    table2_channel(double snr_db, bool rayleigh, uint64_t seed);

    void set_snr_db(double snr_db) { d_noise_ratio = noise_power(snr_db); }

    //! Send a burst through, in place; its noise is keyed by its first image.
    void process(uint64_t image, std::vector<std::complex<float>>& burst);

private:
    void convolve(std::vector<std::complex<float>>& burst);

    double d_noise_ratio;
    std::vector<float> d_taps;
    normal_sequence d_noise;
    std::vector<std::complex<float>> d_piece; // scratch
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_TABLE2_CHANNEL_H */
