/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_CHANNEL_IMPL_H
#define INCLUDED_AEIQA_CHANNEL_IMPL_H

#include "dsp/channel.h"
#include "img_tag.h"
#include "runtime_settings.h"
#include <gnuradio/aeiqa/channel.h>

namespace gr {
namespace aeiqa {

class channel_impl : public channel
{
public:
    struct settings {
        double snr_db;
        std::string fading;
        double doppler;
    };

    channel_impl(settings first, dsp::channel model, int fft_len, bool tag_csi);

    void set_snr_db(double snr_db) override;
    void set_fading(const std::string& fading) override;
    void set_doppler(double doppler) override;
    double snr_db() const override { return d_live.latest().snr_db; }
    std::string fading() const override { return d_live.latest().fading; }
    double doppler() const override { return d_live.latest().doppler; }

    uint64_t refused_tags() const override { return d_refusals.count(); }

    bool start() override;
    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    bool take_new_settings(uint64_t offset);

    dsp::channel d_channel;
    const size_t d_fft_len;
    const bool d_tag_csi;
    bool d_tagged = false; // an img tag has been seen
    runtime_settings<settings> d_live;

    img_tag::reader d_tag_reader{ { img_tag::index() } };
    img_tag::refusals d_refusals;
    std::vector<tag_t> d_tags; // in the window, kept for its memory
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_CHANNEL_IMPL_H */
