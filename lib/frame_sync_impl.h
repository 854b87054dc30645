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
#include <optional>

namespace gr {
namespace aeiqa {

class frame_sync_impl : public frame_sync
{
public:
    explicit frame_sync_impl(const dsp::ofdm_frame& format);

    uint64_t headers_right() const override { return d_right; }
    uint64_t headers_wrong() const override { return d_wrong; }
    uint64_t frames_cut() const override { return d_cut; }
    uint64_t bad_samples() const override { return d_bad; }
    uint64_t samples() const override { return d_samples; }
    uint64_t inverted_frames() const override { return d_inverted; }
    uint64_t tone_samples() const override { return d_tone; }
    uint64_t loud_samples() const override { return d_loud; }
    double mean_power() const override { return d_mean_power; }
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

    const dsp::ofdm_frame d_format;
    run_watch d_runs;
    std::optional<dsp::synchronizer> d_sync; // a new one at each start
    std::optional<dsp::found_frame> d_frame; // going out
    size_t d_gone = 0;                       // samples of it
    std::atomic<uint64_t> d_right{ 0 }, d_wrong{ 0 }, d_cut{ 0 }, d_bad{ 0 };
    std::atomic<uint64_t> d_samples{ 0 }, d_inverted{ 0 }, d_tone{ 0 }, d_loud{ 0 };
    std::atomic<double> d_mean_power{ std::numeric_limits<double>::quiet_NaN() };
    std::atomic<double> d_snr_db{ std::numeric_limits<double>::quiet_NaN() };
    std::atomic<double> d_cfo{ std::numeric_limits<double>::quiet_NaN() };
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_FRAME_SYNC_IMPL_H */
