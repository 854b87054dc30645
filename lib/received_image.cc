/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "pixel_order.h"
#include <gnuradio/aeiqa/image_sink.h>
#include <algorithm>

namespace gr {
namespace aeiqa {

std::vector<uint8_t> received_image::pixels() const
{
    std::vector<uint8_t> image(nbytes(), fill);
    write_pixels(image.data());
    return image;
}

void received_image::write_pixels(uint8_t* image) const
{
    const uint8_t* from = bytes.data();
    const auto order = columns ? pixel_order::column : pixel_order::raster;
    const travel_order place(order, rows, cols, channels);
    for (const part& its : parts) {
        place.arrive(from, its.offset, its.nbytes, image);
        from += its.nbytes;
    }
}

std::vector<uint8_t> received_image::fragments() const
{
    if (frame_nbytes == 0)
        return {};
    std::vector<uint8_t> result((nbytes() + frame_nbytes - 1) / frame_nbytes, 0);
    for (const part& its : parts) {
        const uint64_t end = its.offset + its.nbytes;
        std::fill(result.begin() + its.offset / frame_nbytes,
                  result.begin() + (end + frame_nbytes - 1) / frame_nbytes,
                  its.status);
    }
    return result;
}

} // namespace aeiqa
} // namespace gr
