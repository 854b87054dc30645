/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_RNG_H
#define INCLUDED_AEIQA_DSP_RNG_H

#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>

namespace gr {
namespace aeiqa {
namespace dsp {

//! Threefry4x32-20: a bijection of the 128-bit counter under a 128-bit key. It needs no
//! multiplication, so it vectorises twice as well as its sister Philox.
//! Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
std::array<uint32_t, 4> threefry4x32(const std::array<uint32_t, 4>& counter,
                                     const std::array<uint32_t, 4>& key);

//! Use of a random number; each use draws from a sequence of its own.
enum class rng_use : uint8_t { noise = 0, fading = 1, angle = 2, oscillator = 3 };

/*!
 * \brief Circular complex Gaussian numbers as a pure function of where they are used.
 *
 * The value at (seed, use, image, position) never depends on what was drawn before, so
 * scheduler chunks, worker processes and resumed runs all see the same noise.
 * Box-Muller on 32-bit uniforms: exact to float precision out to 6.7 standard deviations.
 */
class counter_rng
{
public:
    //! Numbers are made this many at a time, aligned to multiples of it.
    static constexpr size_t block_len = 64;

    counter_rng(uint64_t seed, rng_use use);

    //! CN(0, 1), E|z|^2 = 1: positions block * block_len ... + block_len - 1.
    void normal_block(uint64_t image, uint64_t block, float* re, float* im) const;

    //! CN(0, 1) at one position.
    std::complex<float> normal(uint64_t image, uint64_t position) const;

    //! Uniform in (0, 1) at one position, 32 bits.
    double uniform(uint64_t image, uint64_t position) const;

private:
    std::array<uint32_t, 4> key(uint64_t image) const;
    std::array<uint32_t, 4> counter(uint64_t index) const;

    uint64_t d_seed;
    uint32_t d_use;
};

/*!
 * \brief CN(0, 1) sequence read in pieces of any length.
 *
 * Keeps the current block, so cutting the sequence differently costs nothing.
 */
class normal_sequence
{
public:
    normal_sequence(uint64_t seed, rng_use use) : d_rng(seed, use) {}

    //! Go to position 0 of an image's sequence.
    void restart(uint64_t image);

    /*!
     * Give the next run of numbers that lie side by side, at most \p n of them.
     * \return how many; \p re and \p im point at them until the next call.
     */
    size_t next(size_t n, const float*& re, const float*& im);

private:
    counter_rng d_rng;
    uint64_t d_image = 0;
    uint64_t d_position = 0;
    alignas(64) float d_re[counter_rng::block_len];
    alignas(64) float d_im[counter_rng::block_len];
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_RNG_H */
