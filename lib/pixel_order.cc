/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "pixel_order.h"
#include <numeric>
#include <stdexcept>

namespace gr {
namespace aeiqa {

pixel_order parse_pixel_order(const std::string& name)
{
    if (name == "raster")
        return pixel_order::raster;
    if (name == "column")
        return pixel_order::column;
    throw std::invalid_argument("order must be raster or column, got '" + name + "'");
}

std::vector<size_t>
travel_order(pixel_order order, size_t rows, size_t cols, size_t channels)
{
    std::vector<size_t> position(rows * cols * channels);
    if (order == pixel_order::raster) {
        std::iota(position.begin(), position.end(), size_t(0));
        return position;
    }
    size_t k = 0;
    for (size_t channel = 0; channel < channels; channel++)
        for (size_t col = 0; col < cols; col++)
            for (size_t row = 0; row < rows; row++)
                position[k++] = (row * cols + col) * channels + channel;
    return position;
}

} // namespace aeiqa
} // namespace gr
