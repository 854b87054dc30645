/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "header_receiver.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

// Of the difference between two radios' sampling clocks, standard deviation.
constexpr double usual_clocks = 20e-6;
// The least noise that counts as uneven, over the power of a carrier.
constexpr double least_uneven = 1e-4;

// Bound of the mean of n exponential variables of mean 1 that one in 1e13 exceeds: near
// enough for n from 1 to 100 (Chernoff: n (t - 1 - ln t) = 30 or more).
double even_noise(double n) { return 1.0 + std::sqrt(64.0 / n) + 30.0 / n; }

} // namespace

header_receiver::header_receiver(const ofdm_frame& format)
    : d_format(format),
      d_dft(format.plan().fft_len(), unitary_dft::direction::forward),
      d_modulator(static_cast<int>(format.plan().fft_len()),
                  static_cast<int>(format.cp_len())),
      d_turns(format.plan().frequency(format.plan().occupied().front()),
              format.plan().frequency(format.plan().occupied().back())),
      // As in channel_estimator: the window may begin a little late.
      d_projection(format.plan(),
                   -static_cast<int>(format.cp_len() / 8),
                   static_cast<int>(format.cp_len() + format.cp_len() / 8) + 1),
      d_response(format.plan().fft_len()),
      d_soft(format.header_symbols() * format.plan().data().size()),
      d_phase(format.header_symbols()),
      d_slope(format.header_symbols())
{
    std::vector<bool> used(format.plan().fft_len());
    for (const size_t k : format.plan().occupied())
        used[k] = true;
    for (size_t k = 0; k < used.size(); k++)
        if (!used[k])
            d_unused.push_back(k);
}

void header_receiver::demodulate(const frame_detector& from, frame_detector::hit at)
{
    const size_t fft_len = d_format.plan().fft_len();
    const size_t count = d_format.training_symbols() + d_format.header_symbols();
    const size_t length = (count - 1) * d_format.symbol_len() + fft_len;
    d_samples.resize(length);
    d_carriers.resize(count * fft_len);
    from.derotated(at.training, length, at.training, at.omega, d_samples.data());
    for (size_t s = 0; s < count; s++)
        d_dft.transform(&d_samples[s * d_format.symbol_len()], &d_carriers[s * fft_len]);

    const auto& training = d_format.plan().training();
    for (const size_t k : d_format.plan().occupied()) {
        std::complex<float> sum = 0.0f;
        for (size_t s = 0; s < d_format.training_symbols(); s++)
            sum += symbol(s)[k];
        d_response[k] =
            sum * training[k].real() / static_cast<float>(d_format.training_symbols());
    }
    d_projection.apply(d_response.data());
}

void header_receiver::follow()
{
    const auto& plan = d_format.plan();
    const size_t n_data = plan.data().size(), n = plan.occupied().size();
    std::vector<std::complex<float>> z(n);
    std::vector<int> frequency(n);
    d_tracker.restart(3.0);
    for (size_t s = 0; s < d_format.header_symbols(); s++) {
        const auto* y = symbol(d_format.training_symbols() + s);
        const auto turned = [&](size_t k) {
            return times(times(y[k], std::conj(d_response[k])),
                         d_turns.at(plan.frequency(k)));
        };
        d_tracker.predict();
        d_turns.set(d_tracker.phase(), d_tracker.slope());
        for (size_t i = 0; i < n; i++) {
            const bool is_pilot = i >= n_data;
            const size_t k = is_pilot ? plan.pilots()[i - n_data] : plan.data()[i];
            z[i] = turned(k);
            const bool positive =
                is_pilot ? plan.pilot(s, i - n_data) > 0.0f : z[i].real() > 0.0f;
            z[i] *= positive ? 1.0f : -1.0f;
            frequency[i] = plan.frequency(k);
        }
        d_tracker.update(z.data(), frequency.data(), n);
        d_phase[s] = d_tracker.phase();
        d_slope[s] = d_tracker.slope();
        d_turns.set(d_phase[s], d_slope[s]);
        for (size_t i = 0; i < n_data; i++)
            d_soft[s * n_data + i] = turned(plan.data()[i]).real();
    }
}

