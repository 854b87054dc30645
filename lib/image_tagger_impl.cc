/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "image_tagger_impl.h"
#include "img_tag.h"
#include "make_named.h"
#include <gnuradio/block_detail.h>
#include <gnuradio/buffer.h>
#include <gnuradio/buffer_reader.h>
#include <gnuradio/io_signature.h>
#include <algorithm>
#include <utility>

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
      d_first_index(img_tag::checked_first_index(first_index)),
      d_common_tag(img_tag::without_index(rows, cols, channels, -1))
{
    set_tag_propagation_policy(TPP_DONT);
}

// How many items wait before a block that has read all its others; nothing if that cannot
// be told, because a block before it does not give an item for each that it takes.
static std::optional<uint64_t> waiting_before(gr::block_detail& block)
{
    if (block.ninputs() == 0)
        return 0;
    const auto reader = block.ninputs() == 1 ? block.input(0) : nullptr;
    const auto before = reader ? reader->buffer()->link() : nullptr;
    if (!before || !before->detail() || before->history() > 1 ||
        before->relative_rate() != 1.0)
        return std::nullopt;
    const auto others = waiting_before(*before->detail());
    return others ? std::optional<uint64_t>(*others + reader->items_available())
                  : std::nullopt;
}

// Unlocking asks this when all blocks have stopped, before it empties their buffers.
bool image_tagger_impl::check_topology(int ninputs, int noutputs)
{
    if (detail())
        d_on_their_way = waiting_before(*detail());
    return gr::sync_block::check_topology(ninputs, noutputs);
}

bool image_tagger_impl::start()
{
    if (!d_runs.resumes(*this)) {
        // An image that the run before this one left unfinished will not go on.
        d_image += d_position > 0;
        d_position = 0;
        d_aligned = true;
    } else if (d_on_their_way) {
        d_position += *d_on_their_way;
        d_image += d_position / d_nbytes;
        d_position %= d_nbytes;
    } else if (std::exchange(d_aligned, false)) {
        d_logger->error("the flowgraph was changed while bytes were on their way from "
                        "blocks that change their number, so that nobody knows where an "
                        "image begins: no more are tagged until it is run again");
    }
    return gr::sync_block::start();
}

int image_tagger_impl::work(int noutput_items,
                            gr_vector_const_void_star& input_items,
                            gr_vector_void_star& output_items)
{
    const uint64_t begin = nitems_written(0), n = noutput_items;
    std::copy_n(static_cast<const uint8_t*>(input_items[0]),
                noutput_items,
                static_cast<uint8_t*>(output_items[0]));
    get_tags_in_window(d_tags, 0, 0, noutput_items);
    for (const tag_t& tag : d_tags)
        if (tag.key != img_tag::key())
            add_item_tag(0, tag);
    if (!d_aligned)
        return noutput_items;
    for (uint64_t done = 0; done < n;) {
        if (d_position == 0) {
            pmt::pmt_t tag = d_common_tag;
            img_tag::add(
                tag, img_tag::index(), static_cast<long>(d_first_index + d_image));
            add_item_tag(0, begin + done, img_tag::key(), tag, alias_pmt());
        }
        const uint64_t count = std::min(n - done, d_nbytes - d_position);
        done += count;
        d_position += count;
        if (d_position == d_nbytes) {
            d_position = 0;
            d_image++;
        }
    }
    return noutput_items;
}

} // namespace aeiqa
} // namespace gr
