/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "dsp/frame_layout.h"
#include "make_named.h"
#include "ofdm_demodulator_impl.h"
#include <gnuradio/io_signature.h>

namespace gr {
namespace aeiqa {

ofdm_demodulator::sptr ofdm_demodulator::make(int fft_len, int cp_len)
{
    return make_named("ofdm_demodulator", [&] {
        dsp::check_fft_len(fft_len);
        dsp::check_cp_len(cp_len, fft_len);
        return gnuradio::make_block_sptr<ofdm_demodulator_impl>(fft_len, cp_len);
    });
}

ofdm_demodulator_impl::ofdm_demodulator_impl(int fft_len, int cp_len)
    : gr::sync_decimator("ofdm_demodulator",
                         gr::io_signature::make(1, 1, sizeof(gr_complex)),
                         gr::io_signature::make(1, 1, fft_len * sizeof(gr_complex)),
                         fft_len + cp_len),
      d_fft_len(fft_len),
      d_symbol_len(fft_len + cp_len),
      d_demodulator(fft_len, cp_len)
{
    // The scheduler would do it with rational numbers of any length.
    set_tag_propagation_policy(TPP_CUSTOM);
}

int ofdm_demodulator_impl::work(int noutput_items,
                                gr_vector_const_void_star& input_items,
                                gr_vector_void_star& output_items)
{
    const auto in = static_cast<const gr_complex*>(input_items[0]);
    auto out = static_cast<gr_complex*>(output_items[0]);
    get_tags_in_window(d_tags, 0, 0, noutput_items * d_symbol_len);
    for (tag_t& tag : d_tags) {
        tag.offset /= d_symbol_len;
        add_item_tag(0, tag);
    }
    for (int i = 0; i < noutput_items; i++)
        d_demodulator.demodulate(in + i * d_symbol_len, out + i * d_fft_len);
    return noutput_items;
}

} // namespace aeiqa
} // namespace gr
