/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_IMAGE_TAGGER_IMPL_H
#define INCLUDED_AEIQA_IMAGE_TAGGER_IMPL_H

#include <gnuradio/aeiqa/image_tagger.h>
#include <vector>

namespace gr {
namespace aeiqa {

class image_tagger_impl : public image_tagger
{
public:
    image_tagger_impl(int rows, int cols, int channels, uint64_t first_index);

    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    const uint64_t d_nbytes;
    const uint64_t d_first_index;
    pmt::pmt_t d_common_tag; // without the index
    std::vector<tag_t> d_tags;
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_IMAGE_TAGGER_IMPL_H */
