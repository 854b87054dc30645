/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_CONVOLUTIONAL_CODE_H
#define INCLUDED_AEIQA_DSP_CONVOLUTIONAL_CODE_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief The rate 1/2 code of constraint length 7, generators 133 and 171 (octal, newest
 * bit first), ended by six zero bits: that of IEEE 802.11 and of the space agencies.
 */
class convolutional_code
{
public:
    static constexpr size_t tail = 6;

    convolutional_code();

    static size_t coded_bits(size_t bits) { return 2 * (bits + tail); }

    //! Bits (0 or 1) to coded_bits(n) bits, the one of generator 133 first.
    std::vector<uint8_t> encode(const std::vector<uint8_t>& bits) const;

    /*!
     * Maximum-likelihood decision (Viterbi) of \p n bits.
     * \param soft coded_bits(n) values, positive where the coded bit rather is 0, of a
     * size proportional to their log-likelihood ratio; NaN must not occur
     */
    std::vector<uint8_t> decode(const float* soft, size_t n);

private:
    static constexpr size_t states = 64;

    // Of the transition into state s from its older predecessor (s >> 1) and its younger
    // one ((s >> 1) | 32): sign of the two coded bits.
    std::array<float, states> d_first[2], d_second[2];
    std::vector<uint8_t> d_decisions; // of each step and state, scratch
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_CONVOLUTIONAL_CODE_H */
