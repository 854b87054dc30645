/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "impairments.h"
#include "number_text.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

constexpr size_t phases = 512; // of the interpolating filter; linear between them

void check(const char* name, double value, double low, double high)
{
    if (!(value >= low && value <= high))
        throw std::invalid_argument(std::string(name) + " must be from " +
                                    number_text(low) + " to " + number_text(high) +
                                    ", got " + number_text(value));
}

// Hann-windowed sinc: passes 0.85 of the band, where OFDM with guard carriers lies.
double interpolator(double t, double half)
{
    if (std::abs(t) >= half)
        return 0.0;
    const double sinc = t == 0.0 ? 1.0 : std::sin(M_PI * t) / (M_PI * t);
    return sinc * 0.5 * (1.0 + std::cos(M_PI * t / half));
}

} // namespace

impairments::impairments(const settings& what)
    : d_what(what),
      d_resamples(what.sampling_offset != 0.0),
      d_steps(what.seed, rng_use::oscillator)
{
    check("frequency_offset", what.frequency_offset, -0.5, 0.5);
    check("sampling_offset", what.sampling_offset, -1e-2, 1e-2);
    check("phase_noise", what.phase_noise, 0.0, 0.1);
    check("iq_gain", what.iq_gain, 0.1, 10.0);
    check("iq_phase", what.iq_phase, -M_PI / 4, M_PI / 4);
    check("gain", what.gain, 1e-10, 1e10);
    check("delay", static_cast<double>(what.delay), 0.0, 1e6);
    if (!(what.clip > 0.0))
        throw std::invalid_argument("clip must be more than 0 (inf: none), got " +
                                    number_text(what.clip));
    d_steps.restart(0);
    // Silence before the stream: the delay, and what the filter reaches back to.
    d_in.assign(d_what.delay + (d_resamples ? half : 0), 0.0f);
    if (!d_resamples)
        return;
    for (size_t p = 0; p <= phases; p++)
        for (size_t k = 0; k < 2 * half; k++)
            d_filters.push_back(static_cast<float>(interpolator(
                static_cast<double>(k) - (half - 1.0) - static_cast<double>(p) / phases,
                half)));
}

void impairments::push(const std::complex<float>* in, size_t n)
{
    const size_t before = d_in.size();
    d_in.insert(d_in.end(), in, in + n);
    if (!std::isfinite(d_what.clip))
        return;
    const float limit = static_cast<float>(d_what.clip);
    for (size_t i = before; i < d_in.size(); i++) {
        const float size = std::abs(d_in[i]);
        if (size > limit)
            d_in[i] *= limit / size;
    }
}

size_t impairments::resample(std::complex<float>* out, size_t room)
{
    size_t made = 0;
    for (; made < room; made++) {
        const double time =
            static_cast<double>(d_made + made) / (1.0 + d_what.sampling_offset);
        const uint64_t whole = static_cast<uint64_t>(time);
        // Sample `whole` of the stream is at whole + half - d_first; the filter begins
        // half - 1 before it.
        const size_t at = whole + 1 - d_first;
        if (at + 2 * half > d_in.size())
            break;
        const double phase = (time - static_cast<double>(whole)) * phases;
        const size_t p = static_cast<size_t>(phase);
        const float rest = static_cast<float>(phase - static_cast<double>(p));
        const float* low = &d_filters[p * 2 * half];
        const float* high = low + 2 * half;
        float re = 0.0f, im = 0.0f;
        for (size_t k = 0; k < 2 * half; k++) {
            const float tap = low[k] + rest * (high[k] - low[k]);
            re += tap * d_in[at + k].real();
            im += tap * d_in[at + k].imag();
        }
        out[made] = { re, im };
    }
    const double next =
        static_cast<double>(d_made + made) / (1.0 + d_what.sampling_offset);
    const size_t done =
        std::min<uint64_t>(static_cast<uint64_t>(next) - d_first, d_in.size());
    d_in.erase(d_in.begin(), d_in.begin() + static_cast<std::ptrdiff_t>(done));
    d_first += done;
    return made;
}

void impairments::turn(std::complex<float>* x, size_t n)
{
    const double deviation = std::sqrt(2.0 * M_PI * d_what.phase_noise);
    const std::complex<double> mu =
        d_what.gain * (1.0 + std::polar(d_what.iq_gain, -d_what.iq_phase)) / 2.0;
    const std::complex<double> nu =
        d_what.gain * (1.0 - std::polar(d_what.iq_gain, d_what.iq_phase)) / 2.0;
    const std::complex<double> step =
        std::polar(1.0, 2.0 * M_PI * d_what.frequency_offset);
    std::complex<double> oscillator;
    const float *re = nullptr, *im = nullptr;
    size_t left = 0;
    for (size_t i = 0; i < n; i++) {
        // Set anew at fixed positions, so that no error adds up and none depends on the
        // pieces in which the samples come.
        const uint64_t m = d_made + i;
        if (i == 0 || m % 64 == 0) {
            const uint64_t anchor = m / 64 * 64;
            const double turns = d_what.frequency_offset * static_cast<double>(anchor);
            oscillator = std::polar(1.0, 2.0 * M_PI * (turns - std::floor(turns)));
            for (uint64_t k = anchor; k < m; k++)
                oscillator *= step;
        }
        std::complex<double> y = std::complex<double>(x[i]) * oscillator;
        oscillator *= step;
        if (deviation > 0.0) {
            if (left == 0)
                left = d_steps.next(n - i, re, im);
            // The real part of CN(0, 1) has variance 1/2.
            d_theta += deviation * M_SQRT2 * *re++;
            left--;
            y *= std::polar(1.0, d_theta);
        }
        x[i] = std::complex<float>(mu * y + nu * std::conj(y));
    }
}

size_t impairments::pull(std::complex<float>* out, size_t room)
{
    size_t made;
    if (d_resamples) {
        made = resample(out, room);
    } else {
        made = std::min(room, d_in.size());
        std::copy_n(d_in.begin(), made, out);
        d_in.erase(d_in.begin(), d_in.begin() + static_cast<std::ptrdiff_t>(made));
    }
    turn(out, made);
    d_made += made;
    return made;
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
