/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "channel_impl.h"
#include "dsp/frame_layout.h"
#include "img_tag.h"
#include "make_named.h"
#include <gnuradio/io_signature.h>
#include <algorithm>
#include <stdexcept>

namespace gr {
namespace aeiqa {

channel::sptr channel::make(const std::string& model,
                            double snr_db,
                            int n_taps,
                            const std::string& fading,
                            double doppler,
                            int fft_len,
                            int cp_len,
                            uint64_t seed,
                            bool tag_csi)
{
    return make_named("channel", [&] {
        dsp::check_fft_len(fft_len);
        dsp::check_cp_len(cp_len, fft_len);
        if (model != "awgn" && model != "rayleigh")
            throw std::invalid_argument("model must be awgn or rayleigh, got '" + model +
                                        "'");
        if (n_taps > fft_len)
            throw std::invalid_argument(
                "n_taps must be from 1 to fft_len = " + std::to_string(fft_len) +
                ", got " + std::to_string(n_taps));
        const size_t symbol_len = fft_len + cp_len;
        // Made for awgn as well: a wrong setting is wrong, used or not.
        std::optional<dsp::rayleigh_taps> taps(std::in_place,
                                               dsp::exponential_profile(n_taps),
                                               dsp::rayleigh_taps::parse_rate(fading),
                                               doppler,
                                               symbol_len,
                                               seed);
        if (model == "awgn")
            taps.reset();
        return gnuradio::make_block_sptr<channel_impl>(
            channel_impl::settings{ snr_db, fading, doppler },
            dsp::channel(snr_db, std::move(taps), symbol_len, seed),
            fft_len,
            tag_csi);
    });
}

static void
set(channel_impl::settings& settings, const std::string& name, const pmt::pmt_t& value)
{
    if (name == "snr_db") {
        settings.snr_db = number_setting(name, value);
        dsp::noise_power(settings.snr_db); // rejects invalid values, as do the others
    } else if (name == "fading") {
        settings.fading = word_setting(name, value);
        dsp::rayleigh_taps::parse_rate(settings.fading);
    } else if (name == "doppler") {
        settings.doppler = number_setting(name, value);
        dsp::rayleigh_taps::check_doppler(settings.doppler);
    } else {
        throw std::invalid_argument("setting must be snr_db, fading or doppler, got '" +
                                    name + "'");
    }
}

channel_impl::channel_impl(settings first, dsp::channel model, int fft_len, bool tag_csi)
    : gr::sync_block("channel",
                     gr::io_signature::make(1, 1, sizeof(gr_complex)),
                     gr::io_signature::make(1, 1, sizeof(gr_complex))),
      d_channel(std::move(model)),
      d_fft_len(fft_len),
      d_tag_csi(tag_csi),
      d_live("channel", std::move(first), set)
{
    // work() has all tags in hand, and hands them on itself.
    set_tag_propagation_policy(TPP_CUSTOM);
    message_port_register_in(cmd_port());
    set_msg_handler(cmd_port(),
                    [this](const pmt::pmt_t& cmd) { d_live.follow(cmd, d_logger); });
}

void channel_impl::set_snr_db(double snr_db)
{
    d_live.change({ { "snr_db", pmt::from_double(snr_db) } });
}

void channel_impl::set_fading(const std::string& fading)
{
    d_live.change({ { "fading", pmt::intern(fading) } });
}

void channel_impl::set_doppler(double doppler)
{
    d_live.change({ { "doppler", pmt::from_double(doppler) } });
}

// Whether the fading has changed, which has to start afresh then.
bool channel_impl::take_new_settings(uint64_t offset)
{
    settings now{};
    const pmt::pmt_t changes = d_live.take(now);
    if (pmt::is_null(changes))
        return false;
    add_item_tag(0, offset, img_tag::setting_key(), changes, alias_pmt());
    d_channel.set_snr_db(now.snr_db);
    if (!pmt::dict_has_key(changes, pmt::mp("fading")) &&
        !pmt::dict_has_key(changes, pmt::mp("doppler")))
        return false;
    d_channel.set_fading(dsp::rayleigh_taps::parse_rate(now.fading), now.doppler);
    return true;
}

bool channel_impl::start()
{
    d_refusals.restart();
    return gr::sync_block::start();
}

int channel_impl::work(int noutput_items,
                       gr_vector_const_void_star& input_items,
                       gr_vector_void_star& output_items)
{
    const auto in = static_cast<const gr_complex*>(input_items[0]);
    auto out = static_cast<gr_complex*>(output_items[0]);
    get_tags_in_window(d_tags, 0, 0, noutput_items);
    for (const tag_t& tag : d_tags)
        add_item_tag(0, tag); // as many items read as written
    img_tag::keep_only(d_tags, img_tag::key());

    const uint64_t first = nitems_read(0); // = nitems_written(0)
    const size_t n = noutput_items;
    auto tag = d_tags.begin();
    // A stream without tags is one image that never ends.
    const bool at_tag = !d_tags.empty() && tag->offset == first;
    if (!d_tagged && !at_tag && take_new_settings(first))
        d_channel.restart(0);
    for (size_t done = 0; done < n;) {
        if (tag != d_tags.end() && tag->offset == first + done) {
            take_new_settings(first + done);
            const long index = d_tag_reader.read(tag->value)[0];
            // Samples must go on; who puts the image together drops it by the same tag.
            if (index < 0)
                d_refusals.add(d_logger, "its tag needs an index from 0 up", tag->value);
            d_channel.restart(std::max(index, 0L));
            d_tagged = true;
            ++tag;
        }
        if (d_tag_csi && d_channel.response_changes())
            add_item_tag(0,
                         first + done,
                         img_tag::csi_key(),
                         pmt::init_c32vector(d_fft_len, d_channel.response(d_fft_len)),
                         alias_pmt());
        const size_t next_image = tag != d_tags.end() ? tag->offset - first : n;
        const size_t count = std::min(next_image - done, d_channel.most_at_once());
        d_channel.process(in + done, count, out + done);
        done += count;
    }
    return noutput_items;
}

} // namespace aeiqa
} // namespace gr
