/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_CHECKED_H
#define INCLUDED_AEIQA_DSP_CHECKED_H

#include <initializer_list>
#include <cstdint>
#include <optional>

namespace gr {
namespace aeiqa {
namespace dsp {

/*
 * Sizes that come from outside, in a tag, a header or a parameter, are multiplied and
 * added by these two, so that none wraps round to a small one.
 */

//! The product; nothing if it does not fit into 64 bits.
inline std::optional<uint64_t> checked_product(std::initializer_list<uint64_t> factors)
{
    uint64_t product = 1;
    for (const uint64_t factor : factors)
        if (__builtin_mul_overflow(product, factor, &product))
            return std::nullopt;
    return product;
}

//! The sum; nothing if it does not fit into 64 bits.
inline std::optional<uint64_t> checked_sum(std::initializer_list<uint64_t> terms)
{
    uint64_t sum = 0;
    for (const uint64_t term : terms)
        if (__builtin_add_overflow(sum, term, &sum))
            return std::nullopt;
    return sum;
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_CHECKED_H */
