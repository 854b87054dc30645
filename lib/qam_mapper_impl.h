/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_QAM_MAPPER_IMPL_H
#define INCLUDED_AEIQA_QAM_MAPPER_IMPL_H

#include "dsp/constellation.h"
#include "dsp/frame_layout.h"
#include "frame_tag.h"
#include "img_tag.h"
#include <gnuradio/aeiqa/qam_mapper.h>
#include <algorithm>

namespace gr {
namespace aeiqa {

class qam_mapper_impl : public qam_mapper
{
public:
    qam_mapper_impl(int fft_len,
                    const std::string& modulation,
                    const std::string& labels,
                    int training_symbols,
                    int training_period,
                    bool reveal_first_symbol);

    std::vector<std::complex<float>> points() const override { return d_points.points(); }

    uint64_t refused_tags() const override { return d_refusals.count(); }

    bool start() override;
    void forecast(int noutput_items, gr_vector_int& ninput_items_required) override;
    int general_work(int noutput_items,
                     gr_vector_int& ninput_items,
                     gr_vector_const_void_star& input_items,
                     gr_vector_void_star& output_items) override;

private:
    bool in_image() const { return d_symbol < d_symbols; }
    size_t data_bytes() const { return std::min<uint64_t>(d_bytes_left, d_symbol_bytes); }
    size_t next_bytes() const;
    void start_image(const pmt::pmt_t& tag);
    void map_data(const uint8_t* bytes, size_t nbytes, gr_complex* out);
    void map_filled_up(const uint8_t* bytes, size_t nbytes, gr_complex* out);

    const size_t d_fft_len;
    const size_t d_symbol_bytes; // in a full OFDM symbol
    const dsp::constellation d_points;
    const dsp::frame_layout d_layout;
    const bool d_reveal;
    const std::vector<gr_complex> d_training;

    img_tag::reader d_tag_reader{ { img_tag::nbytes(), frame_tag::bits() } };
    img_tag::refusals d_refusals;
    pmt::pmt_t d_tag; // of the image being mapped
    pmt::pmt_t d_source_id;
    pmt::pmt_t d_symbols_field; // for the tag; like images share it
    uint64_t d_counted_symbols = 0;
    uint64_t d_image_offset = 0;   // where its tag is
    bool d_cut_short = false;      // the next image came too early
    std::vector<uint8_t> d_filled; // scratch
    uint64_t d_bytes_left = 0;     // of its data
    uint64_t d_symbol = 0;         // next OFDM symbol of its burst
    uint64_t d_symbols = 0;        // OFDM symbols in its burst

    std::vector<tag_t> d_tags; // in the window, kept for its memory
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_QAM_MAPPER_IMPL_H */
