/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "image_tagger_impl.h"
#include "img_tag.h"
#include "make_named.h"
#include <gnuradio/io_signature.h>
#include <algorithm>

namespace gr {
namespace aeiqa {

image_tagger::sptr
image_tagger::make(int rows, int cols, int channels, uint64_t first_index)
{
    return make_named("image_tagger", [&] {
        return gnuradio::make_block_sptr<image_tagger_impl>(
            rows, cols, channels, first_index);
    });
}

image_tagger_impl::image_tagger_impl(int rows,
                                     int cols,
                                     int channels,
                                     uint64_t first_index)
    : gr::sync_block("image_tagger",
                     gr::io_signature::make(1, 1, sizeof(uint8_t)),
                     gr::io_signature::make(1, 1, sizeof(uint8_t))),
      d_nbytes(img_tag::checked_bytes(rows, cols, channels)),
      d_first_index(first_index),
      d_common_tag(img_tag::without_index(rows, cols, channels, -1))
{
    set_tag_propagation_policy(TPP_DONT);
}

int image_tagger_impl::work(int noutput_items,
                            gr_vector_const_void_star& input_items,
                            gr_vector_void_star& output_items)
{
    const uint64_t begin = nitems_written(0), end = begin + noutput_items;
    std::copy_n(static_cast<const uint8_t*>(input_items[0]),
                noutput_items,
                static_cast<uint8_t*>(output_items[0]));
    get_tags_in_window(d_tags, 0, 0, noutput_items);
    for (const tag_t& tag : d_tags)
        if (tag.key != img_tag::key())
            add_item_tag(0, tag);
    for (uint64_t image = (begin + d_nbytes - 1) / d_nbytes; image * d_nbytes < end;
         image++) {
        pmt::pmt_t tag = d_common_tag;
        img_tag::add(tag, img_tag::index(), static_cast<long>(d_first_index + image));
        add_item_tag(0, image * d_nbytes, img_tag::key(), tag, alias_pmt());
    }
    return noutput_items;
}

} // namespace aeiqa
} // namespace gr
