/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_OFDM_DEMODULATOR_IMPL_H
#define INCLUDED_AEIQA_OFDM_DEMODULATOR_IMPL_H

#include "dsp/ofdm.h"
#include <gnuradio/aeiqa/ofdm_demodulator.h>

namespace gr {
namespace aeiqa {

class ofdm_demodulator_impl : public ofdm_demodulator
{
public:
    ofdm_demodulator_impl(int fft_len, int cp_len);

    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    const size_t d_fft_len;
    const size_t d_symbol_len;
    dsp::ofdm_demodulator d_demodulator;
    std::vector<tag_t> d_tags; // in the window, kept for its memory
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_OFDM_DEMODULATOR_IMPL_H */
