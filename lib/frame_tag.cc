/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "frame_tag.h"
#include <algorithm>
#include <limits>

namespace gr {
namespace aeiqa {
namespace frame_tag {

#define AEIQA_INTERN(function, name)                                        \
    const pmt::pmt_t& function()                                            \
    {                                                                       \
        static const pmt::pmt_t symbol = img_tag::uncounted(pmt::mp(name)); \
        return symbol;                                                      \
    }

AEIQA_INTERN(offset, "offset")
AEIQA_INTERN(bits, "bits")
AEIQA_INTERN(gray, "gray")
AEIQA_INTERN(copies, "copies")

namespace {

AEIQA_INTERN(fragment_nbytes, "fragment_nbytes")
AEIQA_INTERN(frame_nbytes, "frame_nbytes")
AEIQA_INTERN(columns, "columns")
AEIQA_INTERN(copy, "copy")
AEIQA_INTERN(stream, "stream")
AEIQA_INTERN(sequence, "sequence")
AEIQA_INTERN(payload_crc, "payload_crc")
AEIQA_INTERN(snr_db, "snr_db")
AEIQA_INTERN(cfo, "cfo")
AEIQA_INTERN(start, "start")

} // namespace

#undef AEIQA_INTERN

pmt::pmt_t make(const dsp::found_frame& frame, uint64_t capacity)
{
    const dsp::frame_header& header = frame.header;
    pmt::pmt_t tag = pmt::make_dict();
    const std::pair<const pmt::pmt_t&, long> fields[] = {
        { start(), static_cast<long>(frame.start) },
        { img_tag::training(), static_cast<long>(frame.known_symbols) },
        { payload_crc(), static_cast<long>(header.payload_crc) },
        { sequence(), header.sequence },
        { stream(), header.stream },
        { copies(), static_cast<long>(header.copies) },
        { copy(), static_cast<long>(header.copy) },
        { columns(), header.columns },
        { gray(), header.gray },
        { bits(), static_cast<long>(header.bits) },
        { frame_nbytes(), static_cast<long>(capacity) },
        { fragment_nbytes(), static_cast<long>(frame.payload_bytes) },
        { offset(), static_cast<long>(header.offset) },
        { img_tag::nbytes(), static_cast<long>(frame.received_bytes) },
        { img_tag::channels(), static_cast<long>(header.channels) },
        { img_tag::cols(), static_cast<long>(header.cols) },
        { img_tag::rows(), static_cast<long>(header.rows) },
        { img_tag::label(), header.label },
        { img_tag::index(), static_cast<long>(header.index) },
    };
    tag = pmt::acons(img_tag::drift(), pmt::from_double(frame.drift), tag);
    tag = pmt::acons(img_tag::phase_gain(), pmt::from_double(frame.phase_gain), tag);
    for (const auto& [field, value] : fields)
        img_tag::add(tag, field, value);
    tag = pmt::acons(snr_db(), pmt::from_double(frame.snr_db), tag);
    tag = pmt::acons(cfo(), pmt::from_double(frame.cfo), tag);
    return tag;
}

std::vector<pmt::pmt_t> fields()
{
    auto all = img_tag::header_fields();
    for (const auto& own : { offset(),
                             bits(),
                             gray(),
                             columns(),
                             copies(),
                             copy(),
                             stream(),
                             sequence(),
                             payload_crc(),
                             fragment_nbytes(),
                             frame_nbytes(),
                             start() })
        all.push_back(own);
    return all;
}

bool is_fragment(const img_tag::reader::values& values)
{
    return values[at_fragment_nbytes] >= 0;
}

std::optional<dsp::fragment> read(const pmt::pmt_t& tag,
                                  const img_tag::reader::values& values)
{
    dsp::fragment result;
    dsp::frame_header& header = result.header;
    bool right = true;
    const auto get = [&](position field, long low, long high) {
        const long value = values[field];
        right = right && value >= low && value <= high;
        return static_cast<uint64_t>(right ? value : low);
    };
    constexpr long word = 0xffffffff;
    header.index = static_cast<uint32_t>(get(at_index, 0, word));
    header.rows = static_cast<uint32_t>(get(at_rows, 1, 1 << 16));
    header.cols = static_cast<uint32_t>(get(at_cols, 1, 1 << 16));
    header.channels = static_cast<uint32_t>(get(at_channels, 1, 1 << 8));
    header.offset = static_cast<uint32_t>(get(at_offset, 0, word));
    header.bits = static_cast<unsigned>(get(at_bits, 1, 10));
    right = right && !dsp::modulation_name(header.bits).empty();
    header.gray = get(at_gray, 0, 1) != 0;
    header.columns = get(at_columns, 0, 1) != 0;
    header.copies = static_cast<unsigned>(get(at_copies, 1, 8));
    header.copy = static_cast<unsigned>(get(at_copy, 0, header.copies - 1));
    header.stream = static_cast<uint16_t>(get(at_stream, 0, 0xffff));
    header.sequence = static_cast<uint16_t>(get(at_sequence, 0, 0xffff));
    header.payload_crc = static_cast<uint32_t>(get(at_payload_crc, 0, word));
    header.label = img_tag::to_label(values[at_label]);
    constexpr long largest = static_cast<long>(img_tag::max_image_bytes);
    result.nbytes = get(at_fragment_nbytes, 1, largest);
    result.frame_nbytes = get(at_frame_nbytes, 1, largest);
    result.start = get(at_start, 0, std::numeric_limits<long>::max());
    const auto snr = img_tag::real(tag, snr_db()), offset = img_tag::real(tag, cfo());
    right = right && snr && offset;
    result.snr_db = snr.value_or(0.0);
    result.cfo = offset.value_or(0.0);
    return right ? std::optional<dsp::fragment>(result) : std::nullopt;
}

} // namespace frame_tag
} // namespace aeiqa
} // namespace gr
