/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE rng
#include "rng.h"
#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace gr::aeiqa::dsp;

// Known answers of the Random123 library, tests/kat_vectors, threefry4x32 20.
BOOST_AUTO_TEST_CASE(threefry_known_answers)
{
    using words = std::array<uint32_t, 4>;
    const uint32_t ones = 0xffffffffu;
    BOOST_TEST((threefry4x32({ 0, 0, 0, 0 }, { 0, 0, 0, 0 }) ==
                words{ 0x9c6ca96a, 0xe17eae66, 0xfc10ecd4, 0x5256a7d8 }));
    BOOST_TEST((threefry4x32({ ones, ones, ones, ones }, { ones, ones, ones, ones }) ==
                words{ 0x2a881696, 0x57012287, 0xf6c7446e, 0xa16a6732 }));
    BOOST_TEST((threefry4x32({ 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
                             { 0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89 }) ==
                words{ 0x59cd1dbb, 0xb8879579, 0x86b5d00c, 0xac8b6d84 }));
}

BOOST_AUTO_TEST_CASE(single_numbers_are_those_of_the_block)
{
    const counter_rng rng(7, rng_use::noise);
    float re[counter_rng::block_len], im[counter_rng::block_len];
    rng.normal_block(3, 11, re, im);
    for (size_t i = 0; i < counter_rng::block_len; i++) {
        const auto z = rng.normal(3, 11 * counter_rng::block_len + i);
        BOOST_TEST(z.real() == re[i]);
        BOOST_TEST(z.imag() == im[i]);
    }
}

BOOST_AUTO_TEST_CASE(box_muller_is_exact)
{
    // The angle and radius of each number, again in double precision from the same words.
    const counter_rng rng(7, rng_use::noise);
    for (uint64_t i = 0; i < 100000; i++) {
        const uint64_t lane = i % 32;
        const auto w =
            threefry4x32({ static_cast<uint32_t>(i), 0, 0, 0 }, { 7, 0, 5, 0 });
        const double radius = std::sqrt(-std::log((w[0] + 0.5) / 4294967296.0));
        const double angle = M_PI * static_cast<int32_t>(w[1]) / 2147483648.0;
        const auto z = rng.normal(5, (i - lane) * 2 + lane);
        // ln u is good to half a float step at 1, which small radii magnify.
        BOOST_TEST(std::abs(std::complex<double>(z) - std::polar(radius, angle)) <
                   1e-6 + 6e-8 / radius);
    }
}

BOOST_AUTO_TEST_CASE(seed_use_image_and_position_all_matter)
{
    const auto z = counter_rng(1, rng_use::noise).normal(2, 3);
    BOOST_TEST((z == counter_rng(1, rng_use::noise).normal(2, 3)));
    BOOST_TEST((z != counter_rng(uint64_t(1) << 32, rng_use::noise).normal(2, 3)));
    BOOST_TEST((z != counter_rng(1, rng_use::fading).normal(2, 3)));
    BOOST_TEST((z != counter_rng(1, rng_use::noise).normal(uint64_t(2) << 32, 3)));
    BOOST_TEST((z != counter_rng(1, rng_use::noise).normal(2, (uint64_t(1) << 40) + 3)));
}

BOOST_AUTO_TEST_CASE(moments_and_tail)
{
    const counter_rng rng(1, rng_use::noise);
    const size_t blocks = 40000, n = blocks * counter_rng::block_len;
    double mean_re = 0, mean_im = 0, power = 0, fourth = 0, cross = 0;
    size_t tail = 0;
    for (size_t b = 0; b < blocks; b++) {
        float re[counter_rng::block_len], im[counter_rng::block_len];
        rng.normal_block(0, b, re, im);
        for (size_t i = 0; i < counter_rng::block_len; i++) {
            const double e = re[i] * re[i] + im[i] * im[i];
            mean_re += re[i];
            mean_im += im[i];
            power += e;
            fourth += e * e;
            cross += re[i] * im[i];
            tail += std::abs(re[i]) * M_SQRT2 > 4.0;
        }
    }
    // 99.9 % intervals, z = 3.29, from the variances of an exact CN(0, 1).
    const double z = 3.29 / std::sqrt(static_cast<double>(n));
    BOOST_TEST(std::abs(mean_re / n) < z * std::sqrt(0.5));
    BOOST_TEST(std::abs(mean_im / n) < z * std::sqrt(0.5));
    BOOST_TEST(std::abs(power / n - 1) < z);                    // var |z|^2 = 1
    BOOST_TEST(std::abs(fourth / n - 2) < z * std::sqrt(20.0)); // var |z|^4 = 24 - 4
    BOOST_TEST(std::abs(cross / n) < z * 0.5);
    const double p = std::erfc(4.0 / M_SQRT2); // two-sided, 4 standard deviations
    BOOST_TEST(std::abs(tail - n * p) < 3.29 * std::sqrt(n * p));
}

BOOST_AUTO_TEST_CASE(a_sequence_does_not_depend_on_how_it_is_read)
{
    normal_sequence whole(5, rng_use::noise), cut(5, rng_use::noise);
    whole.restart(9);
    cut.restart(9);
    std::vector<float> a, b;
    const auto read = [](normal_sequence& sequence, size_t n, std::vector<float>& to) {
        while (n > 0) {
            const float *re, *im;
            const size_t count = sequence.next(n, re, im);
            for (size_t i = 0; i < count; i++)
                to.insert(to.end(), { re[i], im[i] });
            n -= count;
        }
    };
    read(whole, 1000, a);
    for (size_t piece = 1; b.size() < a.size(); piece = piece * 7 % 97)
        read(cut, std::min(piece, (a.size() - b.size()) / 2), b);
    BOOST_TEST(a == b);
}
