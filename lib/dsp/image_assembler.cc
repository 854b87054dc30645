/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "checked.h"
#include "image_assembler.h"
#include "scrambler.h"
#include <algorithm>

namespace gr {
namespace aeiqa {
namespace dsp {

image_assembler::image_assembler(uint64_t max_image_bytes)
    : d_max_image_bytes(max_image_bytes)
{
}

// Whether the fields, which may come from anybody, are those of a fragment of n bytes.
bool image_assembler::fits(const fragment& what, size_t n) const
{
    const frame_header& header = what.header;
    const auto size = checked_product({ header.rows, header.cols, header.channels });
    return size && *size <= d_max_image_bytes && header.copy < header.copies &&
           what.frame_nbytes > 0 && what.nbytes > 0 && n <= what.nbytes &&
           header.offset % what.frame_nbytes == 0 && header.offset < *size &&
           what.nbytes == std::min(what.frame_nbytes, *size - header.offset);
}

bool image_assembler::belongs(const frame_header& header) const
{
    const auto& image = d_image;
    return image && header.stream == image->stream && header.index == image->index &&
           header.rows == image->rows && header.cols == image->cols &&
           header.channels == image->channels && header.bits == image->bits &&
           header.gray == image->gray && header.columns == image->columns;
}

// Whether a fragment of the image at hand says the same of it as the first has said.
bool image_assembler::agrees(const fragment& what) const
{
    return what.frame_nbytes == d_frame_nbytes && what.header.copies == d_image->copies &&
           what.header.label == d_image->label;
}

void image_assembler::follow_sequence(const frame_header& header)
{
    if (!d_latest || d_latest->stream != header.stream) {
        d_counters.streams++;
    } else {
        const uint16_t gap =
            static_cast<uint16_t>(header.sequence - d_latest->sequence - 1);
        if (gap < 0x8000)
            d_counters.frames_lost += gap;
        if (header.index > d_latest->index)
            d_counters.images_missed += header.index - d_latest->index - 1;
    }
    d_latest = header;
}

void image_assembler::open(const fragment& what)
{
    d_open = true;
    d_image = what.header;
    d_frame_nbytes = what.frame_nbytes;
    d_building = assembled_image{};
    d_building.header = what.header;
    d_building.frame_nbytes = what.frame_nbytes;
    d_building.start = what.start;
    d_fragments = fragment_store(what.header.image_bytes(), what.frame_nbytes);
    d_frames = 0;
}

void image_assembler::add(const fragment& what, const uint8_t* bytes, size_t n)
{
    const frame_header& header = what.header;
    const bool of_image = belongs(header);
    if (!fits(what, n) || (of_image && !agrees(what))) {
        d_counters.frames_refused++;
        return;
    }
    follow_sequence(header);
    if (!of_image) {
        finish();
        open(what);
    }
    d_payload.assign(bytes, bytes + n);
    scramble(d_payload.data(), n, d_scrambling);
    const bool right =
        n == what.nbytes && crc32(d_payload.data(), n) == header.payload_crc;
    (right ? d_counters.payloads_ok : d_counters.payloads_bad)++;
    const uint64_t at = header.offset / what.frame_nbytes;
    if (!d_open || d_fragments.status(at) == fragment_status::ok)
        d_counters.frames_repeated++;
    if (!d_open)
        return;
    d_frames++;
    d_building.snr_db += what.snr_db;
    d_building.cfo += what.cfo;
    d_fragments.put(at, d_payload.data(), n, right, what.snr_db);
    const bool is_last = header.copy + 1 == header.copies &&
                         header.offset + what.nbytes == header.image_bytes();
    if (is_last || d_fragments.all_right())
        finish();
}

void image_assembler::finish()
{
    if (!d_open)
        return;
    d_open = false;
    d_building.snr_db /= static_cast<double>(d_frames);
    d_building.cfo /= static_cast<double>(d_frames);
    d_building.missing = d_building.header.image_bytes() - d_fragments.covered();
    if (d_building.missing > 0)
        d_counters.images_with_gaps++;
    else if (d_fragments.any_damaged())
        d_counters.images_damaged++;
    else
        d_counters.images_complete++;
    d_fragments.take(d_building.bytes, d_building.parts);
    d_ready.push_back(std::move(d_building));
}

void image_assembler::restart()
{
    finish();
    d_image.reset();
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
