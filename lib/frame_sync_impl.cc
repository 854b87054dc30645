/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "frame_sync_impl.h"
#include "frame_tag.h"
#include "img_tag.h"
#include "make_named.h"
#include <gnuradio/io_signature.h>
#include <algorithm>
#include <cmath>

namespace gr {
namespace aeiqa {

namespace {

// Samples taken in at once: enough for the loops to be long, few enough for the caches.
constexpr size_t most_at_once = 16384;

} // namespace

frame_sync::sptr frame_sync::make(int fft_len,
                                  int cp_len,
                                  const std::vector<int>& data_carriers,
                                  const std::vector<int>& pilot_carriers,
                                  int training_symbols,
                                  int payload_symbols)
{
    return make_named("frame_sync", [&] {
        return gnuradio::make_block_sptr<frame_sync_impl>(
            dsp::ofdm_frame(dsp::carrier_plan(fft_len, data_carriers, pilot_carriers),
                            cp_len,
                            training_symbols,
                            payload_symbols));
    });
}

frame_sync_impl::frame_sync_impl(const dsp::ofdm_frame& format)
    : gr::block("frame_sync",
                gr::io_signature::make(1, 1, sizeof(gr_complex)),
                gr::io_signature::make(1, 1, sizeof(gr_complex))),
      d_format(format)
{
    // Tags in the samples mean nothing behind it.
    set_tag_propagation_policy(TPP_DONT);
}

bool frame_sync_impl::start()
{
    if (d_runs.resumes(*this)) {
        d_gone = 0; // the frame that was going out goes again, and the counts go on
        return gr::block::start();
    }
    d_sync.emplace(d_format);
    d_frame.reset();
    publish_counters();
    return gr::block::start();
}

receiver_counters frame_sync_impl::counters() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return d_counters;
}

void frame_sync_impl::publish_counters()
{
    d_level_db = 10.0 * std::log10(d_sync->mean_power());
    std::lock_guard<std::mutex> lock(d_mutex);
    d_counters = d_sync->counters();
}

void frame_sync_impl::forecast(int, gr_vector_int& ninput_items_required)
{
    ninput_items_required[0] = d_frame ? 0 : 1;
}

void frame_sync_impl::open_frame()
{
    d_frame = d_sync->next();
    d_gone = 0;
    if (!d_frame)
        return;
    d_snr_db = d_frame->snr_db;
    d_cfo = d_frame->cfo;
}

int frame_sync_impl::general_work(int noutput_items,
                                  gr_vector_int& ninput_items,
                                  gr_vector_const_void_star& input_items,
                                  gr_vector_void_star& output_items)
{
    const auto in = static_cast<const gr_complex*>(input_items[0]);
    auto out = static_cast<gr_complex*>(output_items[0]);
    const size_t available = ninput_items[0], room = noutput_items;

    size_t consumed = 0, produced = 0;
    while (produced < room) {
        if (!d_frame)
            open_frame();
        if (!d_frame) {
            if (consumed == available)
                break;
            const size_t count = std::min(available - consumed, most_at_once);
            d_sync->push(in + consumed, count);
            consumed += count;
            continue;
        }
        if (d_gone == 0)
            add_item_tag(
                0,
                nitems_written(0) + produced,
                img_tag::key(),
                frame_tag::make(*d_frame, d_format.payload_bytes(d_frame->header.bits)),
                alias_pmt());
        const size_t count = std::min(room - produced, d_frame->samples.size() - d_gone);
        std::copy_n(d_frame->samples.begin() + static_cast<std::ptrdiff_t>(d_gone),
                    count,
                    out + produced);
        d_gone += count;
        produced += count;
        if (d_gone == d_frame->samples.size())
            open_frame();
    }
    publish_counters();
    consume_each(static_cast<int>(consumed));
    return static_cast<int>(produced);
}

} // namespace aeiqa
} // namespace gr
