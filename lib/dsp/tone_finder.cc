/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "kernels.h"
#include "tone_finder.h"
#include <algorithm>
#include <cmath>
#include <numeric>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

constexpr size_t most_tones = 3;
constexpr size_t parts = 64;
// Power of a tone over that of its neighbourhood. Of the bins of noise within three
// carriers of 64 one exceeds it once in 10^4 stretches, of all bins once in 10^6; between
// two bins a tone shows at least 0.4 of its power.
constexpr double least_ratio = 16.0, least_ratio_anywhere = 22.0;
constexpr double between_bins = 0.4;
// Radians over a part that its projection may be off by, and steps of the fit.
constexpr double within_part = 0.01;
constexpr int fit_steps = 3;
// Power of a part within a pause, over that of the parts around.
constexpr double pause = 0.25;
// The share of a tone's energy by which quarters may differ from the whole. Of one that
// is there for half of the time it is 1, and 3 for a quarter.
constexpr double most_uneven = 0.5;

// Without std::complex's guard against infinities.
std::complex<double> product(std::complex<double> a, std::complex<double> b)
{
    return { a.real() * b.real() - a.imag() * b.imag(),
             a.real() * b.imag() + a.imag() * b.real() };
}

// exp(j omega i), i < n.
struct phasors {
    phasors(double omega, size_t n) : re(n), im(n)
    {
        const std::complex<double> step = std::polar(1.0, omega);
        std::complex<double> turned = 1.0;
        for (size_t i = 0; i < n; i++) {
            re[i] = static_cast<float>(turned.real());
            im[i] = static_cast<float>(turned.imag());
            turned = product(turned, step);
        }
    }
    std::vector<float> re, im;
};

} // namespace

void subtract_tones(
    const std::vector<tone>& tones, size_t skip, size_t n, float* re, float* im)
{
    constexpr size_t length = 64;
    const size_t whole = n / length;
    std::vector<float> scale_re(whole + 1), scale_im(whole + 1);
    for (const auto& x : tones) {
        const phasors turn(x.omega, length);
        const std::complex<double> step =
            std::polar(1.0, x.omega * static_cast<double>(length));
        std::complex<double> scale =
            x.amplitude * std::polar(1.0, x.omega * static_cast<double>(skip));
        for (size_t b = 0; b <= whole; b++, scale = product(scale, step)) {
            scale_re[b] = static_cast<float>(scale.real());
            scale_im[b] = static_cast<float>(scale.imag());
        }
        subtract_blocks(scale_re.data(),
                        scale_im.data(),
                        whole,
                        length,
                        turn.re.data(),
                        turn.im.data(),
                        re,
                        im);
        const size_t done = whole * length;
        subtract_blocks(&scale_re[whole],
                        &scale_im[whole],
                        1,
                        n - done,
                        turn.re.data(),
                        turn.im.data(),
                        re + done,
                        im + done);
    }
}

void tone_finder::weigh(const float* re, const float* im, size_t n, weighting how)
{
    d_part = (n + parts - 1) / parts;
    const size_t count = (n + d_part - 1) / d_part;
    d_energy.assign(count, 0.0);
    d_length.resize(count);
    d_weight.assign(count, 1.0);
    double total = 0.0;
    for (size_t p = 0; p < count; p++) {
        const size_t first = p * d_part, end = std::min(n, first + d_part);
        constexpr size_t lanes = 8;
        float sums[lanes] = {};
        size_t i = first;
        for (; i + lanes <= end; i += lanes)
            for (size_t l = 0; l < lanes; l++)
                sums[l] += re[i + l] * re[i + l] + im[i + l] * im[i + l];
        for (size_t l = 0; i < end; i++, l++)
            sums[l] += re[i] * re[i] + im[i] * im[i];
        const float sum = std::accumulate(sums, sums + lanes, 0.0f);
        d_energy[p] = sum;
        d_length[p] = static_cast<double>(end - first);
        total += sum;
    }
    if (how == weighting::even || !(total > 0.0))
        return;
    // Over a few parts, save in pauses: by their own power, parts in which tone and
    // signal agree would count for less, and the tone come out smaller than it is.
    const double least = 1e-6 * total / static_cast<double>(n);
    for (size_t p = 0; p < count; p++) {
        const size_t first = p - std::min<size_t>(p, 2), end = std::min(count, p + 3);
        double energy = 0.0, length = 0.0;
        for (size_t i = first; i < end; i++) {
            energy += d_energy[i];
            length += d_length[i];
        }
        const double own = d_energy[p] / d_length[p], around = energy / length;
        const double power = own < pause * around ? own : around;
        d_weight[p] = total / static_cast<double>(n) / (power + least);
    }
}

