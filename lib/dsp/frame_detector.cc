/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "frame_detector.h"
#include "kernels.h"
#include "ofdm.h"
#include <algorithm>
#include <cmath>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

// Of noise alone the metric, over a window of 128 samples, passes once in 1e8 blocks;
// frames pass down to 0 dB.
constexpr float least_metric = 0.15f;
// The synchronisation symbols repeat, so all parts of them have the same energy.
constexpr double most_uneven = 8.0;
// Of the energy at the strongest path; noise passes now and then and fails the header.
constexpr double least_share = 0.08;
constexpr double sure_share = 0.3;
// A path counts as the first if it has this share of the strongest one's energy; the
// training symbol's own side lobes stay below.
constexpr float first_path = 0.2f;

float sum(const float* x, size_t n)
{
    float total = 0.0f;
    for (size_t i = 0; i < n; i++)
        total += x[i];
    return total;
}

} // namespace

frame_detector::frame_detector(const ofdm_frame& format)
    : d_fft_len(format.plan().fft_len()),
      d_symbol_len(format.symbol_len()),
      d_cp_len(format.cp_len()),
      d_training_symbols(format.training_symbols()),
      d_block(d_fft_len / 4),
      d_window(ofdm_frame::sync_symbols * d_symbol_len / d_block - 2)
{
    std::vector<std::complex<float>> training(d_fft_len);
    unitary_dft(d_fft_len, unitary_dft::direction::inverse)
        .transform(format.plan().training().data(), training.data());
    for (const auto& x : training) {
        d_training_re.push_back(x.real());
        d_training_im.push_back(x.imag());
        d_training_energy += std::norm(x);
    }
}

void frame_detector::push(const std::complex<float>* samples, size_t n)
{
    const size_t before = d_re.size();
    d_re.resize(before + n);
    d_im.resize(before + n);
    d_bad += split(reinterpret_cast<const float*>(samples),
                   n,
                   d_re.data() + before,
                   d_im.data() + before);
    correlate_blocks();
}

void frame_detector::correlate_blocks()
{
    const size_t done = d_energy.size();
    const size_t whole = d_re.size() / d_block; // the last of them has none behind it
    if (whole < done + 2)
        return;
    const size_t count = whole - 1 - done;
    d_corr_re.resize(done + count);
    d_corr_im.resize(done + count);
    d_energy.resize(done + count);
    block_correlations(&d_re[done * d_block],
                       &d_im[done * d_block],
                       count,
                       d_block,
                       &d_corr_re[done],
                       &d_corr_im[done],
                       &d_energy[done]);
}

void frame_detector::forget(uint64_t position)
{
    // A frame begins a little before the window that shows it best.
    const uint64_t margin = 4 * d_block + 2 * d_cp_len;
    const uint64_t wanted = std::min(position, this->position());
    const uint64_t first = std::max(d_base, wanted - std::min(wanted, margin));
    // Moving what stays costs as much as it is long: not at every call.
    const uint64_t blocks =
        std::min<uint64_t>((first - d_base) / d_block, d_energy.size());
    if (blocks * d_block < 2 * (d_re.size() - blocks * d_block))
        return;
    const auto drop = [](std::vector<float>& x, size_t n) {
        x.erase(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(n));
    };
    drop(d_re, blocks * d_block);
    drop(d_im, blocks * d_block);
    drop(d_corr_re, blocks);
    drop(d_corr_im, blocks);
    drop(d_energy, blocks);
    d_base += blocks * d_block;
}

void frame_detector::go_on_at(uint64_t position)
{
    d_scan = std::max(d_scan, (position + d_block - 1) / d_block);
}

std::complex<float> frame_detector::window_correlation(uint64_t block) const
{
    const size_t at = block - d_base / d_block;
    return { sum(&d_corr_re[at], d_window), sum(&d_corr_im[at], d_window) };
}

bool frame_detector::is_candidate(uint64_t block) const
{
    const size_t at = block - d_base / d_block;
    const double early = sum(&d_energy[at], d_window / 2);
    const double late = sum(&d_energy[at + d_window / 2], d_window - d_window / 2);
    // At the edge of a burst a few strong samples may agree by chance.
    if (std::max(early, late) > most_uneven * std::min(early, late))
        return false;
    const double first = early + late;
    const double second = first - d_energy[at] + d_energy[at + d_window];
    const std::complex<double> correlation(window_correlation(block));
    const double product = first * second;
    return product > 0.0 && std::norm(correlation) > least_metric * product;
}

std::optional<frame_detector::hit> frame_detector::search(uint64_t limit)
{
    const uint64_t known =
        d_base / d_block + d_energy.size(); // blocks with a correlation
    // Beyond the first window that passes: others, of which the strongest is taken, and
    // the training symbols.
    const uint64_t ahead =
        (2 * d_window + 10) + (d_training_symbols * d_symbol_len + d_cp_len) / d_block;
    for (; position() < limit && d_scan + d_window < known; d_scan++) {
        if (!is_candidate(d_scan))
            continue;
        if (d_scan + ahead > known)
            return std::nullopt; // wait for more
        uint64_t best = d_scan;
        float strongest = 0.0f;
        for (uint64_t b = d_scan; b <= d_scan + d_window + 2; b++) {
            const float power = std::norm(window_correlation(b));
            if (power > strongest && is_candidate(b)) {
                strongest = power;
                best = b;
            }
        }
        const auto found = examine(best);
        if (found)
            return found;
        d_scan = best + 1;
    }
    return std::nullopt;
}