// Slopes of the lines that fit phase and slope of all symbols best, by least squares.
// Those of the training symbols are 0 on average: all is measured against their mean.
header_receiver::rates header_receiver::fit_rates(const std::vector<float>& points,
                                                  double noise)
{
    const auto& plan = d_format.plan();
    const double training = static_cast<double>(d_format.training_symbols());
    double count = training, mean_time = 0.0, square = 0.0, information = 0.0;
    rates mean{ 0.0, 0.0 }, product{ 0.0, 0.0 };
    d_measured.clear();
    for (size_t s = 0; s < d_format.header_symbols(); s++) {
        const auto* y = symbol(d_format.training_symbols() + s);
        d_turns.set(d_phase[s], d_slope[s]);
        std::complex<double> sum = 0.0, moment = 0.0;
        double weight = 0.0;
        for (size_t i = 0; i < plan.data().size(); i++) {
            const size_t k = plan.data()[i];
            const double f = plan.frequency(k);
            const std::complex<double> z(times(times(y[k], std::conj(d_response[k])),
                                               d_turns.at(plan.frequency(k))) *
                                         points[s * plan.data().size() + i]);
            sum += z;
            moment += f * z;
            weight += f * f * std::norm(d_response[k]);
        }
        const double common = std::arg(sum);
        const double phase = d_phase[s] + common;
        d_measured.push_back(phase);
        const double slope =
            d_slope[s] + (moment * std::polar(1.0, -common)).imag() / weight;
        const double time = training + static_cast<double>(s) - (training - 1.0) / 2.0;
        information += weight;
        count += 1.0;
        mean_time += time;
        square += time * time;
        mean.phase += phase;
        mean.slope += slope;
        product.phase += time * phase;
        product.slope += time * slope;
    }
    mean_time /= count;
    const double spread = square - count * mean_time * mean_time;
    const double drift = (product.slope - mean_time * mean.slope) / spread;
    // Weighed against what clocks are like, so that noise is not mistaken for drift.
    const double variance = noise / (2.0 * spread * information / (count - training));
    const double usual = usual_clocks * 2.0 * M_PI *
                         static_cast<double>(d_format.symbol_len()) /
                         static_cast<double>(plan.fft_len());
    return { (product.phase - mean_time * mean.phase) / spread,
             drift * usual * usual / (usual * usual + variance) };
}

// The gain by which pilots best follow a phase that wanders as that of the header symbols
// did: for a random walk whose steps have q times the variance of what pilots measure,
// the Kalman filter's gain settles at (sqrt(q^2 + 4 q) - q) / 2.
double header_receiver::phase_gain(double rate, double noise) const
{
    const auto& plan = d_format.plan();
    double data = 0.0, pilots = 0.0, steps = 0.0;
    for (const size_t k : plan.data())
        data += std::norm(d_response[k]);
    for (const size_t k : plan.pilots())
        pilots += std::norm(d_response[k]);
    if (d_measured.size() < 2 || !(noise > 0.0))
        return 0.0;
    for (size_t s = 1; s < d_measured.size(); s++)
        steps += std::norm(d_measured[s] - d_measured[s - 1] - rate);
    steps /= static_cast<double>(d_measured.size() - 1);
    // Two noisy phases make a step. Twice their noise is taken off, since the few steps
    // scatter, and a gain for nothing costs more than one that is a little low.
    const double wander = std::max(steps - 4.0 * noise / (2.0 * data), 0.0);
    const double q = wander * 2.0 * pilots / noise;
    return 2.0 / (1.0 + std::sqrt(1.0 + 4.0 / q)); // the same, without its differences
}

