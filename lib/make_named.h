/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_MAKE_NAMED_H
#define INCLUDED_AEIQA_MAKE_NAMED_H

#include <stdexcept>
#include <string>

namespace gr {
namespace aeiqa {

//! Run \p make; what it finds wrong with an argument is said in the name of \p block.
template <typename Make>
auto make_named(const char* block, Make make)
{
    try {
        return make();
    } catch (const std::invalid_argument& error) {
        throw std::invalid_argument(std::string(block) + ": " + error.what());
    }
}

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_MAKE_NAMED_H */
