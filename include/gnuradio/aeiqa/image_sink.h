/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_IMAGE_SINK_H
#define INCLUDED_AEIQA_IMAGE_SINK_H

#include <gnuradio/aeiqa/api.h>
#include <gnuradio/sync_block.h>
#include <cstdint>
#include <string>
#include <vector>

namespace gr {
namespace aeiqa {

//! An image put together by image_sink.
struct AEIQA_API received_image {
    uint64_t index;
    int label; // -1: unknown
    int rows, cols, channels;
    uint64_t missing;            // bytes that never came, and stand as 0 in the pixels
    std::vector<uint8_t> pixels; // rows x cols x channels, C order
};

/*!
 * \brief Puts bytes back together into images by their `img` tags.
 * \ingroup aeiqa
 *
 * Input: bytes. An image whose next one begins too early is kept, its missing bytes 0,
 * and counted. Message port `images`: a PDU (metadata with `index, label, rows, cols,
 * channels, missing`, u8 vector) for each image.
 */
class AEIQA_API image_sink : virtual public gr::sync_block
{
public:
    typedef std::shared_ptr<image_sink> sptr;

    /*!
     * \param order raster or column, as in image_source
     * \param keep how many images wait for take(), the oldest giving way; -1: all
     * \throws std::invalid_argument on any other value
     */
    static sptr make(const std::string& order = "raster", int keep = -1);

    //! Hand over the images that have arrived since the last call. Any thread may call.
    virtual std::vector<received_image> take() = 0;

    virtual uint64_t received() const = 0;    //!< Images, complete or not
    virtual uint64_t truncated() const = 0;   //!< Images with missing bytes
    virtual uint64_t stray_bytes() const = 0; //!< Bytes outside any image, dropped
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_IMAGE_SINK_H */
