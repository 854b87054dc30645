/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_IMAGE_ASSEMBLER_H
#define INCLUDED_AEIQA_DSP_IMAGE_ASSEMBLER_H

#include "frame_header.h"
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

//! The part of an image that came in one air frame.
struct fragment {
    frame_header header;
    uint64_t nbytes = 0;       //!< sent in this frame
    uint64_t frame_nbytes = 0; //!< that a full frame holds: fragments begin at multiples
    double snr_db = 0.0;
    double cfo = 0.0;   //!< in carriers
    uint64_t start = 0; //!< sample of the stream at which the frame begins
};

enum class fragment_status : uint8_t { lost = 0, ok = 1, damaged = 2 };

struct assembled_image {
    frame_header header;         //!< of the fragment that came first
    std::vector<uint8_t> pixels; //!< in the order in which they were sent
    std::vector<fragment_status> fragments;
    uint64_t missing = 0;           //!< bytes that never came
    double snr_db = 0.0, cfo = 0.0; //!< means over the frames that came
    uint64_t start = 0;             //!< of the first frame that came
};

/*!
 * \brief Puts fragments together into images.
 *
 * Only fragments that agree on stream, index, shape, modulation, labels and order make
 * one image, each at its own offset, so nothing shifts or mixes. An image ends when all
 * its fragments are right, with the last fragment of its last copy, or when a frame of
 * another image comes. Of several copies of a fragment the first right one counts; while
 * none is right, the one with the highest SNR.
 */
class image_assembler
{
public:
    struct counters {
        uint64_t payloads_right = 0, payloads_damaged = 0;
        uint64_t repeated = 0;    //!< frames whose fragment had come right already
        uint64_t refused = 0;     //!< frames of images larger than allowed
        uint64_t frames_lost = 0; //!< by the gaps in the frames' sequence numbers
        uint64_t images_missed =
            0; //!< of which no frame came, by the gaps in the indices
        uint64_t images_complete = 0, images_with_gaps = 0, images_damaged = 0;
        uint64_t streams = 0; //!< transmitters, or starts of one
    };

    //! \param fill value of bytes that never came
    //! \param max_image_bytes nothing is kept of larger images
    image_assembler(uint8_t fill, uint64_t max_image_bytes);

    /*!
     * \param bytes as demapped, still scrambled; \p n of them, fewer than the fragment
     * has if its frame was cut
     */
    void add(const fragment& what, const uint8_t* bytes, size_t n);

    //! No more will come: end the image at hand.
    void finish();

    std::optional<assembled_image> next();
    const counters& count() const { return d_count; }

private:
    bool belongs(const frame_header& header) const;
    void follow_sequence(const frame_header& header);
    void open(const fragment& what);
    void store(const fragment& what, const uint8_t* bytes, size_t n, bool right);

    const uint8_t d_fill;
    const uint64_t d_max_image_bytes;
    counters d_count;

    std::optional<frame_header> d_latest; // frame, for its stream and sequence number
    std::optional<frame_header> d_image;  // at hand, or the latest that has ended
    bool d_open = false;
    assembled_image d_building;
    std::vector<uint64_t> d_covered; // bytes of each fragment that have come
    std::vector<double> d_snr_db;    // of each fragment's frame
    uint64_t d_frames = 0;           // of it that have come
    std::vector<uint8_t> d_payload;  // scratch
    std::vector<uint8_t> d_scrambling;
    std::deque<assembled_image> d_ready;
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_IMAGE_ASSEMBLER_H */
