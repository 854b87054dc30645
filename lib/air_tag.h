/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_AIR_TAG_H
#define INCLUDED_AEIQA_AIR_TAG_H

#include "dsp/image_assembler.h"
#include "dsp/synchronizer.h"
#include <pmt/pmt.h>
#include <optional>

namespace gr {
namespace aeiqa {

/*
 * On air the `img` tag stands on the first item of each frame. To the fields of
 * img_tag.h, of which nbytes is then the number of payload bytes received, it adds what
 * image_sink needs to put the image together; docs/air.md has the list.
 */
namespace air_tag {

const pmt::pmt_t& offset();
const pmt::pmt_t& bits();
const pmt::pmt_t& gray();
const pmt::pmt_t& copies();

pmt::pmt_t make(const dsp::found_frame& frame, uint64_t frame_nbytes);

//! Whether the tag is one of the air's.
bool is_fragment(const pmt::pmt_t& tag);

//! Nothing if a field is missing or out of its range.
std::optional<dsp::fragment> read(const pmt::pmt_t& tag);

} // namespace air_tag
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_AIR_TAG_H */
