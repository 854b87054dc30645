/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE image_assembler
#include "image_assembler.h"
#include "scrambler.h"
#include <sys/resource.h>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <algorithm>
#include <functional>
#include <numeric>
#include <random>

using namespace gr::aeiqa::dsp;
namespace data = boost::unit_test::data;

static std::vector<uint8_t> random_image(size_t nbytes, unsigned seed)
{
    std::mt19937 random(seed);
    std::vector<uint8_t> image(nbytes);
    for (auto& byte : image)
        byte = static_cast<uint8_t>(random());
    return image;
}

struct frame {
    fragment what;
    std::vector<uint8_t> payload; // scrambled
};

// The frames of an image of one row, as a mapper sends them.
static std::vector<frame> frames_of(const std::vector<uint8_t>& image,
                                    uint64_t frame_nbytes,
                                    uint32_t index = 0,
                                    unsigned copies = 1,
                                    uint16_t first = 0)
{
    std::vector<frame> frames;
    std::vector<uint8_t> scrambling;
    for (unsigned copy = 0; copy < copies; copy++)
        for (size_t at = 0; at < image.size(); at += frame_nbytes) {
            frame next;
            const auto n = std::min<size_t>(frame_nbytes, image.size() - at);
            const auto from = image.begin() + static_cast<std::ptrdiff_t>(at);
            next.payload =
                std::vector<uint8_t>(from, from + static_cast<std::ptrdiff_t>(n));
            auto& header = next.what.header;
            header.index = index;
            header.rows = 1;
            header.cols = static_cast<uint32_t>(image.size());
            header.channels = 1;
            header.copy = copy;
            header.copies = copies;
            header.offset = static_cast<uint32_t>(at);
            header.sequence = first++;
            header.payload_crc = crc32(next.payload.data(), n);
            next.what.nbytes = n;
            next.what.frame_nbytes = frame_nbytes;
            scramble(next.payload.data(), n, scrambling);
            frames.push_back(next);
        }
    return frames;
}

static void add(image_assembler& assembler, const frame& next)
{
    assembler.add(next.what, next.payload.data(), next.payload.size());
}

static std::vector<uint8_t> pixels_of(const assembled_image& image, uint8_t fill = 9)
{
    std::vector<uint8_t> pixels(image.header.image_bytes(), fill);
    auto from = image.bytes.begin();
    for (const auto& part : image.parts) {
        BOOST_REQUIRE(part.offset % image.frame_nbytes == 0);
        BOOST_REQUIRE(part.offset + part.nbytes <= pixels.size());
        const auto to = from + static_cast<std::ptrdiff_t>(part.nbytes);
        std::copy(from, to, pixels.begin() + static_cast<std::ptrdiff_t>(part.offset));
        from = to;
    }
    BOOST_REQUIRE(from == image.bytes.end());
    return pixels;
}

BOOST_DATA_TEST_CASE(frames_in_any_order_make_the_image,
                     data::make({ 1, 7, 64, 100, 40000 }) *
                         data::make({ 1, 2, 99, 100, 101, 30000 }),
                     frame_nbytes,
                     nbytes)
{
    const auto image = random_image(nbytes, 1);
    auto frames = frames_of(image, frame_nbytes);
    // The last frame of the last copy ends the image, so it stays there.
    std::shuffle(frames.begin(), frames.end() - 1, std::mt19937(2));
    image_assembler assembler(1 << 20);
    for (size_t i = 0; i < frames.size(); i++) {
        BOOST_REQUIRE(!assembler.next());
        add(assembler, frames[i]);
    }
    const auto got = assembler.next();
    BOOST_REQUIRE(got);
    BOOST_TEST(pixels_of(*got) == image);
    BOOST_TEST(got->missing == 0u);
    BOOST_TEST(got->parts.size() == 1u); // all right, one behind the other
    BOOST_TEST(assembler.counters().images_complete == 1u);
    BOOST_TEST(assembler.counters().payloads_ok == frames.size());
    BOOST_TEST(assembler.counters().frames_refused == 0u);
}

BOOST_DATA_TEST_CASE(lost_and_damaged_frames_stay_at_their_places,
                     data::make({ 1, 7, 64 }) * data::xrange(20),
                     frame_nbytes,
                     seed)
{
    const auto image = random_image(1000, 3);
    auto frames = frames_of(image, frame_nbytes);
    std::mt19937 random(seed);
    image_assembler assembler(1 << 20);
    std::vector<uint8_t> expected(image.size(), 9);
    uint64_t covered = 0, lost = 0, damaged = 0;
    for (auto& next : frames) {
        const auto fate = random() % 4;
        if (fate == 0 && &next != &frames.back() && &next != &frames.front()) {
            lost++;
            continue; // of the first and the last nobody would know
        }
        size_t n = next.payload.size();
        const auto at = next.what.header.offset;
        std::copy_n(image.begin() + at, n, expected.begin() + at);
        if (fate == 1) {
            next.payload[0] ^= 0x55;
            expected[at] ^= 0x55;
            damaged++;
        } else if (fate == 2 && n > 1) { // cut
            next.payload.resize(--n);
            expected[at + n] = 9;
            damaged++;
        }
        covered += n;
        add(assembler, next);
    }
    assembler.finish();
    const auto got = assembler.next();
    BOOST_REQUIRE(got);
    BOOST_TEST(pixels_of(*got) == expected);
    BOOST_TEST(got->missing == image.size() - covered);
    BOOST_TEST(assembler.counters().frames_lost == lost);
    BOOST_TEST(assembler.counters().payloads_bad == damaged);
    BOOST_TEST(assembler.counters().payloads_ok == frames.size() - lost - damaged);
}

