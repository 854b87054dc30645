/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks.h"
#include <pybind11/numpy.h>
#include <cstring>

namespace py = pybind11;

namespace {

using bytes_t = py::array_t<uint8_t, py::array::c_style>;

// Compiled for the processor's own instruction as well, where the loader can choose.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
__attribute__((target_clones("popcnt", "default")))
#endif
int64_t
differing_bits(const uint8_t* a, const uint8_t* b, size_t n)
{
    int64_t count = 0;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t x, y;
        std::memcpy(&x, a + i, 8);
        std::memcpy(&y, b + i, 8);
        count += __builtin_popcountll(x ^ y);
    }
    for (; i < n; i++)
        count += __builtin_popcount(a[i] ^ b[i]);
    return count;
}

py::array_t<int64_t> hamming_distance(const bytes_t& a, const bytes_t& b)
{
    if (a.ndim() != 2 || b.ndim() != 2 || a.shape(0) != b.shape(0) ||
        a.shape(1) != b.shape(1))
        throw std::invalid_argument(
            "hamming_distance: takes two uint8 [N, bytes] of one shape");
    py::array_t<int64_t> count(a.shape(0));
    auto out = count.mutable_unchecked<1>();
    for (py::ssize_t i = 0; i < a.shape(0); i++)
        out(i) = differing_bits(a.data(i), b.data(i), a.shape(1));
    return count;
}

} // namespace

void bind_bits(py::module& m)
{
    m.def(
        "hamming_distance",
        &hamming_distance,
        py::arg("a"),
        py::arg("b"),
        R"(Number of differing bits in each row of two uint8 [N, bytes] arrays, int64 [N].

NumPy counts bits from version 2 on; GNU Radio's modules need version 1.)");
}
