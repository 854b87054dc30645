/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_IMAGE_TAGGER_IMPL_H
#define INCLUDED_AEIQA_IMAGE_TAGGER_IMPL_H

#include "run_watch.h"
#include <gnuradio/aeiqa/image_tagger.h>
#include <cstdint>
#include <optional>
#include <vector>

namespace gr {
namespace aeiqa {

class image_tagger_impl : public image_tagger
{
public:
    image_tagger_impl(int rows, int cols, int channels, uint64_t first_index);

    bool check_topology(int ninputs, int noutputs) override;
    bool start() override;
    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    const uint64_t d_nbytes;
    const uint64_t d_first_index;
    pmt::pmt_t d_common_tag; // without the index
    run_watch d_runs;
    uint64_t d_image = 0;                       // to which the next byte belongs, from 0
    uint64_t d_position = 0;                    // of that byte in it
    bool d_aligned = true;                      // these two are known
    std::optional<uint64_t> d_on_their_way = 0; // bytes, when the flowgraph was unlocked
    std::vector<tag_t> d_tags;
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_IMAGE_TAGGER_IMPL_H */
