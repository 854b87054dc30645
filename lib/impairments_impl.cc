/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "dsp/number_text.h"
#include "impairments_impl.h"
#include "make_named.h"
#include <gnuradio/io_signature.h>
#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace gr {
namespace aeiqa {

namespace {

void check(const char* name, double value, double most)
{
    if (!(std::abs(value) <= most))
        throw std::invalid_argument(
            std::string(name) + " must be from " + dsp::number_text(-most) + " to " +
            dsp::number_text(most) + ", got " + dsp::number_text(value));
}

double amplitude(double db) { return std::pow(10.0, db / 20.0); }

} // namespace

impairments::sptr impairments::make(double frequency_offset,
                                    double sampling_offset_ppm,
                                    double phase_noise,
                                    double iq_gain_db,
                                    double iq_phase_deg,
                                    double clip,
                                    uint64_t delay,
                                    double gain_db,
                                    uint64_t seed)
{
    return make_named("impairments", [&] {
        check("sampling_offset_ppm", sampling_offset_ppm, 1e4);
        check("iq_gain_db", iq_gain_db, 20.0);
        check("iq_phase_deg", iq_phase_deg, 45.0);
        check("gain_db", gain_db, 200.0);
        dsp::impairments::settings what;
        what.frequency_offset = frequency_offset;
        what.sampling_offset = sampling_offset_ppm * 1e-6;
        what.phase_noise = phase_noise;
        what.iq_gain = amplitude(iq_gain_db);
        what.iq_phase = iq_phase_deg * M_PI / 180.0;
        what.clip = clip;
        what.delay = delay;
        what.gain = amplitude(gain_db);
        what.seed = seed;
        dsp::impairments{ what }; // rejects invalid values
        return gnuradio::make_block_sptr<impairments_impl>(what);
    });
}

impairments_impl::impairments_impl(const dsp::impairments::settings& what)
    : gr::block("impairments",
                gr::io_signature::make(1, 1, sizeof(gr_complex)),
                gr::io_signature::make(1, 1, sizeof(gr_complex))),
      d_what(what)
{
    if (what.delay > 0 || what.sampling_offset != 0.0)
        set_tag_propagation_policy(TPP_DONT); // they would stand elsewhere
    else
        set_tag_propagation_policy(TPP_ONE_TO_ONE);
}

bool impairments_impl::start()
{
    d_radios.emplace(d_what);
    d_more = true;
    return gr::block::start();
}

void impairments_impl::forecast(int, gr_vector_int& ninput_items_required)
{
    ninput_items_required[0] = d_more ? 0 : 1;
}

int impairments_impl::general_work(int noutput_items,
                                   gr_vector_int& ninput_items,
                                   gr_vector_const_void_star& input_items,
                                   gr_vector_void_star& output_items)
{
    const auto in = static_cast<const gr_complex*>(input_items[0]);
    auto out = static_cast<gr_complex*>(output_items[0]);
    // No more than there is room for, so that little waits inside.
    const int count = std::min(ninput_items[0], noutput_items);
    d_radios->push(in, count);
    const size_t made = d_radios->pull(out, noutput_items);
    d_more = made == static_cast<size_t>(noutput_items);
    consume_each(count);
    return static_cast<int>(made);
}

} // namespace aeiqa
} // namespace gr
