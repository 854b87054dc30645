/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_FRAME_MAPPER_IMPL_H
#define INCLUDED_AEIQA_FRAME_MAPPER_IMPL_H

#include "dsp/ofdm_frame.h"
#include "frame_tag.h"
#include "img_tag.h"
#include "run_watch.h"
#include <gnuradio/aeiqa/frame_mapper.h>
#include <atomic>

namespace gr {
namespace aeiqa {

class frame_mapper_impl : public frame_mapper
{
public:
    frame_mapper_impl(dsp::ofdm_frame format,
                      dsp::frame_header defaults,
                      int gap_symbols,
                      int stream);

    uint64_t frames() const override { return d_frames; }
    int frame_symbols() const override
    {
        return static_cast<int>(d_format.symbols() + d_gap);
    }

    uint64_t refused_tags() const override { return d_refusals.count(); }

    bool start() override;
    void forecast(int noutput_items, gr_vector_int& ninput_items_required) override;
    int general_work(int noutput_items,
                     gr_vector_int& ninput_items,
                     gr_vector_const_void_star& input_items,
                     gr_vector_void_star& output_items) override;

private:
    bool start_image(const pmt::pmt_t& tag);
    void next_frame();
    bool sending() const { return d_symbol < d_symbols; }

    dsp::ofdm_frame d_format;
    const dsp::frame_header d_defaults;
    const size_t d_gap;
    const int d_stream;

    run_watch d_runs;
    img_tag::reader d_tag_reader{ frame_tag::fields() };
    img_tag::refusals d_refusals;
    dsp::frame_header d_header;   // of the next frame
    std::vector<uint8_t> d_image; // so far
    bool d_collecting = false;    // bytes of an image
    bool d_frames_left = false;   // of the image, which is complete
    uint16_t d_sequence = 0;
    std::vector<uint8_t> d_payload;     // of the next frame, scratch
    std::vector<gr_complex> d_carriers; // of the frame being sent
    size_t d_symbol = 0, d_symbols = 0; // of it
    std::atomic<uint64_t> d_frames{ 0 };
    std::vector<tag_t> d_tags; // in the window, kept for its memory
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_FRAME_MAPPER_IMPL_H */
