/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "burst_aligner.h"
#include <cstdlib>

namespace gr {
namespace aeiqa {
namespace dsp {

burst_aligner::burst_aligner(int fft_len, int cp_len)
    : d_fft_len(fft_len),
      d_symbol_len(fft_len + cp_len),
      d_margin(cp_len / 4),
      d_furthest(fft_len - cp_len - 3),
      d_reach(static_cast<size_t>(fft_len + cp_len / 4)),
      d_training(carrier_plan(fft_len).training()),
      d_demodulator(fft_len, cp_len),
      d_to_taps(fft_len, unitary_dft::direction::inverse),
      d_carriers(fft_len),
      d_taps(fft_len),
      d_fit(fft_len, cp_len)
{
}

void burst_aligner::restart()
{
    d_fit.restart();
    d_offset = 0;
    d_first = true;
}

// Impulse response by least squares; the training has |X| = 1 on every carrier.
const std::complex<float>* burst_aligner::taps_at(const std::complex<float>* symbol)
{
    d_demodulator.demodulate(symbol, d_carriers.data());
    for (size_t k = 0; k < d_carriers.size(); k++)
        d_carriers[k] *= std::conj(d_training[k]);
    d_to_taps.transform(d_carriers.data(), d_taps.data());
    return d_taps.data();
}

bool burst_aligner::check(const std::complex<float>* at)
{
    d_verdict = d_fit.check(taps_at(at + d_offset));
    if (d_verdict != training_fit::verdict::fits)
        return false;
    if (d_offset == 0)
        return !d_first;
    // Clocks differ: what was found once drifts.
    const auto found = d_fit.find(d_taps.data());
    return !found || (found->tap >= d_margin / 2 && found->tap <= 3 * d_margin);
}

// Whether a burst read so has its strongest path behind the DFT's start.
bool burst_aligner::confirms(const std::complex<float>* at, int offset, size_t after)
{
    if (offset + d_symbol_len > static_cast<int>(after))
        return false;
    const auto found = d_fit.find(taps_at(at + offset));
    return found && found->tap >= 0 && found->tap <= 3 * d_margin;
}

// Samples from the tag to the strongest path, half a symbol on and on: a window so far
// off still holds most of a training symbol, whose energy tells which holds the most. Of
// several training symbols the first.
std::optional<int> burst_aligner::strongest_path(const std::complex<float>* at,
                                                 size_t after)
{
    std::optional<int> path;
    double energy = 0.0;
    const int step = d_fft_len / 2;
    for (int start = -d_fft_len; start <= d_fft_len; start += step) {
        if (start + d_symbol_len > static_cast<int>(after))
            break;
        const auto found = d_fit.find(taps_at(at + start));
        if (found && found->energy > energy) {
            energy = found->energy;
            path = start + found->tap;
        }
    }
    if (path && *path - d_symbol_len >= -d_fft_len) {
        const int before = *path - d_symbol_len;
        const auto found = d_fit.find(taps_at(at + before - d_margin));
        if (found && found->tap >= 0 && found->tap <= 3 * d_margin &&
            found->energy > energy / 2)
            path = before;
    }
    return path;
}

bool burst_aligner::search(const std::complex<float>* at, size_t after)
{
    using verdict = training_fit::verdict;
    d_first = false;
    // What is not told to have moved, as after a fade within the symbol, may have its
    // strongest tap next to the prefix.
    const int slack = d_verdict == verdict::moved ? 0 : 2;
    const auto is_new = [&](int path) {
        const bool on_time =
            d_offset == 0 && path >= -slack && path <= 4 * d_margin + slack;
        return !on_time && path - d_margin != d_offset && std::abs(path) <= d_furthest;
    };
    const auto follow = [&](int path) {
        d_offset = path - d_margin;
        d_fit.restart();
        return true;
    };
    if (d_verdict == verdict::fits && d_offset != 0) { // the clock has drifted
        const int path = d_offset + d_fit.find(taps_at(at + d_offset))->tap;
        return is_new(path) && confirms(at, path - d_margin, after) && follow(path);
    }
    // One window shows an offset modulo the symbol only.
    const auto path = strongest_path(at, after);
    if (path)
        return is_new(*path) && confirms(at, *path - d_margin, after) && follow(*path);
    // A single burst cannot confirm what it took 32 to see.
    const int pooled = d_offset + d_fit.offset();
    return d_verdict == verdict::moved && is_new(pooled) && follow(pooled);
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