header_receiver::powers header_receiver::measure(const std::vector<float>& points)
{
    const auto& plan = d_format.plan();
    double noise = 0.0, power = 0.0;
    d_noise.assign(plan.fft_len(), 0.0);
    for (size_t s = 0; s < d_format.header_symbols(); s++) {
        const auto* y = symbol(d_format.training_symbols() + s);
        for (const size_t k : d_unused)
            d_noise[k] += std::norm(y[k]);
        d_turns.set(d_phase[s], d_slope[s]);
        for (size_t i = 0; i < plan.data().size(); i++) {
            const size_t k = plan.data()[i];
            const auto expected =
                std::complex<double>(d_response[k] * points[s * plan.data().size() + i]);
            const double error = std::norm(
                std::complex<double>(times(y[k], d_turns.at(plan.frequency(k)))) -
                expected);
            noise += error;
            d_noise[k] += error;
            power += std::norm(d_response[k]);
        }
    }
    const double count = static_cast<double>(points.size());
    // The estimate of the channel has noise as well, and adds it to both.
    const double share =
        d_projection.share() / static_cast<double>(d_format.training_symbols());
    noise /= count * (1.0 + share);
    const double symbols = static_cast<double>(d_format.header_symbols());
    auto sorted = d_noise;
    const auto median = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), median, sorted.end());
    const double most =
        std::max(even_noise(symbols) * *median, least_uneven * symbols * power / count);
    std::vector<size_t> noisy;
    for (size_t k = 0; k < d_noise.size(); k++)
        if (d_noise[k] > most)
            noisy.push_back(k);
    return { noise, power / count - noise * share, std::move(noisy) };
}

// Training and header symbols as if each had been a training symbol, sent in the place of
// the last: phase and slope of the carriers are what the payload begins with.
std::vector<std::complex<float>> header_receiver::known_symbols(
    const std::vector<float>& points, double residual, double drift)
{
    const auto& plan = d_format.plan();
    const size_t fft_len = plan.fft_len(), length = d_format.symbol_len();
    const size_t n_training = d_format.training_symbols(), n_data = plan.data().size();
    const size_t count = n_training + d_format.header_symbols();
    // The payload's samples are turned back by the residual, too, from the first training
    // symbol on; d_phase is that of samples that are not.
    const double phase =
        d_phase.back() - residual * (static_cast<double>((count - 1) * length) +
                                     static_cast<double>(fft_len) / 2.0);
    std::vector<std::complex<float>> carriers(fft_len), samples(count * length);
    for (size_t s = 0; s < count; s++) {
        const auto* y = symbol(s);
        const bool in_header = s >= n_training;
        const size_t h = in_header ? s - n_training : 0;
        const double middle = (static_cast<double>(n_training) - 1.0) / 2.0;
        const double before =
            residual * static_cast<double>(length) * (static_cast<double>(s) - middle);
        d_turns.set((in_header ? d_phase[h] : before) - phase,
                    drift * (static_cast<double>(s) - static_cast<double>(count - 1)));
        const auto put = [&](size_t k, float sent) {
            const float sign = in_header ? sent * plan.training()[k].real() : 1.0f;
            carriers[k] = times(y[k], d_turns.at(plan.frequency(k))) * sign;
        };
        for (size_t i = 0; i < n_data; i++)
            put(plan.data()[i], points[h * n_data + i]);
        for (size_t m = 0; m < plan.pilots().size(); m++)
            put(plan.pilots()[m], plan.pilot(h, m));
        d_modulator.modulate(carriers.data(), &samples[s * length]);
    }
    return samples;
}

std::optional<header_receiver::result> header_receiver::read(const frame_detector& from,
                                                             frame_detector::hit at)
{
    demodulate(from, at);
    follow();
    const auto header = d_format.read_header(d_soft.data());
    if (!header)
        return std::nullopt;
    const auto points = d_format.header_points(*header);
    const powers power = measure(points);
    const rates line = fit_rates(points, power.noise);
    const double residual = line.phase / static_cast<double>(d_format.symbol_len());
    const double snr =
        power.noise > 0.0 ? 10.0 * std::log10(std::max(power.signal / power.noise, 1e-10))
                          : std::numeric_limits<double>::infinity();
    std::vector<double> noisy;
    for (const size_t k : power.noisy)
        noisy.push_back(at.omega + 2.0 * M_PI * d_format.plan().frequency(k) /
                                       static_cast<double>(d_format.plan().fft_len()));
    return result{ *header,
                   at.omega + residual,
                   line.slope,
                   phase_gain(line.phase, power.noise),
                   snr,
                   std::move(noisy),
                   known_symbols(points, residual, line.slope) };
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
