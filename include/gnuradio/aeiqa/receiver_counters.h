/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_RECEIVER_COUNTERS_H
#define INCLUDED_AEIQA_RECEIVER_COUNTERS_H

#include <array>
#include <cstdint>

namespace gr {
namespace aeiqa {

/*!
 * \brief Counters of a receiver of frames.
 * \ingroup aeiqa
 *
 * frame_sync counts samples, headers and frames, image_sink counts payloads and images;
 * each leaves the other's fields 0, and the sum of the two is the receiver's.
 */
struct receiver_counters {
    // Counted by frame_sync:
    uint64_t samples = 0;         //!< Samples taken in
    uint64_t bad_samples = 0;     //!< Not finite or beyond 1e15, taken as 0
    uint64_t tone_samples = 0;    //!< In stretches from which tones were removed
    uint64_t loud_samples = 0;    //!< 6 dB above the quietest, not in frames read
    uint64_t headers_ok = 0;      //!< Frames found, the CRC of their header right
    uint64_t headers_bad = 0;     //!< Frames given up, or mere beginnings of one
    uint64_t frames_inverted = 0; //!< With an inverted spectrum, not read
    uint64_t frames_cut = 0;      //!< In which another frame began

    // Counted by image_sink:
    uint64_t payloads_ok = 0;      //!< Their CRC is right
    uint64_t payloads_bad = 0;     //!< Their CRC is wrong
    uint64_t frames_repeated = 0;  //!< Their payload had come right already
    uint64_t frames_refused = 0;   //!< Of images too large or impossible
    uint64_t frames_lost = 0;      //!< Gaps in the frames' numbers
    uint64_t images_complete = 0;  //!< All payloads are right
    uint64_t images_damaged = 0;   //!< Whole, but some payloads are wrong
    uint64_t images_with_gaps = 0; //!< Bytes of them never came
    uint64_t images_missed = 0;    //!< Gaps in the images' numbers
    uint64_t streams = 0;          //!< Transmitters, or starts of one
};

//! Name, place and meaning of one of the receiver_counters.
struct receiver_counter {
    const char* name;                    //!< As in the struct, and in Python
    uint64_t receiver_counters::*member; //!< Where it is
    const char* meaning;                 //!< One line, as docs/air.md has it
};

//! All receiver_counters, for code that treats them alike.
inline constexpr std::array<receiver_counter, 18> all_receiver_counters{ {
    { "samples", &receiver_counters::samples, "samples taken in" },
    { "bad_samples",
      &receiver_counters::bad_samples,
      "samples not finite or beyond 1e15, taken as 0" },
    { "tone_samples",
      &receiver_counters::tone_samples,
      "samples of stretches from which tones were removed" },
    { "loud_samples",
      &receiver_counters::loud_samples,
      "samples 6 dB above the quietest that are not of frames read: energy without "
      "frames" },
    { "headers_ok",
      &receiver_counters::headers_ok,
      "frames found, the CRC of their header right" },
    { "headers_bad",
      &receiver_counters::headers_bad,
      "frames given up, or mere beginnings of one" },
    { "frames_inverted",
      &receiver_counters::frames_inverted,
      "frames with an inverted spectrum, which are not read" },
    { "frames_cut", &receiver_counters::frames_cut, "frames in which another began" },
    { "payloads_ok", &receiver_counters::payloads_ok, "payloads whose CRC is right" },
    { "payloads_bad", &receiver_counters::payloads_bad, "payloads whose CRC is wrong" },
    { "frames_repeated",
      &receiver_counters::frames_repeated,
      "frames whose payload had come right already, as copies do" },
    { "frames_refused",
      &receiver_counters::frames_refused,
      "frames of images that are larger than allowed, or impossible" },
    { "frames_lost",
      &receiver_counters::frames_lost,
      "frames that never came, by the gaps in their numbers" },
    { "images_complete",
      &receiver_counters::images_complete,
      "images all of whose payloads are right" },
    { "images_damaged",
      &receiver_counters::images_damaged,
      "images that are whole, but with wrong payloads" },
    { "images_with_gaps",
      &receiver_counters::images_with_gaps,
      "images of which bytes never came" },
    { "images_missed",
      &receiver_counters::images_missed,
      "images of which nothing came, by the gaps in their numbers" },
    { "streams", &receiver_counters::streams, "transmitters, or starts of one" },
} };
static_assert(sizeof(receiver_counters) ==
                  all_receiver_counters.size() * sizeof(uint64_t),
              "every counter is listed");

//! Adds what another block, or another receiver, has counted.
inline receiver_counters& operator+=(receiver_counters& sum,
                                     const receiver_counters& other)
{
    for (const auto& counter : all_receiver_counters)
        sum.*counter.member += other.*counter.member;
    return sum;
}

//! \copydoc operator+=(receiver_counters&, const receiver_counters&)
inline receiver_counters operator+(receiver_counters a, const receiver_counters& b)
{
    return a += b;
}

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_RECEIVER_COUNTERS_H */
