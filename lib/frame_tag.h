/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_FRAME_TAG_H
#define INCLUDED_AEIQA_FRAME_TAG_H

#include "dsp/image_assembler.h"
#include "dsp/synchronizer.h"
#include "img_tag.h"
#include <pmt/pmt.h>
#include <optional>
#include <vector>

namespace gr {
namespace aeiqa {

/*
 * On air the `img` tag stands on the first item of each frame. To the fields of
 * img_tag.h, of which nbytes is then the number of payload bytes received, it adds what
 * image_sink needs to put the image together; docs/air.md has the list.
 */
namespace frame_tag {

const pmt::pmt_t& offset();
const pmt::pmt_t& bits();
const pmt::pmt_t& gray();
const pmt::pmt_t& copies();

pmt::pmt_t make(const dsp::found_frame& frame, uint64_t frame_nbytes);

//! Of the values of fields().
enum position : size_t {
    at_index,
    at_label,
    at_rows,
    at_cols,
    at_channels,
    at_nbytes,
    at_offset,
    at_bits,
    at_gray,
    at_columns,
    at_copies,
    at_copy,
    at_stream,
    at_sequence,
    at_payload_crc,
    at_fragment_nbytes,
    at_frame_nbytes,
    at_start
};

//! Whole numbers in a tag: those of the header, and those of frames alone.
std::vector<pmt::pmt_t> fields();

//! Returns whether the tag belongs to a frame. \param values of its fields()
bool is_fragment(const img_tag::reader::values& values);

//! Nothing if a field is missing or out of its range. \param values of its fields()
std::optional<dsp::fragment> read(const pmt::pmt_t& tag,
                                  const img_tag::reader::values& values);

} // namespace frame_tag
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_FRAME_TAG_H */
