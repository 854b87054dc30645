/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "scrambler.h"

namespace gr {
namespace aeiqa {
namespace dsp {

std::vector<uint8_t> pseudo_random_bits(size_t n)
{
    std::vector<uint8_t> bits(n);
    uint32_t state = 0x00a9; // stage i in bit i - 1: 1, 4, 6 and 8 are set
    for (auto& bit : bits) {
        bit = ((state >> 13) ^ (state >> 14)) & 1u;
        state = ((state << 1) | bit) & 0x7fffu;
    }
    return bits;
}

void scramble(uint8_t* payload, size_t n, std::vector<uint8_t>& bytes_so_far)
{
    if (bytes_so_far.size() < n) {
        const auto bits = pseudo_random_bits(8 * n);
        bytes_so_far.assign(n, 0);
        for (size_t i = 0; i < bits.size(); i++)
            bytes_so_far[i / 8] =
                static_cast<uint8_t>(bytes_so_far[i / 8] << 1 | bits[i]);
    }
    for (size_t i = 0; i < n; i++)
        payload[i] ^= bytes_so_far[i];
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
