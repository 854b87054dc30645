/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "pilot_tracker.h"

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

// Phase and slope start where the training symbols have put them, which is known about
// as well as from this many symbols' pilots.
constexpr double trust_in_training = 12.0;

} // namespace

pilot_tracker::pilot_tracker(carrier_plan plan)
    : d_plan(std::move(plan)),
      d_turns(d_plan.frequency(d_plan.occupied().front()),
              d_plan.frequency(d_plan.occupied().back())),
      d_z(d_plan.pilots().size())
{
    for (const size_t k : d_plan.data())
        d_data_frequency.push_back(d_plan.frequency(k));
    for (const size_t k : d_plan.pilots())
        d_pilot_frequency.push_back(d_plan.frequency(k));
    restart();
}

void pilot_tracker::restart(double drift, double phase_gain)
{
    d_tracker.restart(trust_in_training, drift, phase_gain);
    d_symbol = 0;
}

void pilot_tracker::process(const std::complex<float>* received,
                            const std::complex<float>* response,
                            const std::complex<float>* equalised,
                            std::complex<float>* data)
{
    const auto& carriers = d_plan.data();
    if (d_z.empty()) {
        for (size_t i = 0; i < carriers.size(); i++)
            data[i] = equalised[carriers[i]];
        return;
    }
    d_tracker.predict();
    for (size_t m = 0; m < d_z.size(); m++) {
        const size_t k = d_plan.pilots()[m];
        const double angle = d_tracker.phase() + d_tracker.slope() * d_pilot_frequency[m];
        d_z[m] = received[k] * std::conj(response[k]) * d_plan.pilot(d_symbol, m) *
                 std::complex<float>(std::conj(std::polar(1.0, angle)));
    }
    d_tracker.update(d_z.data(), d_pilot_frequency.data(), d_z.size());
    d_symbol++;

    d_turns.set(d_tracker.phase(), d_tracker.slope());
    for (size_t i = 0; i < carriers.size(); i++)
        data[i] = times(equalised[carriers[i]], d_turns.at(d_data_frequency[i]));
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
