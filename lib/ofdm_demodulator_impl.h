/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_OFDM_DEMODULATOR_IMPL_H
#define INCLUDED_AEIQA_OFDM_DEMODULATOR_IMPL_H

#include "dsp/burst_aligner.h"
#include "dsp/frequency_watch.h"
#include "dsp/ofdm.h"
#include <gnuradio/aeiqa/ofdm_demodulator.h>
#include <atomic>
#include <optional>

namespace gr {
namespace aeiqa {

class ofdm_demodulator_impl : public ofdm_demodulator
{
public:
    ofdm_demodulator_impl(int fft_len, int cp_len, bool align);

    int offset() const override { return d_path; }

    bool start() override;
    void forecast(int noutput_items, gr_vector_int& ninput_items_required) override;
    int general_work(int noutput_items,
                     gr_vector_int& ninput_items,
                     gr_vector_const_void_star& input_items,
                     gr_vector_void_star& output_items) override;

private:
    //! Samples by their numbers, those of the history among them.
    struct window {
        const gr_complex* samples;
        uint64_t first, end; //!< the next to be consumed; one behind the last

        const gr_complex* at(uint64_t number) const { return samples + (number - first); }
    };

    bool starts_before(uint64_t symbol, const tag_t& image) const;
    bool start_burst(const window& in, const tag_t& image);
    void align(const window& in, const tag_t& image);
    void watch_clock(uint64_t image);
    void watch_frequency();
    uint64_t end_of_symbol() const;
    void pass_tags(uint64_t until, uint64_t item);

    const size_t d_fft_len;
    const uint64_t d_symbol_len;
    dsp::ofdm_demodulator d_demodulator;
    std::optional<dsp::burst_aligner> d_aligner;
    dsp::frequency_watch d_frequency;
    uint64_t d_history = 0; // samples kept in front of the next

    uint64_t d_symbol = 0;       // sample at which the next OFDM symbol begins by its tag
    uint64_t d_symbols_left = 0; // of the burst
    uint64_t d_tags_from = 0;    // tags in front of this sample are done,
    uint64_t d_images_from = 0;  // and img tags in front of this one
    uint64_t d_needed = 0;       // samples are needed up to this one
    bool d_searching = false;    // the next burst was looked at, and did not fit
    bool d_in_bursts = false;    // there was an img tag in this run,
    uint64_t d_first_image = 0;  // at this sample
    bool d_told = false;         // in this run
    bool d_told_clock = false;
    bool d_told_frequency = false;
    std::atomic<int> d_path{ 0 };
    std::vector<tag_t> d_tags; // in the window, kept for its memory
    size_t d_next_tag = 0;     // of these
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_OFDM_DEMODULATOR_IMPL_H */
