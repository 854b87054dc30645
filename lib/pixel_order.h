/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_PIXEL_ORDER_H
#define INCLUDED_AEIQA_PIXEL_ORDER_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gr {
namespace aeiqa {

//! In what order an image's pixels travel.
enum class pixel_order { raster, column };

//! \throws std::invalid_argument unless raster or column
pixel_order parse_pixel_order(const std::string& name);

//! Position in C order (rows x cols x channels) of the byte that travels k-th.
std::vector<size_t>
travel_order(pixel_order order, size_t rows, size_t cols, size_t channels);

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_PIXEL_ORDER_H */
