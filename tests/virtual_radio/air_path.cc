/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "air_path.h"
#include <algorithm>
#include <cmath>
#include <iterator>

namespace virtual_radio {

namespace {
constexpr size_t n_taps = 32, half = n_taps / 2, n_phases = 512;
constexpr double kaiser_beta = 7.0;

double sinc(double x) { return x == 0.0 ? 1.0 : std::sin(M_PI * x) / (M_PI * x); }

// One phase more than there are, so that there is always a next one to interpolate to.
std::vector<float> make_kernel()
{
    std::vector<float> kernel((n_phases + 1) * n_taps);
    for (size_t phase = 0; phase <= n_phases; phase++) {
        const double fraction = static_cast<double>(phase) / n_phases;
        for (size_t tap = 0; tap < n_taps; tap++) {
            const double x = static_cast<double>(tap) - (half - 1) - fraction;
            const double edge = x / half;
            const double window =
                std::abs(edge) > 1
                    ? 0.0
                    : std::cyl_bessel_i(0.0, kaiser_beta * std::sqrt(1 - edge * edge)) /
                          std::cyl_bessel_i(0.0, kaiser_beta);
            // sin(pi k) is not quite 0 in floating point, but at whole positions x must
            // come out as it is.
            const bool whole = phase == 0 || phase == n_phases;
            kernel[phase * n_taps + tap] =
                static_cast<float>(whole ? std::round(sinc(x)) : sinc(x) * window);
        }
    }
    return kernel;
}
} // namespace

air_path::air_path(const air_settings& settings, double rate)
    : d_settings(settings),
      d_rate(rate),
      d_fade_amplitude(static_cast<float>(std::pow(10.0, -settings.fade / 20.0))),
      // Silence in front of the first sample stands for the delay and for the
      // interpolator's past.
      d_position(half - 1),
      d_noise_amplitude(settings.noise > -300.0
                            ? static_cast<float>(std::pow(10.0, settings.noise / 20.0))
                            : 0.0f),
      d_kernel(make_kernel()),
      d_in(half - 1 + static_cast<size_t>(std::ceil(settings.delay))),
      d_past(settings.taps.size() - 1),
      d_noise(settings.seed, gr::aeiqa::dsp::rng_use::noise)
{
    d_position += std::ceil(settings.delay) - settings.delay;
    d_noise.restart(0);
}

sample air_path::faded(sample x)
{
    if (d_settings.fade_period == 0 || x == sample(0))
        return x;
    const bool weak = d_heard++ / d_settings.fade_period % 2 == 1;
    return weak ? d_fade_amplitude * x : x;
}

sample air_path::interpolate(size_t at, double fraction) const
{
    const double place = fraction * n_phases;
    const auto phase = std::min(static_cast<size_t>(place), n_phases - 1);
    const auto weight = static_cast<float>(place - static_cast<double>(phase));
    const float* left = &d_kernel[phase * n_taps];
    const float* right = left + n_taps;
    const sample* x = &d_in[at - (half - 1)];
    sample sum = 0;
    for (size_t tap = 0; tap < n_taps; tap++)
        sum += x[tap] * (left[tap] + weight * (right[tap] - left[tap]));
    return sum;
}

void air_path::transmit(const sample* in,
                        size_t n,
                        double carrier_offset,
                        float rx_gain,
                        std::vector<sample>& out)
{
    std::transform(
        in, in + n, std::back_inserter(d_in), [this](sample x) { return faded(x); });
    const double step = 1.0 - 1e-6 * d_settings.sro;
    std::vector<sample> x = d_past;
    size_t at = static_cast<size_t>(d_position);
    while (at + half < d_in.size()) {
        x.push_back(interpolate(at, d_position - static_cast<double>(at)));
        d_position += step;
        at = static_cast<size_t>(d_position);
    }
    const size_t used = std::min(at - (half - 1), d_in.size());
    d_in.erase(d_in.begin(), d_in.begin() + static_cast<ptrdiff_t>(used));
    d_position -= static_cast<double>(used);

    const size_t first = out.size(), past = d_past.size();
    for (size_t i = past; i < x.size(); i++) {
        sample y = 0;
        for (size_t l = 0; l <= past; l++)
            y += d_settings.taps[l] * x[i - l];
        out.push_back(y);
    }
    d_past.assign(x.end() - static_cast<ptrdiff_t>(past), x.end());
    finish(first, carrier_offset, rx_gain, out);
}

void air_path::silence(size_t n, float rx_gain, std::vector<sample>& out)
{
    const size_t first = out.size();
    out.resize(first + n);
    finish(first, 0.0, rx_gain, out);
}

void air_path::finish(size_t first,
                      double carrier_offset,
                      float rx_gain,
                      std::vector<sample>& out)
{
    const double turns = (d_settings.cfo + carrier_offset) / d_rate;
    for (size_t i = first; i < out.size(); i++) {
        out[i] *= sample(std::polar(1.0, 2 * M_PI * d_phase));
        d_phase += turns;
        d_phase -= std::floor(d_phase);
    }
    for (size_t i = first; i < out.size();) {
        const float *re, *im;
        const size_t count = d_noise.next(out.size() - i, re, im);
        for (size_t k = 0; k < count; k++, i++)
            out[i] = rx_gain * (out[i] + d_noise_amplitude * sample(re[k], im[k]));
    }
}

} // namespace virtual_radio
