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

constexpr size_t segment_blocks = 64;
// Blocks that agree with the next, as a share of a segment's: synchronisation symbols are
// 10 blocks at a prefix of a quarter, and the energy of other symbols does not count.
constexpr double long_agreement = 0.2;
// Where narrow-band energy proves to be no tone, segments until the next search.
constexpr size_t pause_after_no_tone = 3;
// Of a tone, what its subtraction may leave. Frames below that are not found.
constexpr float tone_rest = 1e-4f;
// Tones from all of a frame replace those from segments unless these leave less, by more
// than their larger number of parameters explains.
constexpr double dearer_parameters = 20.0;
// Power over that of the quietest segments, and how fast these are forgotten.
constexpr double loud = 4.0;
constexpr double floor_rise = 1.001;

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
      d_window(ofdm_frame::sync_symbols * d_symbol_len / d_block - 2),
      d_segment(segment_blocks * d_block),
      d_finder(d_fft_len)
{
    std::vector<std::complex<float>> training(d_fft_len);
    unitary_dft(d_fft_len, unitary_dft::direction::inverse)
        .transform(format.plan().training().data(), training.data());
    for (const auto& x : training) {
        d_training_re.push_back(x.real());
        d_training_im.push_back(x.imag());
        d_inverted_im.push_back(-x.imag());
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
    // Tones may be found later, and search go back to before the segment that has them.
    const uint64_t kept = margin + d_segment + (d_window + 2) * d_block;
    const uint64_t wanted =
        std::min({ position, this->position(), d_segments * d_segment });
    const uint64_t first = std::max(d_base, wanted - std::min(wanted, kept));
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
    const auto gone = std::find_if(d_known_tones.begin(),
                                   d_known_tones.end(),
                                   [this](const stretch& x) { return x.end > d_base; });
    d_known_tones.erase(d_known_tones.begin(), gone);
}

void frame_detector::go_on_at(uint64_t position)
{
    d_scan = std::max(d_scan, (position + d_block - 1) / d_block);
}

void frame_detector::go_back_to(uint64_t position)
{
    d_scan = std::min(d_scan, (position + d_block - 1) / d_block);
}

size_t frame_detector::until_segment_end() const { return d_segment - end() % d_segment; }

bool frame_detector::agrees_for_long(size_t first, size_t count) const
{
    double re = 0.0, im = 0.0;
    for (size_t b = first; b < first + count; b++) {
        const float scale = d_energy[b] > 0.0f ? 1.0f / d_energy[b] : 0.0f;
        re += d_corr_re[b] * scale;
        im += d_corr_im[b] * scale;
    }
    return std::hypot(re, im) > long_agreement * static_cast<double>(count);
}

void frame_detector::count_segment(size_t first, size_t count)
{
    double energy = 0.0;
    for (size_t b = first; b < first + count; b++)
        energy += d_energy[b];
    energy /= static_cast<double>(count * d_block);
    d_total_power += energy;
    d_segments++;
    if (energy > loud * d_floor)
        d_loud += d_segment;
    d_floor = std::min(d_floor * floor_rise, energy);
}

std::optional<uint64_t> frame_detector::end_segment()
{
    const uint64_t last = end(), first = last - d_segment;
    // The last block has none behind it yet: so it comes with the next segment.
    const uint64_t from = first - std::min<uint64_t>(first, d_block);
    const size_t at = (from - d_base) / d_block, count = (last - from) / d_block - 1;
    count_segment(at, count);
    const bool before = d_tones_before;
    d_tones_before = false;
    if (d_pause > 0)
        d_pause--;
    if (before) {
        std::vector<double> expected;
        for (const auto& x : d_known_tones.back().tones)
            expected.push_back(x.omega);
        look_for_tones(first, expected, false);
        correlate_without_tones(from, last);
    }
    if (d_pause == 0 && agrees_for_long(at, count)) {
        std::vector<double> expected;
        if (d_tones_before)
            for (const auto& x : d_known_tones.back().tones)
                expected.push_back(x.omega);
        if (!look_for_tones(first, expected, true))
            d_pause = pause_after_no_tone;
        correlate_without_tones(from, last);
    }
    if (d_tones_before)
        d_tone_samples += d_segment;
    if (before || !d_tones_before)
        return std::nullopt;
    return first - std::min(first, (d_window + 2) * d_block);
}

bool frame_detector::look_for_tones(uint64_t first,
                                    const std::vector<double>& expected,
                                    bool search)
{
    copy(first, d_segment, d_rest_re, d_rest_im);
    auto tones = d_finder.find(d_rest_re.data(),
                               d_rest_im.data(),
                               d_segment,
                               tone_finder::weighting::by_power,
                               expected,
                               search ? tone_finder::search::everywhere
                                      : tone_finder::search::nowhere);
    const bool more = tones.size() > (search ? expected.size() : 0);
    d_tones_before = !tones.empty();
    know(first, first + d_segment, std::move(tones));
    return more;
}

void frame_detector::copy(uint64_t first,
                          size_t n,
                          std::vector<float>& re,
                          std::vector<float>& im) const
{
    const auto at = static_cast<std::ptrdiff_t>(first - d_base);
    const auto last = at + static_cast<std::ptrdiff_t>(n);
    re.assign(d_re.begin() + at, d_re.begin() + last);
    im.assign(d_im.begin() + at, d_im.begin() + last);
}

// Later knowledge replaces what was known of the same samples.
void frame_detector::know(uint64_t first, uint64_t end, std::vector<tone> tones)
{
    std::vector<stretch> all;
    for (const auto& old : d_known_tones) {
        if (old.first < first)
            all.push_back({ old.first, std::min(old.end, first), old.tones });
        if (old.end > end) {
            const uint64_t begin = std::max(old.first, end);
            all.push_back({ begin, old.end, old.tones });
            for (auto& x : all.back().tones)
                x.amplitude *=
                    std::polar(1.0, x.omega * static_cast<double>(begin - old.first));
        }
    }
    if (!tones.empty())
        all.push_back({ first, end, std::move(tones) });
    std::sort(all.begin(), all.end(), [](const stretch& a, const stretch& b) {
        return a.first < b.first;
    });
    d_known_tones = std::move(all);
}

bool frame_detector::had_tones(uint64_t first, uint64_t end) const
{
    return std::any_of(d_known_tones.begin(), d_known_tones.end(), [&](const stretch& x) {
        return x.first < end && x.end > first;
    });
}

void frame_detector::subtract_known(uint64_t first, size_t n, float* re, float* im) const
{
    for (const auto& x : d_known_tones) {
        const uint64_t from = std::max(first, x.first), to = std::min(first + n, x.end);
        if (from < to)
            subtract_tones(x.tones,
                           from - x.first,
                           to - from,
                           re + (from - first),
                           im + (from - first));
    }
}

bool frame_detector::remove_tones(uint64_t first, uint64_t end, std::vector<double> near)
{
    for (const auto& known : d_known_tones)
        if (known.first < end && known.end > first)
            for (const auto& x : known.tones)
                near.push_back(x.omega);
    if (near.empty())
        return false;
    const size_t n = end - first;
    const auto energy = [this] {
        double sum = 0.0;
        for (size_t i = 0; i < d_rest_re.size(); i++)
            sum += d_rest_re[i] * d_rest_re[i] + d_rest_im[i] * d_rest_im[i];
        return sum;
    };
    double by_segments = std::numeric_limits<double>::infinity();
    if (had_tones(first, end)) {
        copy(first, n, d_rest_re, d_rest_im);
        subtract_known(first, n, d_rest_re.data(), d_rest_im.data());
        by_segments = energy();
    }
    copy(first, n, d_rest_re, d_rest_im);
    auto tones = d_finder.find(d_rest_re.data(),
                               d_rest_im.data(),
                               n,
                               tone_finder::weighting::even,
                               near,
                               tone_finder::search::near_expected);
    const double parameters = static_cast<double>(n / d_segment + 1);
    if (tones.empty() || energy() > by_segments * (1.0 + dearer_parameters * parameters /
                                                             static_cast<double>(n)))
        return false;
    know(first, end, std::move(tones));
    return true;
}

bool frame_detector::search_again(uint64_t training, uint64_t end)
{
    if (training < d_search_again_from)
        return false;
    d_search_again_from = training + 2 * d_segment; // whatever there is: not all the time
    const uint64_t from =
        std::max(d_base, training - std::min<uint64_t>(training, d_segment));
    const uint64_t first = (from + d_block - 1) / d_block * d_block;
    const uint64_t last = end / d_block * d_block;
    copy(first, last - first, d_rest_re, d_rest_im);
    auto tones = d_finder.find(d_rest_re.data(),
                               d_rest_im.data(),
                               last - first,
                               tone_finder::weighting::by_power,
                               {},
                               tone_finder::search::everywhere);
    if (tones.empty())
        return false;
    know(first, last, std::move(tones));
    correlate_without_tones(first, last);
    d_tones_before = true;
    go_back_to(first);
    return true;
}

void frame_detector::correlate_without_tones(uint64_t first, uint64_t end)
{
    const size_t n = end - first, at = (first - d_base) / d_block;
    const size_t count = n / d_block - 1;
    copy(first, n, d_rest_re, d_rest_im);
    subtract_known(first, n, d_rest_re.data(), d_rest_im.data());
    block_correlations(d_rest_re.data(),
                       d_rest_im.data(),
                       count,
                       d_block,
                       &d_corr_re[at],
                       &d_corr_im[at],
                       &d_energy[at]);
    for (const auto& known : d_known_tones) {
        double power = 0.0;
        for (const auto& x : known.tones)
            power += std::norm(x.amplitude);
        const float rest =
            tone_rest * static_cast<float>(power * static_cast<double>(d_block));
        for (size_t b = 0; b < count; b++) {
            const uint64_t position = first + b * d_block;
            if (position >= known.first && position < known.end)
                d_energy[at + b] += rest;
        }
    }
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
    uint64_t known = d_base / d_block + d_energy.size(); // blocks with a correlation
    if (d_tones_before) // the last block's correlation takes a sample of the next segment
        known = std::min(known, d_segments * segment_blocks - 1);
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
        if (best.share < sure_share) {
            const peak there = find_training(first, coarse, true);
            if (there.share > sure_share) {
                if (there.training >= d_after_inverted)
                    d_inverted++;
                d_after_inverted = there.training + d_training_symbols * d_symbol_len;
                return std::nullopt;
            }
        }
    }
    const bool begins_before_the_stream = best.training < 2 * d_symbol_len;
    if (best.share < least_share || begins_before_the_stream)
        return std::nullopt;
    return hit{ best.training, refine(best.training, omega) };
}

frame_detector::peak
frame_detector::find_training(uint64_t first, double omega, bool inverted)
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
                    inverted ? d_inverted_im.data() : d_training_im.data(),
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
    const float *re = &d_re[at], *im = &d_im[at];
    std::vector<float> rest_re, rest_im;
    if (had_tones(first, first + n)) {
        copy(first, n, rest_re, rest_im);
        subtract_known(first, n, rest_re.data(), rest_im.data());
        re = rest_re.data();
        im = rest_im.data();
    }
    for (size_t done = 0; done < n; done += piece, start *= piece_step)
        turn(re + done,
             im + done,
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
