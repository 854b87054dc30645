/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_FRAME_DETECTOR_H
#define INCLUDED_AEIQA_DSP_FRAME_DETECTOR_H

#include "ofdm_frame.h"
#include <complex>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief The stream's recent samples, and where in them a frame seems to begin.
 *
 * The stream is cut into blocks of a quarter transform. Of each block the detector keeps
 * the energy and the correlation with the next one; a window of blocks is then summed
 * anew at every block. So a sample costs the same however long the window is, no
 * rounding error runs on, and a bad sample is forgotten with its block.
 */
class frame_detector
{
public:
    explicit frame_detector(const ofdm_frame& format);

    //! Samples that are not finite, or beyond 1e15, are kept as 0 and counted.
    void push(const std::complex<float>* samples, size_t n);

    //! Drop all samples before \p position that are not needed to go on.
    void forget(uint64_t position);

    uint64_t end() const { return d_base + d_re.size(); }  //!< of the samples so far
    uint64_t position() const { return d_scan * d_block; } //!< searched so far
    void go_on_at(uint64_t position);
    uint64_t bad_samples() const { return d_bad; }

    //! A frame seems to begin.
    struct hit {
        uint64_t training; //!< where the first training symbol's transform begins
        double omega;      //!< frequency offset, radians a sample
    };

    /*!
     * Search on, up to \p limit.
     * \return a hit; nothing if there was none, or if more samples must come first (then
     * position() is still before limit)
     */
    std::optional<hit> search(uint64_t limit);

    /*!
     * Samples turned by exp(-j (omega (first + i - origin))), i = 0 ... n - 1.
     * They must be there still: since the last forget().
     */
    void derotated(uint64_t first,
                   size_t n,
                   uint64_t origin,
                   double omega,
                   std::complex<float>* out) const;

private:
    struct peak {
        uint64_t training;
        double share; // of the energy that agrees with the training symbol
    };

    void correlate_blocks();
    std::complex<float> window_correlation(uint64_t block) const;
    bool is_candidate(uint64_t block) const;
    std::optional<hit> examine(uint64_t block);
    peak find_training(uint64_t first, double omega);
    double refine(uint64_t training, double omega);

    size_t d_fft_len, d_symbol_len, d_cp_len, d_training_symbols;
    size_t d_block;      // samples
    size_t d_window;     // blocks
    uint64_t d_base = 0; // of the first sample kept, a multiple of d_block
    uint64_t d_scan = 0; // next block to look at
    uint64_t d_bad = 0;
    std::vector<float> d_re, d_im;                     // samples from d_base on
    std::vector<float> d_corr_re, d_corr_im, d_energy; // of the blocks from there on
    std::vector<float> d_training_re, d_training_im;   // the symbol in time
    double d_training_energy = 0.0;
    std::vector<std::complex<float>> d_turned;             // scratch
    std::vector<float> d_x_re, d_x_im, d_acc_re, d_acc_im; // scratch
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_FRAME_DETECTOR_H */
