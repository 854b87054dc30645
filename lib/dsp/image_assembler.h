/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_IMAGE_ASSEMBLER_H
#define INCLUDED_AEIQA_DSP_IMAGE_ASSEMBLER_H

#include "fragment_store.h"
#include "frame_header.h"
#include <gnuradio/aeiqa/receiver_counters.h>
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

struct assembled_image {
    frame_header header;            //!< of the fragment that came first
    uint64_t frame_nbytes = 0;      //!< fragments begin at multiples of this
    std::vector<uint8_t> bytes;     //!< that came, in the order in which they were sent
    std::vector<image_part> parts;  //!< where they belong
    uint64_t missing = 0;           //!< bytes that never came
    double snr_db = 0.0, cfo = 0.0; //!< means over the frames that came
    uint64_t start = 0;             //!< of the first frame that came
};

/*!
 * \brief Puts fragments together into images.
 *
 * Only fragments that agree on stream, index, shape, modulation, labels and order make
 * one image, each at its own offset, so nothing shifts or mixes; one that says otherwise
 * than the first of its image in anything else is refused. An image ends when all
 * its fragments are right, with the last fragment of its last copy, or when a frame of
 * another image comes. Of several copies of a fragment the first right one counts; while
 * none is right, the one with the highest SNR.
 */
class image_assembler
{
public:
    //! \param max_image_bytes nothing is kept of larger images
    explicit image_assembler(uint64_t max_image_bytes);

    /*!
     * \param bytes as demapped, still scrambled; \p n of them, fewer than the fragment
     * has if its frame was cut
     */
    void add(const fragment& what, const uint8_t* bytes, size_t n);

    //! No more will come: end the image at hand.
    void finish();

    //! What comes from now on is none of the image at hand, whatever its number; the
    //! counts go on, and so do the numbers of frames and images that tell what was lost.
    void restart();

    std::optional<assembled_image> next();
    //! Of payloads and images; those of samples and headers stay 0.
    const receiver_counters& counters() const { return d_counters; }

private:
    bool fits(const fragment& what, size_t n) const;
    bool belongs(const frame_header& header) const;
    bool agrees(const fragment& what) const;
    void follow_sequence(const frame_header& header);
    void open(const fragment& what);

    const uint64_t d_max_image_bytes;
    receiver_counters d_counters;

    std::optional<frame_header> d_latest; // frame, for its stream and sequence number
    std::optional<frame_header> d_image;  // at hand, or the latest that has ended
    uint64_t d_frame_nbytes = 0;          // of its fragments
    bool d_open = false;
    assembled_image d_building;
    fragment_store d_fragments;     // of it
    uint64_t d_frames = 0;          // of it that have come
    std::vector<uint8_t> d_payload; // scratch
    std::vector<uint8_t> d_scrambling;
    std::deque<assembled_image> d_ready;
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_IMAGE_ASSEMBLER_H */
