/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "img_tag.h"
#include <utility>

namespace gr {
namespace aeiqa {
namespace img_tag {

#define AEIQA_INTERN(function, name)                    \
    const pmt::pmt_t& function()                        \
    {                                                   \
        static const pmt::pmt_t symbol = pmt::mp(name); \
        return symbol;                                  \
    }

AEIQA_INTERN(key, "img")
AEIQA_INTERN(csi_key, "csi")
AEIQA_INTERN(index, "index")
AEIQA_INTERN(label, "label")
AEIQA_INTERN(rows, "rows")
AEIQA_INTERN(cols, "cols")
AEIQA_INTERN(channels, "channels")
AEIQA_INTERN(nbytes, "nbytes")
AEIQA_INTERN(missing, "missing")
AEIQA_INTERN(symbols, "symbols")
AEIQA_INTERN(known_symbol, "known_symbol")

#undef AEIQA_INTERN

pmt::pmt_t find(const pmt::pmt_t& tag, const pmt::pmt_t& field)
{
    for (pmt::pmt_t rest = tag; pmt::is_pair(rest); rest = pmt::cdr(rest)) {
        const pmt::pmt_t item = pmt::car(rest);
        if (pmt::is_pair(item) && pmt::car(item) == field)
            return pmt::cdr(item);
    }
    return pmt::PMT_NIL;
}

std::optional<uint64_t> get(const pmt::pmt_t& tag, const pmt::pmt_t& field)
{
    const pmt::pmt_t value = find(tag, field);
    const long number = pmt::is_integer(value) ? pmt::to_long(value) : -1;
    return number >= 0 ? std::optional<uint64_t>(number) : std::nullopt;
}

std::optional<header> read_header(const pmt::pmt_t& tag)
{
    long index_value = -1, label_value = -1, rows_value = 0, cols_value = 0;
    long channels_value = 0, nbytes_value = -1;
    const std::pair<const pmt::pmt_t&, long&> wanted[] = {
        { index(), index_value },       { label(), label_value },
        { rows(), rows_value },         { cols(), cols_value },
        { channels(), channels_value }, { nbytes(), nbytes_value },
    };
    for (pmt::pmt_t rest = tag; pmt::is_pair(rest); rest = pmt::cdr(rest)) {
        const pmt::pmt_t item = pmt::car(rest);
        if (!pmt::is_pair(item) || !pmt::is_integer(pmt::cdr(item)))
            continue;
        const pmt::pmt_t field = pmt::car(item);
        for (const auto& [name, value] : wanted)
            if (field == name)
                value = pmt::to_long(pmt::cdr(item));
    }
    const auto side = [](long value) { return value >= 1 && value <= 1 << 20; };
    if (index_value < 0 || nbytes_value < 0 ||
        nbytes_value > static_cast<long>(max_image_bytes) || !side(rows_value) ||
        !side(cols_value) || !side(channels_value) ||
        rows_value * cols_value * channels_value != nbytes_value)
        return std::nullopt;
    return header{
        static_cast<uint64_t>(index_value), static_cast<int>(label_value),
        static_cast<int>(rows_value),       static_cast<int>(cols_value),
        static_cast<int>(channels_value),   static_cast<uint64_t>(nbytes_value)
    };
}

void add(pmt::pmt_t& tag, const pmt::pmt_t& field, long value)
{
    tag = pmt::acons(field, pmt::from_long(value), tag);
}

} // namespace img_tag
} // namespace aeiqa
} // namespace gr
