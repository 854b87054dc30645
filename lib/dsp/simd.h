/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_SIMD_H
#define INCLUDED_AEIQA_DSP_SIMD_H

/*
 * The hot loops are plain C++ that the compiler vectorises; AEIQA_SIMD compiles them once
 * per instruction set and lets the loader choose, so one binary runs fast everywhere.
 *
 * lib/CMakeLists.txt sets -ffp-contract=off: without fused multiply-adds a vector lane
 * and the scalar loop tail round alike, so a result depends neither on where the
 * scheduler cuts the stream nor on the processor's instruction set.
 */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12
#define AEIQA_SIMD \
    __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define AEIQA_SIMD
#endif

#endif /* INCLUDED_AEIQA_DSP_SIMD_H */
