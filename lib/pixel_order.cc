/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "pixel_order.h"
#include <algorithm>
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

travel_order::travel_order(pixel_order order, size_t rows, size_t cols, size_t channels)
    : d_order(order), d_rows(rows), d_cols(cols), d_channels(channels)
{
}

// Column by column, channel by channel: \p copy gets for each byte on its way, counted
// from \p first, its position in C order.
template <typename Copy>
void travel_order::each(size_t first, size_t n, Copy copy) const
{
    size_t row = first % d_rows, col = first / d_rows % d_cols,
           channel = first / d_rows / d_cols;
    for (size_t k = 0; k < n; k++) {
        copy(k, (row * d_cols + col) * d_channels + channel);
        if (++row < d_rows)
            continue;
        row = 0;
        if (++col < d_cols)
            continue;
        col = 0;
        channel++;
    }
}

void travel_order::arrive(const uint8_t* bytes,
                          size_t first,
                          size_t n,
                          uint8_t* image) const
{
    if (d_order == pixel_order::raster)
        std::copy_n(bytes, n, image + first);
    else
        each(first, n, [=](size_t k, size_t position) { image[position] = bytes[k]; });
}

void travel_order::depart(const uint8_t* image, uint8_t* bytes) const
{
    const size_t n = d_rows * d_cols * d_channels;
    if (d_order == pixel_order::raster)
        std::copy_n(image, n, bytes);
    else
        each(0, n, [=](size_t k, size_t position) { bytes[k] = image[position]; });
}

} // namespace aeiqa
} // namespace gr
