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

namespace gr {
namespace aeiqa {

//! In what order an image's pixels travel.
enum class pixel_order { raster, column };

//! \throws std::invalid_argument unless raster or column
pixel_order parse_pixel_order(const std::string& name);

//! The places that the bytes of an image of one shape have on their way.
class travel_order
{
public:
    travel_order(pixel_order order, size_t rows, size_t cols, size_t channels);

    //! Writes the \p n bytes that travel from the \p first on to where they belong in an
    //! image in C order (rows x cols x channels).
    void arrive(const uint8_t* bytes, size_t first, size_t n, uint8_t* image) const;

    //! Writes a whole image, in C order, as it travels.
    void depart(const uint8_t* image, uint8_t* bytes) const;

private:
    template <typename Copy>
    void each(size_t first, size_t n, Copy copy) const;

    const pixel_order d_order;
    const size_t d_rows, d_cols, d_channels;
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_PIXEL_ORDER_H */
