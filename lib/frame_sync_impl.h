/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_FRAME_SYNC_IMPL_H
#define INCLUDED_AEIQA_FRAME_SYNC_IMPL_H

#include "dsp/synchronizer.h"
#include "run_watch.h"
#include <gnuradio/aeiqa/frame_sync.h>
#include <atomic>
#include <limits>
#include <mutex>
#include <optional>

namespace gr {
namespace aeiqa {

class frame_sync_impl : public frame_sync
{
public:
    explicit frame_sync_impl(const dsp::ofdm_frame& format);

    receiver_counters counters() const override;
    double level_db() const override { return d_level_db; }
    double snr_db() const override { return d_snr_db; }
    double cfo() const override { return d_cfo; }

    bool start() override;
    void forecast(int noutput_items, gr_vector_int& ninput_items_required) override;
    int general_work(int noutput_items,
                     gr_vector_int& ninput_items,
                     gr_vector_const_void_star& input_items,
                     gr_vector_void_star& output_items) override;

private:
    void open_frame();
    void publish_counters();

    const dsp::ofdm_frame d_format;
    run_watch d_runs;
    std::optional<dsp::synchronizer> d_sync; // a new one at each start
    std::optional<dsp::found_frame> d_frame; // going out
    size_t d_gone = 0;                       // samples of it
    mutable std::mutex d_mutex;              // guards the next
    receiver_counters d_counters;            // as of the latest call of the scheduler
    std::atomic<double> d_level_db{ std::numeric_limits<double>::quiet_NaN() };
    std::atomic<double> d_snr_db{ std::numeric_limits<double>::quiet_NaN() };
    std::atomic<double> d_cfo{ std::numeric_limits<double>::quiet_NaN() };
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_FRAME_SYNC_IMPL_H */