BOOST_AUTO_TEST_CASE(of_several_copies_the_first_right_one_counts_else_the_best)
{
    const auto image = random_image(30, 4);
    const auto frames = frames_of(image, 10, 0, 3);
    const auto send =
        [&](image_assembler& to, size_t i, int damage, double snr, size_t n) {
            auto next = frames[i];
            next.what.snr_db = snr;
            next.payload[1] ^= static_cast<uint8_t>(damage);
            next.payload.resize(n);
            add(to, next);
        };
    image_assembler assembler(1 << 20);
    send(assembler, 0, 1, 5.0, 10); // copy 0
    send(assembler, 1, 1, 5.0, 9);
    send(assembler, 2, 1, 5.0, 10);
    send(assembler, 3, 2, 7.0, 10); // copy 1: higher SNR
    send(assembler, 4, 2, 1.0, 10); // more of it
    send(assembler, 5, 2, 4.0, 10); // lower SNR
    send(assembler, 6, 3, 6.0, 10); // copy 2: lower than copy 1
    send(assembler, 7, 0, 0.0, 10); // right
    send(assembler, 8, 3, 9.0, 2);  // less of it
    const auto got = assembler.next();
    BOOST_REQUIRE(got);
    auto expected = image;
    expected[1] ^= 2;
    expected[21] ^= 1;
    BOOST_TEST(pixels_of(*got) == expected);
    BOOST_TEST(got->missing == 0u);
    BOOST_TEST(assembler.counters().images_damaged == 1u);
}

// A fragment whose fields cannot be, or disagree with the first of its image.
static const std::vector<std::pair<const char*, std::function<void(fragment&)>>> wrong = {
    { "frame_nbytes smaller",
      [](fragment& f) {
          f.frame_nbytes = 5;
          f.nbytes = 5;
      } },
    { "frame_nbytes larger",
      [](fragment& f) {
          f.frame_nbytes = 1 << 20;
          f.nbytes = 95;
          f.header.offset = 0;
      } },
    { "frame_nbytes 1", [](fragment& f) { f.frame_nbytes = f.nbytes = 1; } },
    { "frame_nbytes 0", [](fragment& f) { f.frame_nbytes = 0; } },
    { "nbytes 0", [](fragment& f) { f.nbytes = 0; } },
    { "nbytes too many", [](fragment& f) { f.nbytes = 11; } },
    { "nbytes huge", [](fragment& f) { f.nbytes = UINT64_MAX; } },
    { "frame_nbytes huge", [](fragment& f) { f.frame_nbytes = UINT64_MAX; } },
    { "offset within a frame", [](fragment& f) { f.header.offset++; } },
    { "offset at the end", [](fragment& f) { f.header.offset = 95; } },
    { "offset beyond", [](fragment& f) { f.header.offset = 0xfffffff6; } },
    { "other copies", [](fragment& f) { f.header.copies = 2; } },
    { "another label", [](fragment& f) { f.header.label = 3; } },
    { "copy beyond copies", [](fragment& f) { f.header.copy = 1; } },
    { "no rows", [](fragment& f) { f.header.rows = 0; } },
    { "too large", [](fragment& f) { f.header.rows = 0xffff; } },
    { "size beyond 64 bits",
      [](fragment& f) {
          f.header.rows = f.header.cols = f.header.channels = 0xffffffff;
      } },
};

BOOST_DATA_TEST_CASE(what_cannot_be_is_refused_and_harms_nothing,
                     data::xrange(wrong.size()) * data::xrange(4),
                     which,
                     before)
{
    const auto image = random_image(95, 5);
    const auto frames = frames_of(image, 10);
    image_assembler assembler(1000);
    for (size_t i = 0; i < frames.size(); i++) {
        if (i == static_cast<size_t>(3 * before)) {
            auto hostile = frames[4];
            wrong[which].second(hostile.what);
            if (before == 0 && (which < 3 || wrong[which].first[0] == 'o'))
                return; // nothing to disagree with yet
            hostile.payload.resize(std::min<uint64_t>(10, hostile.what.nbytes));
            if (before == 0 && wrong[which].first == std::string("another label"))
                return;
            add(assembler, hostile);
            BOOST_TEST(assembler.counters().frames_refused == 1u, wrong[which].first);
        }
        add(assembler, frames[i]);
    }
    const auto got = assembler.next();
    BOOST_REQUIRE(got);
    BOOST_TEST(pixels_of(*got) == image);
    BOOST_TEST(assembler.counters().images_complete == 1u);
}