void tone_finder::project(const float* re, const float* im, size_t n, double omega)
{
    const size_t count = d_energy.size(), whole = n / d_part;
    const phasors turn(omega, d_part);
    std::vector<float> out_re(count), out_im(count);
    project_blocks(re,
                   im,
                   whole,
                   d_part,
                   turn.re.data(),
                   turn.im.data(),
                   out_re.data(),
                   out_im.data());
    if (whole < count)
        project_blocks(re + whole * d_part,
                       im + whole * d_part,
                       1,
                       n - whole * d_part,
                       turn.re.data(),
                       turn.im.data(),
                       &out_re[whole],
                       &out_im[whole]);
    d_parts.resize(count);
    for (size_t p = 0; p < count; p++)
        d_parts[p] = { out_re[p], out_im[p] };
    turn_parts(-omega);
}

// As if each part's samples had been turned by exp(j omega n).
void tone_finder::turn_parts(double omega)
{
    const std::complex<double> step =
        std::polar(1.0, omega * static_cast<double>(d_part));
    std::complex<double> start = 1.0;
    for (auto& part : d_parts) {
        part = product(part, start);
        start = product(start, step);
    }
}

tone_finder::fit
tone_finder::fit_at(const float* re, const float* im, size_t n, double omega)
{
    const size_t count = d_energy.size();
    double total = 0.0, middle = 0.0, spread = 0.0;
    std::vector<double> at(count);
    for (size_t p = 0; p < count; p++) {
        at[p] = static_cast<double>(p * d_part) + 0.5 * (d_length[p] - 1.0);
        total += d_weight[p] * d_length[p];
        middle += d_weight[p] * d_length[p] * at[p];
    }
    middle /= total;
    for (size_t p = 0; p < count; p++)
        spread += d_weight[p] * d_length[p] * (at[p] - middle) * (at[p] - middle);

    // The slope of the parts' phases against their sum's is the frequency's error. Within
    // a part it may stay if it is small.
    std::complex<double> sum = 0.0;
    int passes = 0;
    for (double moved = 1.0; moved * static_cast<double>(d_part) > within_part;) {
        project(re, im, n, omega);
        moved = 0.0;
        for (int i = 0; i <= fit_steps; i++) {
            sum = 0.0;
            for (size_t p = 0; p < count; p++)
                sum += d_weight[p] * d_parts[p];
            if (i == fit_steps || !(std::norm(sum) > 0.0))
                break;
            double moment = 0.0;
            for (size_t p = 0; p < count; p++)
                moment += d_weight[p] * (at[p] - middle) *
                          product(d_parts[p], std::conj(sum)).imag();
            const double error = moment * total / (std::norm(sum) * spread);
            turn_parts(-error);
            omega += error;
            moved += error;
        }
        moved = std::abs(moved);
        if (++passes == 3)
            break;
    }
    const std::complex<double> amplitude = sum / total;
    double noise = 0.0, uneven = 0.0;
    std::complex<double> quarter = 0.0;
    double quarter_total = 0.0;
    for (size_t p = 0; p < count; p++) {
        const double rest = d_energy[p] -
                            2.0 * product(std::conj(amplitude), d_parts[p]).real() +
                            d_length[p] * std::norm(amplitude);
        noise += d_weight[p] * d_weight[p] * std::max(rest, 0.0);
        quarter += d_weight[p] * d_parts[p];
        quarter_total += d_weight[p] * d_length[p];
        if (4 * (p + 1) / count > 4 * p / count) {
            uneven += quarter_total * std::norm(quarter / quarter_total - amplitude);
            quarter = quarter_total = 0.0;
        }
    }
    return { { omega, amplitude },
             std::norm(sum),
             noise,
             uneven < most_uneven * total * std::norm(amplitude) };
}

