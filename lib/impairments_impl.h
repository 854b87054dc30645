/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_IMPAIRMENTS_IMPL_H
#define INCLUDED_AEIQA_IMPAIRMENTS_IMPL_H

#include "dsp/impairments.h"
#include <gnuradio/aeiqa/impairments.h>
#include <optional>

namespace gr {
namespace aeiqa {

class impairments_impl : public impairments
{
public:
    explicit impairments_impl(const dsp::impairments::settings& what);

    bool start() override;
    void forecast(int noutput_items, gr_vector_int& ninput_items_required) override;
    int general_work(int noutput_items,
                     gr_vector_int& ninput_items,
                     gr_vector_const_void_star& input_items,
                     gr_vector_void_star& output_items) override;

private:
    const dsp::impairments::settings d_what;
    std::optional<dsp::impairments> d_radios; // new ones at each start
    bool d_more = true;                       // what was pushed may give output still
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_IMPAIRMENTS_IMPL_H */
