/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_SIMD_H
#define INCLUDED_AEIQA_DSP_SIMD_H

#include <cstddef> // also tells which C library this is

/*
 * The hot loops are plain C++ that the compiler vectorises; AEIQA_SIMD compiles them once
 * per instruction set and lets the loader choose, so one binary runs fast everywhere.
 * Such a function is called in its own file only, or through a pointer: Clang 14 calls a
 * wrong symbol for clones in other files.
 *
 * lib/CMakeLists.txt sets -ffp-contract=off: without fused multiply-adds a vector lane
 * and the scalar loop tail round alike, so a result depends neither on where the
 * scheduler cuts the stream nor on the processor's instruction set. qa_simd.cc compares
 * the instruction sets bit for bit: for it, AEIQA_SIMD_PATH names the one to compile.
 */
#define AEIQA_SIMD_BASELINE 1
#define AEIQA_SIMD_AVX2 2
#define AEIQA_SIMD_AVX512 3

// The names of the instruction sets to the compiler.
#if !defined(__clang__) && defined(__GNUC__) && __GNUC__ >= 12
#define AEIQA_AVX512_TARGET "arch=x86-64-v4"
#define AEIQA_AVX2_TARGET "arch=x86-64-v3"
#else // does not take levels of x86-64 here
#define AEIQA_AVX512_TARGET "avx512bw"
#define AEIQA_AVX2_TARGET "avx2"
#endif

// ThreadSanitizer is not ready yet when the loader chooses.
#if defined(__SANITIZE_THREAD__)
#define AEIQA_THREAD_SANITIZER
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define AEIQA_THREAD_SANITIZER
#endif
#endif

#if !defined(__x86_64__) || AEIQA_SIMD_PATH == AEIQA_SIMD_BASELINE
#define AEIQA_SIMD
#elif AEIQA_SIMD_PATH == AEIQA_SIMD_AVX2
#define AEIQA_SIMD __attribute__((target(AEIQA_AVX2_TARGET)))
#elif AEIQA_SIMD_PATH == AEIQA_SIMD_AVX512
#define AEIQA_SIMD __attribute__((target(AEIQA_AVX512_TARGET)))
#elif defined(__linux__) && defined(__GLIBC__) && !defined(AEIQA_THREAD_SANITIZER) && \
    (!defined(__clang__) || __clang_major__ >= 14)
#define AEIQA_SIMD \
    __attribute__((target_clones(AEIQA_AVX512_TARGET, AEIQA_AVX2_TARGET, "default")))
#else // no loader that chooses
#define AEIQA_SIMD
#endif

// A product rounded by itself. GCC from 12 on makes a fused instruction of a[0] b - c and
// a[1] b + c side by side, whatever -ffp-contract says.
#if !defined(__clang__) && defined(__GNUC__) && __GNUC__ >= 12
#define AEIQA_ROUNDED(product) __builtin_assoc_barrier(product)
#else
#define AEIQA_ROUNDED(product) (product)
#endif

#endif /* INCLUDED_AEIQA_DSP_SIMD_H */
