/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "dsp/frame_layout.h"
#include "make_named.h"
#include "ofdm_modulator_impl.h"
#include <gnuradio/io_signature.h>

namespace gr {
namespace aeiqa {

ofdm_modulator::sptr ofdm_modulator::make(int fft_len, int cp_len)
{
    return make_named("ofdm_modulator", [&] {
        dsp::check_fft_len(fft_len);
        dsp::check_cp_len(cp_len, fft_len);
        return gnuradio::make_block_sptr<ofdm_modulator_impl>(fft_len, cp_len);
    });
}

ofdm_modulator_impl::ofdm_modulator_impl(int fft_len, int cp_len)
    : gr::sync_interpolator("ofdm_modulator",
                            gr::io_signature::make(1, 1, fft_len * sizeof(gr_complex)),
                            gr::io_signature::make(1, 1, sizeof(gr_complex)),
                            fft_len + cp_len),
      d_fft_len(fft_len),
      d_symbol_len(fft_len + cp_len),
      d_modulator(fft_len, cp_len)
{
    // The scheduler would do it with rational numbers of any length.
    set_tag_propagation_policy(TPP_CUSTOM);
}

int ofdm_modulator_impl::work(int noutput_items,
                              gr_vector_const_void_star& input_items,
                              gr_vector_void_star& output_items)
{
    const auto in = static_cast<const gr_complex*>(input_items[0]);
    auto out = static_cast<gr_complex*>(output_items[0]);
    const size_t symbols = noutput_items / d_symbol_len;
    get_tags_in_window(d_tags, 0, 0, symbols);
    for (tag_t& tag : d_tags) {
        tag.offset *= d_symbol_len;
        add_item_tag(0, tag);
    }
    for (size_t i = 0; i < symbols; i++)
        d_modulator.modulate(in + i * d_fft_len, out + i * d_symbol_len);
    return static_cast<int>(symbols * d_symbol_len);
}

} // namespace aeiqa
} // namespace gr