tone_finder::peak tone_finder::strongest(const float* re,
                                         const float* im,
                                         size_t n,
                                         const std::vector<double>& near)
{
    size_t size = 64;
    while (size < n)
        size *= 2;
    auto& dft =
        d_dft.try_emplace(size, size, unitary_dft::direction::forward).first->second;
    d_in.assign(size, 0.0f);
    d_out.resize(size);
    for (size_t i = 0; i < n; i++)
        d_in[i] =
            std::complex<float>(re[i], im[i]) * static_cast<float>(d_weight[i / d_part]);
    dft.transform(d_in.data(), d_out.data());

    // A carrier and a half on both sides, without the tone's own bins.
    const size_t lobe = 3 * size / n + 1;
    const size_t half = std::max(3 * size / d_fft_len / 2, 4 * lobe);
    const size_t margin = std::min(half, size / 2 - 1);
    d_running.resize(size + 2 * margin + 2);
    double running = 0.0;
    for (size_t i = 0; i < d_running.size(); i++) {
        d_running[i] = running;
        running += std::norm(d_out[(i + size - margin) % size]);
    }
    const auto between = [&](size_t first, size_t end) {
        return d_running[end] - d_running[first];
    };
    const double least = 1e-9 * running; // rounding of the sums
    peak best{ 0.0, 0.0, 1.0 };
    std::vector<bool> wanted(size, near.empty());
    for (const double omega : near) {
        const double cycles = std::remainder(omega / (2.0 * M_PI), 1.0) + 1.0;
        const auto bin = static_cast<size_t>(cycles * static_cast<double>(size));
        const size_t reach = 3 * size / d_fft_len / 2;
        for (size_t k = bin - reach; k <= bin + reach; k++)
            wanted[k % size] = true;
    }
    for (size_t k = 0; k < size; k++) {
        if (!wanted[k])
            continue;
        const size_t at = k + margin;
        const double around =
            between(at - margin, at - lobe) + between(at + lobe + 1, at + margin + 1);
        const double mean =
            std::max(around, least) / static_cast<double>(2 * (margin - lobe));
        const double power = std::norm(d_out[k]);
        if (power * best.neighbourhood > best.power * mean)
            best = { static_cast<double>(k), power, mean };
    }
    const double scale = static_cast<double>(size);
    best.omega = std::remainder(2.0 * M_PI * best.omega / scale, 2.0 * M_PI);
    best.power *= scale;
    best.neighbourhood *= scale;
    return best;
}

std::vector<tone> tone_finder::find(float* re,
                                    float* im,
                                    size_t n,
                                    weighting how,
                                    const std::vector<double>& expected,
                                    search where)
{
    std::vector<tone> found;
    bool weighed = false;
    const auto weigh_once = [&] {
        if (!weighed)
            weigh(re, im, n, how);
        weighed = true;
    };
    const auto take = [&](const fit& what) {
        found.push_back(what.found);
        subtract_tones({ what.found }, 0, n, re, im);
        weighed = false;
    };
    if (where != search::near_expected)
        for (const double omega : expected) {
            weigh_once();
            const fit there = fit_at(re, im, n, omega);
            const double moved = std::abs(there.found.omega - omega);
            if (!there.steady || moved * static_cast<double>(n) > 2.0 * M_PI ||
                there.projection <= least_ratio * there.noise)
                continue;
            take(there);
        }
    if (where == search::nowhere)
        return found;
    const bool anywhere = where == search::everywhere;
    while (found.size() < most_tones) {
        const double ratio =
            anywhere || !found.empty() ? least_ratio_anywhere : least_ratio;
        weigh_once();
        const peak at = strongest(re, im, n, anywhere ? std::vector<double>() : expected);
        if (at.power <= between_bins * ratio * at.neighbourhood)
            break;
        const fit there = fit_at(re, im, n, at.omega);
        if (!there.steady || there.projection <= ratio * at.neighbourhood)
            break;
        take(there);
    }
    return found;
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
