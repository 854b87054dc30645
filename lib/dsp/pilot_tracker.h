/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_PILOT_TRACKER_H
#define INCLUDED_AEIQA_DSP_PILOT_TRACKER_H

#include "carrier_plan.h"
#include "phase_tracker.h"
#include <complex>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief Takes the data carriers out of equalised OFDM symbols, turned back by what the
 * pilots show: residual carrier offset, common phase, sampling clock offset.
 */
class pilot_tracker
{
public:
    explicit pilot_tracker(carrier_plan plan);

    const carrier_plan& plan() const { return d_plan; }

    //! The next symbol is the first behind new training. \param drift of the slope over
    //! the carriers, radians a carrier and symbol, as far as known; \p phase_gain see
    //! phase_tracker
    void restart(double drift = 0.0, double phase_gain = 0.0);

    /*!
     * One symbol.
     * \param received its carriers, \p response the channel, \p equalised the carriers
     * divided by it, fft_len of each
     * \param data out: the data carriers by rising frequency
     */
    void process(const std::complex<float>* received,
                 const std::complex<float>* response,
                 const std::complex<float>* equalised,
                 std::complex<float>* data);

private:
    carrier_plan d_plan;
    phase_tracker d_tracker;
    derotator d_turns;
    uint64_t d_symbol = 0;
    std::vector<int> d_data_frequency, d_pilot_frequency;
    std::vector<std::complex<float>> d_z; // scratch
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_PILOT_TRACKER_H */
