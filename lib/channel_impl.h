/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_CHANNEL_IMPL_H
#define INCLUDED_AEIQA_CHANNEL_IMPL_H

#include "dsp/channel.h"
#include <gnuradio/aeiqa/channel.h>
#include <mutex>

namespace gr {
namespace aeiqa {

class channel_impl : public channel
{
public:
    channel_impl(double snr_db, dsp::channel model, int fft_len, bool tag_csi);

    void set_snr_db(double snr_db) override;
    double snr_db() const override;

    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    void take_new_snr();

    dsp::channel d_channel;
    const size_t d_fft_len;
    const bool d_tag_csi;
    bool d_tagged = false; // an img tag has been seen
    mutable std::mutex d_mutex;
    double d_snr_db;            // as last set; guarded
    bool d_snr_changed = false; // guarded

    std::vector<tag_t> d_tags; // in the window, kept for its memory
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_CHANNEL_IMPL_H */
