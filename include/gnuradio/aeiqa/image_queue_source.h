/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_IMAGE_QUEUE_SOURCE_H
#define INCLUDED_AEIQA_IMAGE_QUEUE_SOURCE_H

#include <gnuradio/aeiqa/api.h>
#include <gnuradio/sync_block.h>
#include <cstdint>
#include <vector>

namespace gr {
namespace aeiqa {

//! How many bytes of images wait in an image_queue_source, unless told otherwise.
constexpr uint64_t default_queue_bytes = uint64_t(1) << 28;

/*!
 * \brief Sends images that are handed to it while the flowgraph runs.
 * \ingroup aeiqa
 *
 * Output: bytes, as image_source's in raster order. Message port `images`: PDUs (metadata
 * with `rows, cols` and, if known, `channels, label, index, bits, copies`; u8 vector);
 * PMT_EOF ends the stream.
 */
class AEIQA_API image_queue_source : virtual public gr::sync_block
{
public:
    typedef std::shared_ptr<image_queue_source> sptr;

    /*!
     * \param max_waiting images that may wait, 1 or more; further ones are rejected and
     * counted
     * \param max_waiting_bytes bytes of these images, 1 or more; further images are
     * refused, but one may wait however large it is (bytes)
     * \throws std::invalid_argument if one of them is less than 1
     */
    static sptr make(int max_waiting = 64,
                     uint64_t max_waiting_bytes = default_queue_bytes);

    /*!
     * Send an image. Any thread may call.
     * \param pixels rows x cols x channels
     * \param label class of the image, -1 if unknown
     * \param index -1: one more than the last
     * \param bits of a point in air frames, \p copies to send; 0: as the mapper is set
     * \return false if too many wait already
     * \throws std::invalid_argument if shape and pixels do not match, or a value is wrong
     */
    virtual bool send(std::vector<uint8_t> pixels,
                      int rows,
                      int cols,
                      int channels = 1,
                      int label = -1,
                      int64_t index = -1,
                      int bits = 0,
                      int copies = 0) = 0;

    //! No more will come: the stream ends when all is sent.
    virtual void finish() = 0;

    virtual uint64_t sent() const = 0;    //!< Images gone out
    virtual uint64_t waiting() const = 0; //!< Images still to go
    virtual uint64_t refused() const = 0; //!< PDUs that were no image, or too many
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_IMAGE_QUEUE_SOURCE_H */
