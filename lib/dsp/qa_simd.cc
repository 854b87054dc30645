/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// The loops that simd.h compiles several times give the same bits on every instruction
// set that this processor runs, and so do those that the loader chose. tests.cmake
// compiles simd_results.cc and the classes it calls once for each instruction set, in a
// namespace of its own.

#define BOOST_TEST_MODULE simd
#include "simd_results.h"
#include <boost/test/unit_test.hpp>
#include <iostream>

namespace gr {
namespace aeiqa {
namespace dsp_baseline {
std::map<std::string, std::string> simd_results();
}
namespace dsp_avx2 {
std::map<std::string, std::string> simd_results();
}
namespace dsp_avx512 {
std::map<std::string, std::string> simd_results();
}
} // namespace aeiqa
} // namespace gr

using namespace gr::aeiqa;
using results = std::map<std::string, std::string>;

static const results& expected()
{
    static const results baseline = dsp_baseline::simd_results();
    return baseline;
}

static void check(const results& got, const char* path)
{
    BOOST_TEST_REQUIRE(got.size() == expected().size());
    for (const auto& [name, bits] : expected()) {
        BOOST_TEST(!bits.empty(), name);
        BOOST_TEST((got.at(name) == bits),
                   name << ": " << path << " is not the baseline");
    }
}

static bool runs_avx2()
{
#if !defined(__x86_64__)
    return false;
#elif defined(__clang__) || __GNUC__ < 12
    return __builtin_cpu_supports("avx2");
#else
    return __builtin_cpu_supports("x86-64-v3");
#endif
}

static bool runs_avx512()
{
#if !defined(__x86_64__)
    return false;
#elif defined(__clang__) || __GNUC__ < 12
    return __builtin_cpu_supports("avx512bw");
#else
    return __builtin_cpu_supports("x86-64-v4");
#endif
}

BOOST_AUTO_TEST_CASE(chosen_path_gives_the_bits_of_the_baseline)
{
    check(dsp::simd_results(), "the chosen path");
}

BOOST_AUTO_TEST_CASE(avx2_gives_the_bits_of_the_baseline)
{
    if (runs_avx2())
        check(dsp_avx2::simd_results(), "AVX2");
    else
        std::cout << "AVX2 is left out: this processor does not run it\n";
}

BOOST_AUTO_TEST_CASE(avx512_gives_the_bits_of_the_baseline)
{
    if (runs_avx512())
        check(dsp_avx512::simd_results(), "AVX-512");
    else
        std::cout << "AVX-512 is left out: this processor does not run it\n";
}
