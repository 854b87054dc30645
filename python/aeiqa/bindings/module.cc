/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks.h"

// Written by hand: binding these few classes so keeps their docstrings beside them, and
// the build free of checksums of headers.
PYBIND11_MODULE(aeiqa_python, m)
{
    // The base classes of our blocks must be known first.
    pybind11::module::import("gnuradio.gr");
    bind_bits(m);
    bind_counters(m);
    bind_images(m);
    bind_link(m);
    bind_air(m);
}
