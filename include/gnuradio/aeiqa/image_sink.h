/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_IMAGE_SINK_H
#define INCLUDED_AEIQA_IMAGE_SINK_H

#include <gnuradio/aeiqa/api.h>
#include <gnuradio/aeiqa/receiver_counters.h>
#include <gnuradio/sync_block.h>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace gr {
namespace aeiqa {

/*!
 * \brief An image put together by image_sink.
 *
 * It holds the bytes that came, however large its header says that the image is.
 */
struct AEIQA_API received_image {
    //! Bytes that came and belong one behind the other.
    struct part {
        uint64_t offset, nbytes;
        uint8_t status; // as in fragments()
    };

    uint64_t index = 0;
    int label = -1; // unknown
    int rows = 0, cols = 0, channels = 0;
    uint64_t missing = 0;    // bytes that never came, and stand as fill in the pixels
    bool misaligned = false; // its training was not where its tag says: ls_equalizer
    uint8_t fill = 0;
    bool columns = false;       // the bytes came column by column, channel by channel
    std::vector<uint8_t> bytes; // that came, in the order in which they came
    std::vector<part> parts;    // where they belong

    // The rest is known of images that came in air frames only.
    uint64_t frame_nbytes = 0; // of the image, in a full frame; 0: not on air
    int stream = -1;           // the transmitter's number
    int bits = 0;              // of a point
    double snr_db = 0.0;       // Es/N0, mean over the frames
    double cfo = 0.0;          // frequency offset in carriers, mean over the frames
    uint64_t start = 0;        // sample at which the first frame began

    uint64_t nbytes() const { return uint64_t(rows) * cols * channels; }

    //! rows x cols x channels, C order
    std::vector<uint8_t> pixels() const;

    //! Writes those pixels that came to their places among nbytes() others.
    void write_pixels(uint8_t* image) const;

    //! Each frame's payload: 0 lost, 1 right, 2 damaged.
    std::vector<uint8_t> fragments() const;
};

//! How many bytes of images wait in an image_sink, unless another limit is given.
constexpr uint64_t default_max_waiting_bytes = uint64_t(1) << 28;

/*!
 * \brief Puts bytes back together into images by their `img` tags.
 * \ingroup aeiqa
 *
 * Input: bytes. An image whose next one begins too early is kept, its missing bytes 0,
 * and counted; so is one that the flowgraph's end, or lock() and unlock(), cut short. An
 * image whose tag cannot be one is dropped and counted, and the first such is logged.
 * Message port `images`: a PDU (metadata with `index, label, rows, cols, channels,
 * missing`, of a misaligned one `misaligned`, on air `snr_db`; u8 vector) for each
 * image.
 *
 * Tags of air frames are fragments of images: these it puts together by offset, checks
 * by the payloads' CRC, fills up and counts.
 */
class AEIQA_API image_sink : virtual public gr::sync_block
{
public:
    typedef std::shared_ptr<image_sink> sptr;

    /*!
     * \param order order of the pixels in the stream, as in the source: raster, column
     * \param keep images kept until taken, the oldest dropped first; -1: all (images).
     * Give a number in flowgraphs without an end
     * \param fill value of pixels that never came; from 0 to 255
     * \param max_image_bytes size of the largest image kept; from 1 to 1073741824 in air
     * frames (bytes)
     * \param max_waiting_bytes memory of the images that wait to be taken, 1 or more; the
     * oldest give way and are counted (bytes)
     * \throws std::invalid_argument on any other value
     */
    static sptr make(const std::string& order = "raster",
                     int keep = -1,
                     int fill = 0,
                     uint64_t max_image_bytes = 1 << 24,
                     uint64_t max_waiting_bytes = default_max_waiting_bytes);

    //! Hand over the images that have arrived since the last call. Any thread may call.
    virtual std::vector<received_image> take() = 0;

    //! The same images' pixels alone, one after the other, written to where \p memory_for
    //! (called once, with their number) points.
    virtual void take_pixels(const std::function<uint8_t*(size_t)>& memory_for) = 0;

    virtual uint64_t received() const = 0;    //!< Images, complete or not
    virtual uint64_t truncated() const = 0;   //!< Images with missing bytes
    virtual uint64_t misaligned() const = 0;  //!< Images that ls_equalizer has marked
    virtual uint64_t stray_bytes() const = 0; //!< Bytes outside any image, dropped
    virtual uint64_t
    overflowed() const = 0; //!< Images that gave way to max_waiting_bytes
    virtual uint64_t refused_tags() const = 0; //!< `img` tags that were no image's
    virtual uint64_t
    missed() const = 0; //!< Images that never came, by gaps in the indices
    //! Of air frames: their payloads and images. Any thread may call.
    virtual receiver_counters counters() const = 0;
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_IMAGE_SINK_H */
