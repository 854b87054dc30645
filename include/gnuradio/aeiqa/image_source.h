/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_IMAGE_SOURCE_H
#define INCLUDED_AEIQA_IMAGE_SOURCE_H

#include <gnuradio/aeiqa/api.h>
#include <gnuradio/sync_block.h>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace gr {
namespace aeiqa {

/*!
 * \brief Sends images as packed bits, most significant bit first, in raster order.
 * \ingroup aeiqa
 *
 * Output: bytes. The first byte of each image carries the tag `img`, a dict of
 * `index, label, rows, cols, channels, nbytes`; it frames the image in the whole link.
 * A burst of several has one tag, whose `nbytes` are all theirs and whose `images` say
 * rows, cols, channels and label of each.
 */
class AEIQA_API image_source : virtual public gr::sync_block
{
public:
    typedef std::shared_ptr<image_source> sptr;

    /*!
     * \param pixels all images one after the other, each rows x cols x channels, C order
     * \param shapes rows, cols and channels of each image
     * \param labels class of each image; empty: all -1, unknown
     * \param first_index index of the first image; noise and fading are keyed by it
     * \param repeat start again after the last image, the index going on
     * \param order `raster`, or `column`: MATLAB's order, columns first, channel by
     * channel
     * \param images_per_burst images that one burst carries, one after the other; 0: all
     * \throws std::invalid_argument if there is no image, a shape is not
     * positive, sizes do not add up to the pixels, or labels are not one for each image
     */
    static sptr make(std::vector<uint8_t> pixels,
                     std::vector<std::array<int, 3>> shapes,
                     std::vector<int> labels = {},
                     uint64_t first_index = 0,
                     bool repeat = false,
                     const std::string& order = "raster",
                     uint64_t images_per_burst = 1);

    //! Images sent so far.
    virtual uint64_t sent() const = 0;
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_IMAGE_SOURCE_H */