std::optional<frame_detector::hit> frame_detector::examine(uint64_t block)
{
    double omega = std::arg(window_correlation(block)) / static_cast<double>(d_block);
    // The best window begins at most a block behind the frame; noise may shift it.
    const uint64_t first = block * d_block + 2 * d_symbol_len + d_cp_len - 3 * d_block;
    peak best = find_training(first, omega);
    if (best.share < sure_share) {
        // The phase of the correlation knows the offset up to multiples of 4 carriers.
        const double step = 2.0 * M_PI * 4.0 / static_cast<double>(d_fft_len);
        const double coarse = omega;
        for (const double other : { coarse - step, coarse + step }) {
            const peak there = find_training(first, other);
            if (there.share > best.share) {
                best = there;
                omega = other;
            }
        }
    }
    const bool begins_before_the_stream = best.training < 2 * d_symbol_len;
    if (best.share < least_share || begins_before_the_stream)
        return std::nullopt;
    return hit{ best.training, refine(best.training, omega) };
}

frame_detector::peak frame_detector::find_training(uint64_t first, double omega)
{
    const size_t count = 5 * d_block + d_cp_len;
    const size_t length = count + d_fft_len;
    d_turned.resize(length);
    d_x_re.resize(length);
    d_x_im.resize(length);
    d_acc_re.resize(count);
    d_acc_im.resize(count);
    derotated(first, length, first, omega, d_turned.data());
    split(reinterpret_cast<const float*>(d_turned.data()),
          length,
          d_x_re.data(),
          d_x_im.data());
    cross_correlate(d_training_re.data(),
                    d_training_im.data(),
                    d_fft_len,
                    d_x_re.data(),
                    d_x_im.data(),
                    count,
                    d_acc_re.data(),
                    d_acc_im.data());
    size_t strongest = 0;
    for (size_t t = 0; t < count; t++) {
        d_acc_re[t] = d_acc_re[t] * d_acc_re[t] + d_acc_im[t] * d_acc_im[t];
        if (d_acc_re[t] > d_acc_re[strongest])
            strongest = t;
    }
    double energy = 0.0;
    for (size_t n = strongest; n < strongest + d_fft_len; n++)
        energy += d_x_re[n] * d_x_re[n] + d_x_im[n] * d_x_im[n];
    const double share =
        energy > 0.0 ? d_acc_re[strongest] / (energy * d_training_energy) : 0.0;

    size_t earliest = strongest - std::min(strongest, 3 * d_cp_len / 4);
    while (d_acc_re[earliest] < first_path * d_acc_re[strongest])
        earliest++;
    // Early by what the prefix has room for: paths too weak to be seen come before the
    // first, and a path between two samples rings before both.
    return { first + earliest - d_cp_len / 4, share };
}

/*
 * Over longer distances the same phase error is a smaller frequency error: the training
 * symbols repeat from one to the next, and the synchronisation symbols with each block.
 */
double frame_detector::refine(uint64_t training, double omega)
{
    const size_t distance = d_symbol_len / d_block * d_block;
    const uint64_t all = 2 * d_symbol_len + d_cp_len;
    const uint64_t start = training - std::min(training, all);
    const size_t length = (2 + d_training_symbols) * d_symbol_len;
    d_turned.resize(length);
    derotated(start, length, start, omega, d_turned.data());
    const auto correlation = [&](size_t from, size_t n, size_t lag) {
        std::complex<double> result = 0.0;
        for (size_t i = from; i < from + n; i++)
            result += std::conj(std::complex<double>(d_turned[i])) *
                      std::complex<double>(d_turned[i + lag]);
        return result;
    };
    const auto sync =
        correlation(d_cp_len / 2, 2 * d_symbol_len - distance - d_cp_len / 2, distance);
    const auto repeated = correlation(2 * d_symbol_len + d_cp_len / 2,
                                      (d_training_symbols - 1) * d_symbol_len -
                                          (d_training_symbols > 1 ? d_cp_len / 2 : 0),
                                      d_symbol_len);
    const double weight = std::abs(sync) + std::abs(repeated);
    if (!(weight > 0.0))
        return omega;
    return omega +
           (std::abs(sync) * std::arg(sync) / static_cast<double>(distance) +
            std::abs(repeated) * std::arg(repeated) / static_cast<double>(d_symbol_len)) /
               weight;
}

void frame_detector::derotated(uint64_t first,
                               size_t n,
                               uint64_t origin,
                               double omega,
                               std::complex<float>* out) const
{
    // Within a piece from a table, and from piece to piece, in double precision.
    constexpr size_t piece = 128;
    float turn_re[piece], turn_im[piece];
    const std::complex<double> step = std::polar(1.0, -omega);
    std::complex<double> turned = 1.0;
    for (size_t i = 0; i < std::min(n, piece); i++, turned *= step) {
        turn_re[i] = static_cast<float>(turned.real());
        turn_im[i] = static_cast<float>(turned.imag());
    }
    const auto piece_step = std::polar(1.0, -omega * static_cast<double>(piece));
    const double begin = static_cast<double>(static_cast<int64_t>(first - origin));
    std::complex<double> start = std::polar(1.0, -omega * begin);
    const size_t at = first - d_base;
    for (size_t done = 0; done < n; done += piece, start *= piece_step)
        turn(&d_re[at + done],
             &d_im[at + done],
             turn_re,
             turn_im,
             static_cast<float>(start.real()),
             static_cast<float>(start.imag()),
             std::min(piece, n - done),
             reinterpret_cast<float*>(out + done));
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
