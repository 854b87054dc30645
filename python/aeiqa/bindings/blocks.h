/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_BINDINGS_BLOCKS_H
#define INCLUDED_AEIQA_BINDINGS_BLOCKS_H

#include <pybind11/pybind11.h>

void bind_air(pybind11::module& m);
void bind_bits(pybind11::module& m);
void bind_counters(pybind11::module& m);
void bind_images(pybind11::module& m);
void bind_link(pybind11::module& m);

#endif /* INCLUDED_AEIQA_BINDINGS_BLOCKS_H */
