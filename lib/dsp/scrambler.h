/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_SCRAMBLER_H
#define INCLUDED_AEIQA_DSP_SCRAMBLER_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

constexpr size_t pseudo_random_period = 32767;

/*!
 * \brief Bits of the pseudo-random sequence x^15 + x^14 + 1 from its start.
 *
 * The generator of DVB's energy dispersal (EN 300 744, 4.3.1): register 1 to 15 loaded
 * with 100101010000000, each output bit the sum of stages 14 and 15, fed back into
 * stage 1. Period 32767.
 */
std::vector<uint8_t> pseudo_random_bits(size_t n);

/*!
 * Add the pseudo-random bits to bytes, most significant bit first, or take them off
 * again: an image's flat parts would else be the same OFDM symbol again and again.
 * \param bytes_so_far the sequence as bytes, made longer when needed
 */
void scramble(uint8_t* payload, size_t n, std::vector<uint8_t>& bytes_so_far);

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_SCRAMBLER_H */
