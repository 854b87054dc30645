/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "training_fit.h"
#include <algorithm>
#include <cmath>
#include <numeric>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

constexpr double false_alarms = 1e-9; // of bursts on time
constexpr double seldom = 1e-3;       // noise taken for training within the prefix
constexpr size_t widest_run = 64;
constexpr size_t pool_bursts = 32;
constexpr double least_snr = 0.1; // -10 dB: weaker training is taken for none

// Of the signal, outside the prefix and beyond its next taps. A Doppler shift of 0.4
// subcarriers, which moves a Zadoff-Chu sequence as a delay of as many samples would,
// puts a third outside. A fade in the middle of the symbol puts half in front, 1/k^2 into
// tap -k: an eighth beyond the next two.
constexpr double most_outside = 0.65;
constexpr double most_far_outside = 0.25;
constexpr size_t next_taps = 2;

// m D(w/m || share), the exponent of Chernoff's bound.
double exponent(size_t w, size_t m, double share)
{
    const double a = static_cast<double>(w), b = static_cast<double>(m - w);
    const double n = static_cast<double>(m);
    return a * std::log(a / (n * share)) + b * std::log(b / (n * (1.0 - share)));
}

// The share above the mean whose exponent is as given.
double threshold(size_t w, size_t m, double wanted)
{
    double low = static_cast<double>(w) / static_cast<double>(m), high = 1.0;
    for (int step = 0; step < 50; step++) {
        const double share = (low + high) / 2;
        (share < 1.0 && exponent(w, m, share) < wanted ? low : high) = share;
    }
    return high;
}

} // namespace

training_fit::training_fit(size_t fft_len, int cp_len)
    : d_fft_len(fft_len),
      d_within(std::min(static_cast<size_t>(cp_len) + 1, fft_len)),
      d_beyond(fft_len - d_within),
      d_energy(d_beyond),
      d_shares(d_beyond)
{
    if (!is_possible())
        return;
    d_seen = threshold(d_within, d_fft_len, -std::log(seldom));
    const size_t widest = std::min({ widest_run, d_within, d_beyond / 2 });
    size_t widths = 0;
    for (size_t w = 1; w <= widest; w *= 2)
        widths++;
    const double places = static_cast<double>(widths * fft_len);
    const double wanted = std::log(places / false_alarms);
    for (size_t w = 1; w <= widest; w *= 2)
        d_runs.push_back(
            { w,
              threshold(w, d_beyond, wanted),
              threshold(w, d_beyond, wanted / static_cast<double>(pool_bursts)),
              threshold(w, d_fft_len, wanted) });
}

void training_fit::restart()
{
    d_pooled = 0;
    std::fill(d_shares.begin(), d_shares.end(), 0.0);
    d_total = d_within_shares = 0.0;
    d_pool_verdict = verdict::fits;
    d_doubt = 0.0;
}

// Looks for a run of taps beyond the prefix that noise does not explain, and sets the
// offset to its strongest tap.
bool training_fit::is_moved(const double* beyond,
                            double beyond_sum,
                            double total,
                            bool pooled)
{
    const double strongest_tap = *std::max_element(beyond, beyond + d_beyond);
    for (const run& r : d_runs) {
        const double enough = (pooled ? r.pooled : r.single) * beyond_sum;
        if (!(strongest_tap * static_cast<double>(r.width) > enough))
            continue; // no run can hold so much, which spares noise the search
        double energy = std::accumulate(beyond, beyond + r.width, 0.0);
        double most = energy;
        size_t at = 0;
        for (size_t i = r.width; i < d_beyond; i++) {
            energy += beyond[i] - beyond[i - r.width];
            if (energy > most) {
                most = energy;
                at = i + 1 - r.width;
            }
        }
        if (!(most > enough))
            continue;
        const double noise =
            (beyond_sum - most) / static_cast<double>(d_beyond - r.width);
        const double signal = total - noise * static_cast<double>(d_fft_len);
        double outside = 0.0, far = 0.0;
        for (size_t i = at; i < at + r.width; i++) {
            outside += beyond[i] - noise;
            if (i >= next_taps && i + next_taps < d_beyond)
                far += beyond[i] - noise;
        }
        if (outside < most_outside * signal && far < most_far_outside * signal)
            continue;
        const auto strongest =
            std::max_element(beyond + at, beyond + at + r.width) - beyond;
        const int late = static_cast<int>(strongest) + 1;
        const int early = static_cast<int>(d_beyond) - static_cast<int>(strongest);
        d_offset = early <= late ? -early : static_cast<int>(d_within) + late - 1;
        return true;
    }
    return false;
}

