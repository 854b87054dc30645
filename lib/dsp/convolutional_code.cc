/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "convolutional_code.h"
#include "simd.h"
#include <utility>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

// The register's newest bit is its lowest here, so the generators are written backwards.
constexpr uint32_t generator_133 = 0x6d; // 1101101
constexpr uint32_t generator_171 = 0x4f; // 1001111

uint8_t parity(uint32_t x) { return static_cast<uint8_t>(__builtin_parity(x)); }

float sign(uint8_t bit) { return bit ? -1.0f : 1.0f; }

// One step: the better way into each state. Written for the vectoriser.
AEIQA_SIMD void step(const float* __restrict metric,
                     float a,
                     float b,
                     const float* __restrict first_old,
                     const float* __restrict second_old,
                     const float* __restrict first_new,
                     const float* __restrict second_new,
                     float* __restrict next,
                     uint8_t* __restrict won)
{
    float doubled[2][64];
    for (size_t s = 0; s < 32; s++) {
        doubled[0][2 * s] = doubled[0][2 * s + 1] = metric[s];
        doubled[1][2 * s] = doubled[1][2 * s + 1] = metric[s + 32];
    }
    for (size_t s = 0; s < 64; s++) {
        const float x = doubled[0][s] + a * first_old[s] + b * second_old[s];
        const float y = doubled[1][s] + a * first_new[s] + b * second_new[s];
        won[s] = y > x;
        next[s] = y > x ? y : x;
    }
}

} // namespace

convolutional_code::convolutional_code()
{
    for (uint32_t s = 0; s < states; s++)
        for (uint32_t from = 0; from < 2; from++) {
            const uint32_t contents = s | (from << 6);
            d_first[from][s] = sign(parity(contents & generator_133));
            d_second[from][s] = sign(parity(contents & generator_171));
        }
}

std::vector<uint8_t> convolutional_code::encode(const std::vector<uint8_t>& bits) const
{
    std::vector<uint8_t> coded;
    coded.reserve(coded_bits(bits.size()));
    uint32_t contents = 0;
    for (size_t i = 0; i < bits.size() + tail; i++) {
        contents = ((contents << 1) | (i < bits.size() ? bits[i] : 0u)) & 0x7fu;
        coded.push_back(parity(contents & generator_133));
        coded.push_back(parity(contents & generator_171));
    }
    return coded;
}

std::vector<uint8_t> convolutional_code::decode(const float* soft, size_t n)
{
    const size_t steps = n + tail;
    d_decisions.resize(steps * states);
    std::array<float, states> metrics[2];
    float *metric = metrics[0].data(), *next = metrics[1].data();
    metrics[0].fill(-1e30f); // the encoder starts in state 0
    metric[0] = 0.0f;
    for (size_t i = 0; i < steps; i++) {
        step(metric,
             soft[2 * i],
             soft[2 * i + 1],
             d_first[0].data(),
             d_second[0].data(),
             d_first[1].data(),
             d_second[1].data(),
             next,
             &d_decisions[i * states]);
        std::swap(metric, next);
    }
    std::vector<uint8_t> bits(n);
    size_t s = 0; // and ends there
    for (size_t i = steps; i-- > 0;) {
        if (i < n)
            bits[i] = s & 1u;
        s = (s >> 1) | (static_cast<size_t>(d_decisions[i * states + s]) << 5);
    }
    return bits;
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
