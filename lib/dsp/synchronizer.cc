/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "synchronizer.h"
#include <algorithm>
#include <cmath>

namespace gr {
namespace aeiqa {
namespace dsp {

synchronizer::synchronizer(const ofdm_frame& format)
    : d_format(format), d_detector(format), d_header_receiver(format)
{
}

void synchronizer::push(const std::complex<float>* samples, size_t n)
{
    d_counters.samples += n;
    // Piece by piece, so that whatever depends on what has come, and what not yet,
    // happens at the same samples however they are cut.
    while (n > 0) {
        uint64_t count = std::min<uint64_t>(n, d_detector.until_segment_end());
        if (d_pending) {
            const uint64_t end = frame_end(d_pending->training);
            if (end > d_detector.end())
                count = std::min(count, end - d_detector.end());
        }
        const bool whole = count == d_detector.until_segment_end();
        d_detector.push(samples, count);
        samples += count;
        n -= count;
        scan();
        if (!whole)
            continue;
        const auto again = d_detector.end_segment();
        if (again) {
            // Forget frames that a tone was mistaken for.
            const uint64_t from = std::max(*again, d_last_right);
            if (d_waiting && d_waiting->training > from)
                d_waiting.reset();
            d_detector.go_back_to(from);
        }
        scan();
    }
}

std::optional<found_frame> synchronizer::next()
{
    if (d_found.empty())
        return std::nullopt;
    found_frame frame = std::move(d_found.front());
    d_found.pop_front();
    return frame;
}

uint64_t synchronizer::frame_end(uint64_t training) const
{
    return training - d_format.cp_len() +
           (d_format.symbols() - ofdm_frame::sync_symbols) * d_format.symbol_len();
}

uint64_t synchronizer::header_end(uint64_t training) const
{
    return training - d_format.cp_len() +
           (d_format.training_symbols() + d_format.header_symbols()) *
               d_format.symbol_len();
}

uint64_t synchronizer::frame_start(uint64_t training) const
{
    // The detector stays a quarter of the prefix before the first path.
    const uint64_t before = d_format.cp_len() - d_format.cp_len() / 4 +
                            ofdm_frame::sync_symbols * d_format.symbol_len();
    return training - std::min(training, before);
}

void synchronizer::scan()
{
    const size_t length = d_format.symbol_len();
    for (;;) {
        if (d_waiting) {
            // A header is read once all of it has come.
            if (d_detector.end() < header_end(d_waiting->training))
                break;
            const auto at = *d_waiting;
            d_waiting.reset();
            receive(at);
        }
        // The next frame may begin where this one ends. It is not waited for: this may be
        // the stream's last.
        uint64_t limit = ~uint64_t(0);
        if (d_pending) {
            const uint64_t end = frame_end(d_pending->training);
            limit = end - ofdm_frame::sync_symbols * length;
            const bool here = d_detector.end() >= end;
            if (d_detector.position() >= limit ||
                (here && d_detector.waits_for_segment())) {
                if (!here)
                    break;
                finish(end);
                continue;
            }
        }
        const auto found = d_detector.search(limit);
        if (found)
            d_waiting = found;
        else if (d_detector.position() < limit)
            break; // wait for more
    }
    uint64_t needed = d_detector.position();
    if (d_pending)
        needed = std::min(needed, d_pending->training - d_format.cp_len());
    if (d_waiting)
        needed = std::min(needed, d_waiting->training - d_format.cp_len());
    d_detector.forget(needed);
}

receiver_counters synchronizer::counters() const
{
    receiver_counters counters = d_counters;
    counters.bad_samples = d_detector.bad_samples();
    counters.tone_samples = d_detector.tone_samples();
    const uint64_t loud = d_detector.loud_samples();
    counters.loud_samples = loud - std::min(loud, d_frame_samples);
    counters.frames_inverted = d_detector.frames_inverted();
    return counters;
}

void synchronizer::receive(const frame_detector::hit& at)
{
    auto what = d_header_receiver.read(d_detector, at);
    if (!what) {
        // A tone may have been mistaken for synchronisation, or have spoilt the header.
        if (d_detector.search_again(at.training, header_end(at.training))) {
            d_detector.go_on_at(d_last_right);
        } else {
            d_counters.headers_bad++;
            d_detector.go_on_at(at.training);
        }
        return;
    }
    d_detector.go_on_at(at.training);
    d_counters.headers_ok++;
    d_last_right = at.training;
    if (d_pending) {
        const uint64_t end = frame_end(d_pending->training);
        const uint64_t start = frame_start(at.training);
        // The end of a frame and the beginning of the next are known to a few samples.
        if (start + d_format.cp_len() < end)
            d_counters.frames_cut++;
        finish(std::min(end, start + d_format.cp_len()));
    }
    d_pending = pending{ at.training, std::move(*what) };
}

// Of all of the frame, tones are known better than when its header was read.
void synchronizer::remove_tones(pending& frame, uint64_t end)
{
    auto& [training, what] = frame;
    if (!d_detector.remove_tones(training - d_format.cp_len(), end, what.noisy))
        return;
    auto better = d_header_receiver.read(
        d_detector, { training, d_detector.refine(training, what.omega) });
    if (better)
        what = std::move(*better);
}

void synchronizer::finish(uint64_t end)
{
    remove_tones(*d_pending, end);
    auto& [training, what] = *d_pending;
    const size_t length = d_format.symbol_len();
    const size_t symbol_bytes = d_format.symbol_bytes(what.header.bits);
    const uint64_t payload = header_end(training);

    found_frame frame;
    frame.header = what.header;
    frame.start = frame_start(training);
    frame.cfo =
        what.omega * static_cast<double>(d_format.plan().fft_len()) / (2.0 * M_PI);
    frame.drift = what.drift;
    frame.phase_gain = what.phase_gain;
    frame.snr_db = what.snr_db;
    frame.payload_bytes =
        std::min<uint64_t>(d_format.payload_bytes(what.header.bits),
                           what.header.image_bytes() - what.header.offset);
    const size_t wanted = (frame.payload_bytes + symbol_bytes - 1) / symbol_bytes;
    const size_t whole = end > payload ? (end - payload) / length : 0;
    const size_t received = std::min(wanted, whole);
    frame.received_bytes = std::min(frame.payload_bytes, received * symbol_bytes);

    frame.known_symbols = d_format.training_symbols() + d_format.header_symbols();
    frame.samples = std::move(what.training);
    const size_t training_samples = frame.samples.size();
    frame.samples.resize(training_samples + received * length);
    d_detector.derotated(payload,
                         received * length,
                         training,
                         what.omega,
                         frame.samples.data() + training_samples);
    d_frame_samples += end - frame.start;
    d_pending.reset();
    d_found.push_back(std::move(frame));
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
