/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_IMAGE_TAGGER_H
#define INCLUDED_AEIQA_IMAGE_TAGGER_H

#include <gnuradio/aeiqa/api.h>
#include <gnuradio/sync_block.h>
#include <cstdint>

namespace gr {
namespace aeiqa {

/*!
 * \brief Puts `img` tags on a plain stream of images of one size.
 * \ingroup aeiqa
 *
 * Input: bytes of any block, images end to end. Output: the same bytes; the first of each
 * rows x cols x channels carries the tag `img` as image_source makes it. Tags `img` of
 * the input end here, others pass.
 */
class AEIQA_API image_tagger : virtual public gr::sync_block
{
public:
    typedef std::shared_ptr<image_tagger> sptr;

    /*!
     * \param rows rows of an image, 1 to 2^20; for bytes that are no image, such as coded
     * ones, a row of as many as belong together
     * \param cols columns of an image, 1 to 2^20
     * \param channels channels of an image, 1 to 2^20; an image has at most 2^30 bytes
     * \param first_index index of the first image; 0 to 2^62
     * \throws std::invalid_argument if a side is not from 1 to 2^20, or an image has more
     * than 2^30 bytes
     */
    static sptr
    make(int rows = 28, int cols = 28, int channels = 1, uint64_t first_index = 0);
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_IMAGE_TAGGER_H */
