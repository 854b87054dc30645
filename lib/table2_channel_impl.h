/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_TABLE2_CHANNEL_IMPL_H
#define INCLUDED_AEIQA_TABLE2_CHANNEL_IMPL_H

#include "dsp/table2_channel.h"
#include "img_tag.h"
#include "runtime_settings.h"
#include <gnuradio/aeiqa/table2_channel.h>

namespace gr {
namespace aeiqa {

class table2_channel_impl : public table2_channel
{
public:
    struct settings {
        double snr_db;
    };

    table2_channel_impl(const std::string& model,
                        double snr_db,
                        size_t symbol_len,
                        uint64_t seed);

    void set_snr_db(double snr_db) override;
    double snr_db() const override { return d_live.latest().snr_db; }

    uint64_t refused_tags() const override { return d_refusals.count(); }

    bool start() override;
    void forecast(int noutput_items, gr_vector_int& ninput_items_required) override;
    int general_work(int noutput_items,
                     gr_vector_int& ninput_items,
                     gr_vector_const_void_star& input_items,
                     gr_vector_void_star& output_items) override;

private:
    bool ready() const { return d_burst.size() == d_burst_len; }
    void start_burst(const pmt::pmt_t& tag);

    dsp::table2_channel d_channel;
    const size_t d_symbol_len;
    // A burst is collected to its last sample, sent through the channel, then handed out.
    pmt::pmt_t d_tag;
    std::vector<gr_complex> d_burst;
    size_t d_burst_len = 0; // of the burst being collected
    uint64_t d_index = 0;   // of its image
    size_t d_handed_out = 0;
    runtime_settings<settings> d_live;
    pmt::pmt_t d_changes; // of settings from this burst on, nil if none

    img_tag::reader d_tag_reader{ { img_tag::symbols(), img_tag::index() } };
    img_tag::refusals d_refusals;
    std::vector<tag_t> d_tags; // in the window, kept for its memory
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_TABLE2_CHANNEL_IMPL_H */
