/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "frame_equalizer.h"
#include <algorithm>
#include <cmath>
#include <utility>

namespace gr {
namespace aeiqa {
namespace dsp {

frame_equalizer::frame_equalizer(const carrier_plan& plan,
                                 int cp_len,
                                 const settings& first)
    : d_plan(plan),
      d_estimator(plan, cp_len, first.estimation),
      d_equalizer(plan.fft_len(), first.kind),
      d_pilots(plan),
      d_fit(plan.fft_len(), cp_len),
      d_equalised(plan.fft_len())
{
    configure(first);
}

void frame_equalizer::configure(const settings& now)
{
    d_estimator.reset(now.estimation);
    d_equalizer.set_kind(now.kind);
    d_given_noise_variance = now.noise_variance;
    use_response();
}

void frame_equalizer::start(const frame_layout& layout,
                            std::vector<std::complex<float>> known_symbol,
                            double drift,
                            double phase_gain)
{
    d_layout = layout;
    d_symbol = 0;
    d_verdict = training_fit::verdict::fits;
    d_known_symbol = std::move(known_symbol);
    d_pilots.restart(drift, phase_gain);
    d_estimator.restart(); // the last frame may have been cut short in its training
}

void frame_equalizer::train(const std::complex<float>* received)
{
    const bool training = is_training();
    d_estimator.add(received,
                    training ? d_plan.training().data() : d_known_symbol.data());
    if (training && !d_layout.ends_training(d_symbol))
        return;
    d_estimator.estimate();
    use_response();
    const bool opens =
        training && d_symbol < static_cast<uint64_t>(d_layout.training_symbols());
    if (opens && d_fit.is_possible() && d_estimator.raw_taps())
        d_verdict = d_fit.check(d_estimator.raw_taps());
}

void frame_equalizer::set_response(const std::complex<float>* h)
{
    d_estimator.set_response(h);
    use_response();
}

void frame_equalizer::use_response()
{
    // Without an estimate of the noise MMSE is zero forcing.
    const double noise = noise_variance();
    d_equalizer.set_response(response().data(), std::isfinite(noise) ? noise : 0.0);
}

void frame_equalizer::equalize(const std::complex<float>* received,
                               std::complex<float>* data)
{
    if (d_plan.is_full()) {
        d_equalizer.equalize(received, data);
        return;
    }
    d_equalizer.equalize(received, d_equalised.data());
    d_pilots.process(received, response().data(), d_equalised.data(), data);
}

void frame_equalizer::get_error_variance(float* variance) const
{
    for (const size_t k : d_plan.data())
        *variance++ = d_equalizer.error_variance()[k];
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
