/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_FUZZ_REQUIRE_H
#define INCLUDED_AEIQA_FUZZ_REQUIRE_H

#include <cstdio>
#include <cstdlib>

//! What a harness finds wrong ends it, and libFuzzer keeps the input.
#define REQUIRE(condition)                                                            \
    do {                                                                              \
        if (!(condition)) {                                                           \
            std::fprintf(                                                             \
                stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                             \
        }                                                                             \
    } while (false)

#endif /* INCLUDED_AEIQA_FUZZ_REQUIRE_H */
