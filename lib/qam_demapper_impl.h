/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_QAM_DEMAPPER_IMPL_H
#define INCLUDED_AEIQA_QAM_DEMAPPER_IMPL_H

#include "dsp/constellation.h"
#include "img_tag.h"
#include <gnuradio/aeiqa/qam_demapper.h>
#include <map>
#include <mutex>

namespace gr {
namespace aeiqa {

class qam_demapper_impl : public qam_demapper
{
public:
    qam_demapper_impl(int fft_len,
                      const std::string& modulation,
                      const std::string& labels,
                      bool soft,
                      double noise_variance);

    double evm_percent() const override;

    uint64_t refused_tags() const override { return d_refusals.count(); }

    bool start() override;
    void forecast(int noutput_items, gr_vector_int& ninput_items_required) override;
    int general_work(int noutput_items,
                     gr_vector_int& ninput_items,
                     gr_vector_const_void_star& input_items,
                     gr_vector_void_star& output_items) override;

private:
    static constexpr size_t longest_run = 32; // OFDM symbols decided at once

    size_t next_symbols(size_t available, size_t room) const;
    void start_image(const pmt::pmt_t& tag, uint64_t offset);
    void use_points_of(bool of_frame, unsigned bits, bool gray);
    void decide(const gr_complex* symbol, const float* noise, size_t items, uint8_t* out);
    void remember(const gr_complex* symbol, size_t points);

    const size_t d_fft_len;
    const dsp::constellation d_default;
    std::map<std::pair<unsigned, bool>, dsp::constellation> d_others; // by bits, gray
    const dsp::constellation* d_points;                               // in use
    const bool d_soft;
    const size_t d_item_size; // a byte, or a float for each bit
    size_t d_symbol_items;    // output items of a full OFDM symbol
    const std::vector<float> d_noise;
    std::vector<uint16_t> d_labels; // scratch
    std::vector<float> d_llr;       // scratch

    img_tag::reader d_tag_reader;
    img_tag::refusals d_refusals;
    pmt::pmt_t d_source_id;
    uint64_t d_items_left = 0;      // of the image, still to be decided
    std::vector<uint8_t> d_waiting; // decided, but there was no room
    size_t d_waiting_from = 0;
    size_t d_waiting_items = 0;

    mutable std::mutex d_mutex;
    std::vector<gr_complex> d_latest; // OFDM symbol; guarded

    std::vector<tag_t> d_tags; // in the window, kept for its memory
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_QAM_DEMAPPER_IMPL_H */
