/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "image_assembler.h"
#include "scrambler.h"
#include <algorithm>

namespace gr {
namespace aeiqa {
namespace dsp {

image_assembler::image_assembler(uint8_t fill, uint64_t max_image_bytes)
    : d_fill(fill), d_max_image_bytes(max_image_bytes)
{
}

bool image_assembler::belongs(const frame_header& header) const
{
    const auto& image = d_image;
    return image && header.stream == image->stream && header.index == image->index &&
           header.rows == image->rows && header.cols == image->cols &&
           header.channels == image->channels && header.bits == image->bits &&
           header.gray == image->gray && header.columns == image->columns;
}

void image_assembler::follow_sequence(const frame_header& header)
{
    if (!d_latest || d_latest->stream != header.stream) {
        d_count.streams++;
    } else {
        const uint16_t gap =
            static_cast<uint16_t>(header.sequence - d_latest->sequence - 1);
        if (gap < 0x8000)
            d_count.frames_lost += gap;
        if (header.index > d_latest->index)
            d_count.images_missed += header.index - d_latest->index - 1;
    }
    d_latest = header;
}

void image_assembler::open(const fragment& what)
{
    const size_t count =
        (what.header.image_bytes() + what.frame_nbytes - 1) / what.frame_nbytes;
    d_open = true;
    d_building = assembled_image{};
    d_building.header = what.header;
    d_building.start = what.start;
    d_building.pixels.assign(what.header.image_bytes(), d_fill);
    d_building.fragments.assign(count, fragment_status::lost);
    d_covered.assign(count, 0);
    d_snr_db.assign(count, 0.0);
    d_frames = 0;
}

void image_assembler::add(const fragment& what, const uint8_t* bytes, size_t n)
{
    const frame_header& header = what.header;
    const uint64_t size = header.image_bytes();
    const bool fits = what.frame_nbytes > 0 && what.nbytes > 0 && n <= what.nbytes &&
                      header.offset % what.frame_nbytes == 0 && header.offset < size &&
                      what.nbytes == std::min(what.frame_nbytes, size - header.offset);
    if (!fits || size > d_max_image_bytes) {
        d_count.refused++;
        return;
    }
    follow_sequence(header);
    if (!belongs(header)) {
        finish();
        d_image = header;
        open(what);
    }
    d_payload.assign(bytes, bytes + n);
    scramble(d_payload.data(), n, d_scrambling);
    const bool right =
        n == what.nbytes && crc32(d_payload.data(), n) == header.payload_crc;
    (right ? d_count.payloads_right : d_count.payloads_damaged)++;
    const size_t at = header.offset / what.frame_nbytes;
    if (!d_open || d_building.fragments[at] == fragment_status::ok)
        d_count.repeated++;
    if (!d_open)
        return;
    store(what, d_payload.data(), n, right);
    const auto is_right = [](fragment_status s) { return s == fragment_status::ok; };
    const bool is_last =
        header.copy + 1 == header.copies && header.offset + what.nbytes == size;
    if (is_last ||
        std::all_of(d_building.fragments.begin(), d_building.fragments.end(), is_right))
        finish();
}

void image_assembler::store(const fragment& what,
                            const uint8_t* bytes,
                            size_t n,
                            bool right)
{
    d_frames++;
    d_building.snr_db += what.snr_db;
    d_building.cfo += what.cfo;
    const size_t at = what.header.offset / what.frame_nbytes;
    auto& status = d_building.fragments[at];
    const bool better =
        right || n > d_covered[at] || (n == d_covered[at] && what.snr_db > d_snr_db[at]);
    if (status == fragment_status::ok ||
        (status == fragment_status::damaged && !better) || (n == 0 && !right))
        return;
    std::copy(bytes,
              bytes + n,
              d_building.pixels.begin() +
                  static_cast<std::ptrdiff_t>(what.header.offset));
    status = right ? fragment_status::ok : fragment_status::damaged;
    d_covered[at] = n;
    d_snr_db[at] = what.snr_db;
}

void image_assembler::finish()
{
    if (!d_open)
        return;
    d_open = false;
    d_building.snr_db /= static_cast<double>(d_frames);
    d_building.cfo /= static_cast<double>(d_frames);
    d_building.missing = d_building.pixels.size();
    for (const uint64_t covered : d_covered)
        d_building.missing -= covered;
    const auto& status = d_building.fragments;
    const bool damaged =
        std::count(status.begin(), status.end(), fragment_status::damaged) > 0;
    if (d_building.missing > 0)
        d_count.images_with_gaps++;
    else if (damaged)
        d_count.images_damaged++;
    else
        d_count.images_complete++;
    d_ready.push_back(std::move(d_building));
}

std::optional<assembled_image> image_assembler::next()
{
    if (d_ready.empty())
        return std::nullopt;
    assembled_image image = std::move(d_ready.front());
    d_ready.pop_front();
    return image;
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
