/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_SYNCHRONIZER_H
#define INCLUDED_AEIQA_DSP_SYNCHRONIZER_H

#include "frame_detector.h"
#include "header_receiver.h"
#include "ofdm_frame.h"
#include <gnuradio/aeiqa/receiver_counters.h>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

//! An air frame found in a stream of samples.
struct found_frame {
    frame_header header;
    uint64_t start = 0; //!< sample of the stream at which it begins
    double cfo = 0.0;   //!< carrier frequency offset, in carriers
    //! Radians that a carrier's phase moves on a symbol, for each carrier from 0: what
    //! the sampling clocks' difference does.
    double drift = 0.0;
    double phase_gain = 0.0;   //!< by which pilots follow the payload's phase best
    double snr_db = 0.0;       //!< Es/N0 of a carrier, from the header
    size_t payload_bytes = 0;  //!< sent with it
    size_t received_bytes = 0; //!< less if another frame began within
    size_t known_symbols = 0;  //!< training symbols that the samples begin with
    //! Training and header symbols, all carrying the training symbol now, and those
    //! payload symbols that carry payload. Frequency corrected.
    std::vector<std::complex<float>> samples;
};

/*!
 * \brief Finds air frames in a stream of samples: detection, timing, frequency, header.
 *
 * - Detection: correlation of the stream with itself a quarter of a symbol later, over
 *   the synchronisation symbols, divided by the energy (Schmidl and Cox, "Robust
 *   frequency and timing synchronization for OFDM", 1997): independent of the level.
 * - Frequency: within +-2 carriers from the phase of that correlation, refined over
 *   longer distances; further multiples of 4 carriers by trying.
 * - Timing: first strong path of the correlation with the training symbol.
 * - The header's own symbols, once decoded, are known; they refine the frequency again,
 *   and go out as further training symbols, their own points taken off.
 *
 * A frame inside another one's payload ends that: the other was cut. What comes out does
 * not depend on the pieces in which the samples go in.
 */
class synchronizer
{
public:
    explicit synchronizer(const ofdm_frame& format);

    //! Take in samples; those that are no numbers, or absurdly large, count as 0.
    void push(const std::complex<float>* samples, size_t n);

    //! The next frame found in what was taken in so far.
    std::optional<found_frame> next();

    //! Of samples, headers and frames; those of payloads and images stay 0.
    receiver_counters counters() const;
    //! Of a sample, over all whole segments; NaN before the first.
    double mean_power() const { return d_detector.mean_power(); }

private:
    void scan();
    void receive(const frame_detector::hit& at);
    std::optional<header_receiver::result>
    read_without_tones(const frame_detector::hit& at, uint64_t end);
    void finish(uint64_t end);
    uint64_t header_end(uint64_t training) const;
    uint64_t frame_start(uint64_t training) const;
    uint64_t frame_end(uint64_t training) const;

    ofdm_frame d_format;
    frame_detector d_detector;
    header_receiver d_header_receiver;

    struct pending {
        uint64_t training;
        header_receiver::result what;
    };
    std::optional<frame_detector::hit> d_waiting; // for the rest of its header
    void remove_tones(pending& frame, uint64_t end);
    std::optional<pending> d_pending; // its end is yet to come
    std::deque<found_frame> d_found;
    receiver_counters d_counters; // but for those that the detector counts
    uint64_t d_last_right = 0;    // training symbol of the latest frame
    uint64_t d_frame_samples = 0;
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_SYNCHRONIZER_H */