void training_fit::pool(double total, double beyond_sum)
{
    for (size_t i = 0; i < d_beyond; i++)
        d_shares[i] += d_energy[i] / beyond_sum;
    d_total += total / beyond_sum;
    d_within_shares += 1.0 - beyond_sum / total;
    if (++d_pooled == pool_bursts)
        judge_pool();
}

void training_fit::judge_pool()
{
    const double bursts = static_cast<double>(d_pooled);
    const double n = static_cast<double>(d_fft_len), w = static_cast<double>(d_within);
    for (double& share : d_shares)
        share /= bursts;
    const bool moved = is_moved(d_shares.data(), 1.0, d_total / bursts, true);
    // Of noise, the mean share within the prefix is w/n with this variance (Beta
    // distribution); training at the least SNR adds `least` to it. Wald's sequential test
    // of one against the other, begun anew wherever training shows (Page's cumulative
    // sum).
    const double excess = d_within_shares / bursts - w / n;
    const double variance = w * (n - w) / (n * n * (n + 1)) / bursts;
    const double least = least_snr / (1.0 + least_snr) * (1.0 - w / n);
    // A short symbol with a long prefix shows too little at low SNR.
    const bool can_tell = d_fft_len >= 32 && d_beyond >= d_fft_len / 2;
    const double enough = -std::log(false_alarms);
    const double doubt = d_doubt + least * (least / 2 - excess) / variance;
    const double kept = std::clamp(doubt, 0.0, 2 * enough);
    const bool absent = can_tell && kept > enough;
    const int offset = d_offset;
    restart();
    d_doubt = kept;
    d_pool_verdict = moved ? verdict::moved : absent ? verdict::absent : verdict::fits;
    d_pool_offset = offset;
}

training_fit::verdict training_fit::check(const std::complex<float>* taps)
{
    double within = 0.0, beyond = 0.0;
    for (size_t l = 0; l < d_within; l++)
        within += std::norm(taps[l]);
    for (size_t l = d_within; l < d_fft_len; l++)
        beyond += d_energy[l - d_within] = std::norm(taps[l]);
    const double total = within + beyond;
    if (!std::isfinite(total) || total == 0.0)
        return verdict::absent;
    if (beyond == 0.0)
        return verdict::fits;
    if (is_moved(d_energy.data(), beyond, total, false))
        return verdict::moved;
    pool(total, beyond);
    d_offset = d_pool_offset;
    if (d_pool_verdict != verdict::fits)
        return d_pool_verdict;
    return within > d_seen * total ? verdict::fits : verdict::unseen;
}

std::optional<training_fit::peak>
training_fit::find(const std::complex<float>* taps) const
{
    std::vector<double> energy(d_fft_len);
    for (size_t l = 0; l < d_fft_len; l++)
        energy[l] = std::norm(taps[l]);
    const double total = std::accumulate(energy.begin(), energy.end(), 0.0);
    if (!std::isfinite(total) || total == 0.0)
        return std::nullopt;
    std::optional<peak> best;
    double strength = 0.0;
    for (const run& r : d_runs) {
        double sum = std::accumulate(
            energy.begin(), energy.begin() + static_cast<int>(r.width), 0.0);
        double most = sum;
        size_t at = 0;
        for (size_t i = 1; i < d_fft_len; i++) {
            sum += energy[(i + r.width - 1) % d_fft_len] - energy[i - 1];
            if (sum > most) {
                most = sum;
                at = i;
            }
        }
        const double share = std::min(most / total, 1.0 - 1e-12);
        if (share <= r.whole)
            continue;
        const double unlikely = exponent(r.width, d_fft_len, share);
        if (unlikely <= strength)
            continue;
        strength = unlikely;
        size_t strongest = at;
        for (size_t i = at; i < at + r.width; i++)
            if (energy[i % d_fft_len] > energy[strongest % d_fft_len])
                strongest = i;
        const int tap = static_cast<int>(strongest % d_fft_len);
        const int n = static_cast<int>(d_fft_len);
        best = peak{ tap < n / 2 ? tap : tap - n, most };
    }
    return best;
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