// A field of the image's identity that differs begins another image; nothing mixes.
BOOST_DATA_TEST_CASE(frames_of_other_images_do_not_mix, data::xrange(7), which)
{
    const auto image = random_image(100, 6);
    const auto frames = frames_of(image, 10);
    image_assembler assembler(1000);
    for (size_t i = 0; i < frames.size(); i++) {
        auto next = frames[i];
        if (i == 5) {
            auto& header = next.what.header;
            switch (which) {
            case 0:
                header.stream = 9;
                break;
            case 1:
                header.index = 9;
                break;
            case 2:
                std::swap(header.rows, header.cols);
                break;
            case 3:
                std::swap(header.channels, header.cols);
                break;
            case 4:
                header.bits = 4;
                break;
            case 5:
                header.gray = !header.gray;
                break;
            case 6:
                header.columns = !header.columns;
                break;
            }
        }
        add(assembler, next);
    }
    assembler.finish();
    std::vector<assembled_image> got;
    while (auto next = assembler.next())
        got.push_back(std::move(*next));
    BOOST_TEST(got.size() == 3u);
    uint64_t came = 0;
    for (const auto& part : got) {
        const auto pixels = pixels_of(part);
        came += part.bytes.size();
        for (size_t i = 0; i < pixels.size(); i++)
            BOOST_TEST((pixels[i] == image[i] || pixels[i] == 9));
    }
    BOOST_TEST(came == 100u);
}

BOOST_AUTO_TEST_CASE(a_restart_ends_the_image_and_counts_on)
{
    const auto image = random_image(100, 7);
    const auto first = frames_of(image, 10, 4, 1, 100);
    const auto later = frames_of(image, 10, 6, 1, 120);
    image_assembler assembler(1000);
    for (size_t i = 0; i < 5; i++)
        add(assembler, first[i]);
    assembler.restart();
    for (const auto& next : later)
        add(assembler, next);
    BOOST_TEST(assembler.next()->missing == 50u);
    BOOST_TEST(pixels_of(*assembler.next()) == image);
    BOOST_TEST(!assembler.next());
    BOOST_TEST(assembler.counters().frames_lost == 15u);
    BOOST_TEST(assembler.counters().images_missed == 1u);
    BOOST_TEST(assembler.counters().streams == 1u);
    // The same image again is not the one at hand.
    assembler.restart();
    for (const auto& next : later)
        add(assembler, next);
    BOOST_TEST(pixels_of(*assembler.next()) == image);
    BOOST_TEST(assembler.counters().frames_repeated == 0u);
}

// A sanitizer keeps what is freed.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool memory_is_ours = false;
#else
constexpr bool memory_is_ours = true;
#endif

static long peak_kilobytes()
{
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

BOOST_AUTO_TEST_CASE(memory_grows_with_what_comes_not_with_what_is_claimed)
{
    const long before = peak_kilobytes();
    image_assembler assembler(1 << 30);
    std::vector<assembled_image> waiting;
    const uint8_t byte = 1;
    for (uint32_t i = 0; i < 2000; i++) {
        fragment claim;
        claim.header.index = i;
        claim.header.rows = claim.header.cols = 1 << 15;
        claim.header.channels = 1;
        claim.header.offset = (1 << 30) - 1 - i;
        claim.frame_nbytes = claim.nbytes = 1;
        assembler.add(claim, &byte, 1);
        while (auto image = assembler.next())
            waiting.push_back(std::move(*image));
    }
    assembler.finish();
    BOOST_TEST(waiting.size() >= 1998u);
    if (memory_is_ours)
        BOOST_TEST(peak_kilobytes() - before < 50000);
}

// Fragments of one byte each cost little more than that byte.
BOOST_DATA_TEST_CASE(little_book_keeping_for_small_fragments,
                     data::make({ 0, 1 }),
                     damage)
{
    const long before = peak_kilobytes();
    constexpr uint32_t nbytes = 4 << 20;
    image_assembler assembler(1 << 30);
    fragment what;
    what.header.rows = 1 << 12;
    what.header.cols = 1 << 10;
    what.header.channels = 1;
    what.frame_nbytes = what.nbytes = 1;
    std::vector<uint8_t> scrambling;
    uint8_t zero = 0;
    scramble(&zero, 1, scrambling);
    const uint8_t right = 0;
    what.header.payload_crc = crc32(&right, 1) + damage;
    for (uint32_t at = 0; at < nbytes; at++) {
        what.header.offset = at;
        assembler.add(what, &zero, 1);
    }
    const auto image = assembler.next();
    BOOST_REQUIRE(image);
    BOOST_TEST(image->missing == 0u);
    BOOST_TEST(image->parts.size() == 1u);
    BOOST_TEST(std::accumulate(image->bytes.begin(), image->bytes.end(), 0u) == 0u);
    if (memory_is_ours)
        BOOST_TEST((peak_kilobytes() - before) * 1024 < (damage ? 16l : 6l) * nbytes);
}
