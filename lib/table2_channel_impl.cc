/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "dsp/frame_layout.h"
#include "img_tag.h"
#include "make_named.h"
#include "table2_channel_impl.h"
#include <gnuradio/io_signature.h>
#include <algorithm>
#include <stdexcept>

namespace gr {
namespace aeiqa {

namespace {

// Of one burst, which waits as a whole: 8 bytes each.
constexpr uint64_t most_samples = uint64_t(1) << 29;

// Larger bursts than this get memory of just their size: growing takes twice as much.
constexpr size_t most_kept = size_t(1) << 22;

} // namespace

table2_channel::sptr table2_channel::make(
    const std::string& model, double snr_db, int fft_len, int cp_len, uint64_t seed)
{
    return make_named("table2_channel", [&] {
        dsp::check_fft_len(fft_len);
        dsp::check_cp_len(cp_len, fft_len);
        if (model != "awgn" && model != "rayleigh")
            throw std::invalid_argument("model must be awgn or rayleigh, got '" + model +
                                        "'");
        return gnuradio::make_block_sptr<table2_channel_impl>(
            model, snr_db, static_cast<size_t>(fft_len + cp_len), seed);
    });
}

static void set(table2_channel_impl::settings& settings,
                const std::string& name,
                const pmt::pmt_t& value)
{
    if (name != "snr_db")
        throw std::invalid_argument("setting must be snr_db, got '" + name + "'");
    settings.snr_db = number_setting(name, value);
    dsp::noise_power(settings.snr_db); // rejects invalid values
}

table2_channel_impl::table2_channel_impl(const std::string& model,
                                         double snr_db,
                                         size_t symbol_len,
                                         uint64_t seed)
    : gr::block("table2_channel",
                gr::io_signature::make(1, 1, sizeof(gr_complex)),
                gr::io_signature::make(1, 1, sizeof(gr_complex))),
      d_channel(snr_db, model == "rayleigh", seed),
      d_symbol_len(symbol_len),
      d_live("table2_channel", { snr_db }, set)
{
    set_tag_propagation_policy(TPP_DONT);
    message_port_register_in(cmd_port());
    set_msg_handler(cmd_port(),
                    [this](const pmt::pmt_t& cmd) { d_live.follow(cmd, d_logger); });
}

void table2_channel_impl::set_snr_db(double snr_db)
{
    d_live.change({ { "snr_db", pmt::from_double(snr_db) } });
}

bool table2_channel_impl::start()
{
    d_burst.clear();
    d_burst_len = d_handed_out = 0;
    d_refusals.restart();
    return gr::block::start();
}

void table2_channel_impl::forecast(int, gr_vector_int& ninput_items_required)
{
    const bool handing_out = ready() && d_handed_out < d_burst.size();
    ninput_items_required[0] = handing_out ? 0 : 1;
}

void table2_channel_impl::start_burst(const pmt::pmt_t& tag)
{
    const auto& values = d_tag_reader.read(tag);
    const long symbols = values[0], index = values[1];
    const long most = static_cast<long>(most_samples / d_symbol_len);
    const bool usable = symbols >= 0 && symbols <= most && index >= 0;
    if (!usable)
        d_refusals.add(d_logger,
                       "its tag needs an index from 0 up and symbols up to " +
                           std::to_string(most),
                       tag);
    settings now{};
    d_changes = d_live.take(now);
    if (!pmt::is_null(d_changes))
        d_channel.set_snr_db(now.snr_db);
    d_tag = tag;
    d_index = usable ? static_cast<uint64_t>(index) : 0;
    d_burst.clear();
    if (d_burst.capacity() > most_kept)
        d_burst.shrink_to_fit();
    d_burst_len = usable ? static_cast<size_t>(symbols) * d_symbol_len : 0;
    d_handed_out = 0;
}

int table2_channel_impl::general_work(int noutput_items,
                                      gr_vector_int& ninput_items,
                                      gr_vector_const_void_star& input_items,
                                      gr_vector_void_star& output_items)
{
    const auto in = static_cast<const gr_complex*>(input_items[0]);
    auto out = static_cast<gr_complex*>(output_items[0]);
    const size_t available = ninput_items[0];
    const size_t room = noutput_items;
    get_tags_in_window(d_tags, 0, 0, available, img_tag::key());

    size_t consumed = 0, produced = 0;
    for (auto tag = d_tags.begin();;) {
        if (ready()) {
            const size_t count = std::min(d_burst.size() - d_handed_out, room - produced);
            if (count > 0 && d_handed_out == 0) {
                const uint64_t offset = nitems_written(0) + produced;
                add_item_tag(0, offset, img_tag::key(), d_tag, alias_pmt());
                if (!pmt::is_null(d_changes))
                    add_item_tag(
                        0, offset, img_tag::setting_key(), d_changes, alias_pmt());
            }
            std::copy_n(d_burst.begin() + d_handed_out, count, out + produced);
            d_handed_out += count;
            produced += count;
            if (d_handed_out < d_burst.size())
                break; // out of room
            // Samples outside a burst are dropped.
            if (tag == d_tags.end()) {
                consumed = available;
                break;
            }
            consumed = tag->offset - nitems_read(0);
            start_burst(tag->value);
            ++tag;
            continue;
        }
        const size_t until =
            tag != d_tags.end() ? tag->offset - nitems_read(0) : available;
        const size_t count = std::min(d_burst_len - d_burst.size(), until - consumed);
        if (count == 0 && tag == d_tags.end())
            break; // out of input
        if (count == 0) {
            d_refusals.add(d_logger, "the next begins within its burst", d_tag);
            start_burst(tag->value);
            ++tag;
            continue;
        }
        if (d_burst.size() + count > d_burst.capacity() &&
            d_burst.size() + count > most_kept)
            d_burst.reserve(d_burst_len);
        d_burst.insert(d_burst.end(), in + consumed, in + consumed + count);
        consumed += count;
        if (ready())
            d_channel.process(d_index, d_burst);
    }
    consume_each(static_cast<int>(consumed));
    return static_cast<int>(produced);
}

} // namespace aeiqa
} // namespace gr
