/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_FRAME_DETECTOR_H
#define INCLUDED_AEIQA_DSP_FRAME_DETECTOR_H

#include "ofdm_frame.h"
#include "tone_finder.h"
#include <complex>
#include <cstddef>
#include <cstdint>
#include <limits>
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
 *
 * A tone agrees with itself a quarter transform later, too. So the stream is also cut
 * into segments of 64 blocks; where one's blocks agree for longer than synchronisation
 * symbols last, or the segment before had tones, tone_finder looks for tones, and what is
 * searched and handed out is the stream without them. Where there are none, nothing
 * changes.
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

    //! Samples to be pushed until the segment ends, 1 or more.
    size_t until_segment_end() const;
    /*!
     * To be called at the end of each segment, once the stream has been searched that
     * far. \return where to search again, since tones are gone from there on; see
     * go_back_to
     */
    std::optional<uint64_t> end_segment();
    void go_back_to(uint64_t position);
    //! Search waits for the end of the segment, since the one before had tones.
    bool waits_for_segment() const { return d_tones_before; }

    /*!
     * Where a header could not be read, look for tones around its training symbol, up to
     * \p end, and search there again without them. Not more than once in two segments.
     * \return whether there were any
     */
    bool search_again(uint64_t training, uint64_t end);

    /*!
     * Look for tones in samples \p first ... \p end - 1, better known from all of them
     * than from segments, and hand these samples out without them from now on.
     * \param near frequencies near which to look, radians a sample, besides those known
     * \return whether there were any
     */
    bool remove_tones(uint64_t first, uint64_t end, std::vector<double> near);
    uint64_t tone_samples() const { return d_tone_samples; } //!< of segments with tones
    //! Samples of segments at least 6 dB above the quietest of late.
    uint64_t loud_samples() const { return d_loud; }
    //! Of a sample, over all whole segments; NaN before the first.
    double mean_power() const { return d_total_power / static_cast<double>(d_segments); }
    //! Frames whose training symbol came with its spectrum inverted.
    uint64_t frames_inverted() const { return d_inverted; }

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

    //! The offset of a frame's frequency, estimated again: tones may be gone by now.
    double refine(uint64_t training, double omega);

    /*!
     * Samples without tones turned by exp(-j (omega (first + i - origin))), i = 0 ... n
     * - 1. They must be there still: since the last forget().
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
    bool agrees_for_long(size_t first, size_t count) const;
    void correlate_without_tones(uint64_t first, uint64_t end);
    void count_segment(size_t first, size_t count);
    bool had_tones(uint64_t first, uint64_t end) const;
    bool look_for_tones(uint64_t first, const std::vector<double>& expected, bool search);
    void
    copy(uint64_t first, size_t n, std::vector<float>& re, std::vector<float>& im) const;
    void subtract_known(uint64_t first, size_t n, float* re, float* im) const;
    void know(uint64_t first, uint64_t end, std::vector<tone> tones);
    std::complex<float> window_correlation(uint64_t block) const;
    bool is_candidate(uint64_t block) const;
    std::optional<hit> examine(uint64_t block);
    peak find_training(uint64_t first, double omega, bool inverted = false);

    size_t d_fft_len, d_symbol_len, d_cp_len, d_training_symbols;
    size_t d_block;      // samples
    size_t d_window;     // blocks
    uint64_t d_base = 0; // of the first sample kept, a multiple of d_block
    uint64_t d_scan = 0; // next block to look at
    uint64_t d_bad = 0;
    size_t d_segment; // samples

    struct stretch {
        uint64_t first, end;
        std::vector<tone> tones;
    };
    tone_finder d_finder;
    std::vector<stretch> d_known_tones; // by position
    bool d_tones_before = false;        // in the latest whole segment
    size_t d_pause = 0;                 // segments without a search
    uint64_t d_inverted = 0, d_tone_samples = 0, d_loud = 0, d_segments = 0;
    uint64_t d_search_again_from = 0;
    uint64_t d_after_inverted = 0; // training symbols of the latest such frame
    double d_total_power = 0.0, d_floor = std::numeric_limits<double>::infinity();

    std::vector<float> d_re, d_im;                     // samples from d_base on
    std::vector<float> d_corr_re, d_corr_im, d_energy; // of the blocks from there on
    std::vector<float> d_training_re, d_training_im;   // the symbol in time
    std::vector<float> d_inverted_im;                  // and of its conjugate
    double d_training_energy = 0.0;
    std::vector<std::complex<float>> d_turned;             // scratch
    std::vector<float> d_x_re, d_x_im, d_acc_re, d_acc_im; // scratch
    std::vector<float> d_rest_re, d_rest_im;               // scratch
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_FRAME_DETECTOR_H */
