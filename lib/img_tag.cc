/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "img_tag.h"
#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

namespace gr {
namespace aeiqa {
namespace img_tag {

namespace {

constexpr long not_found = std::numeric_limits<long>::min();

} // namespace

pmt::pmt_t uncounted(const pmt::pmt_t& symbol)
{
    return pmt::pmt_t(pmt::pmt_t(), symbol.get());
}

#define AEIQA_INTERN(function, name)                               \
    const pmt::pmt_t& function()                                   \
    {                                                              \
        static const pmt::pmt_t symbol = uncounted(pmt::mp(name)); \
        return symbol;                                             \
    }

AEIQA_INTERN(key, "img")
AEIQA_INTERN(csi_key, "csi")
AEIQA_INTERN(setting_key, "setting")
AEIQA_INTERN(index, "index")
AEIQA_INTERN(label, "label")
AEIQA_INTERN(rows, "rows")
AEIQA_INTERN(cols, "cols")
AEIQA_INTERN(channels, "channels")
AEIQA_INTERN(nbytes, "nbytes")
AEIQA_INTERN(missing, "missing")
AEIQA_INTERN(symbols, "symbols")
AEIQA_INTERN(known_symbol, "known_symbol")
AEIQA_INTERN(training, "training")
AEIQA_INTERN(drift, "drift")
AEIQA_INTERN(phase_gain, "phase_gain")

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

double real(const pmt::pmt_t& tag, const pmt::pmt_t& field)
{
    const pmt::pmt_t value = find(tag, field);
    return pmt::is_real(value) ? pmt::to_double(value) : 0.0;
}

void keep_only(std::vector<tag_t>& tags, const pmt::pmt_t& key)
{
    const auto other = [&](const tag_t& tag) { return tag.key != key; };
    tags.erase(std::remove_if(tags.begin(), tags.end(), other), tags.end());
}

reader::reader(std::vector<pmt::pmt_t> fields)
    : d_fields(std::move(fields)),
      d_values(d_fields.size()),
      d_tail_values(d_fields.size())
{
}

// Takes values from \p rest until there is one for each field; returns what follows.
pmt::pmt_t reader::collect(pmt::pmt_t rest, bool up_to_index, values& found) const
{
    std::fill(found.begin(), found.end(), not_found);
    size_t missing = found.size();
    for (bool at_index = false; !at_index && pmt::is_pair(rest); rest = pmt::cdr(rest)) {
        const pmt::pmt_t item = pmt::car(rest);
        if (!pmt::is_pair(item))
            continue;
        const pmt::pmt_t name = pmt::car(item);
        at_index = up_to_index && name == index();
        const auto field = std::find(d_fields.begin(), d_fields.end(), name);
        if (field == d_fields.end())
            continue;
        long& value = found[static_cast<size_t>(field - d_fields.begin())];
        if (value != not_found)
            continue; // the first counts
        const pmt::pmt_t number = pmt::cdr(item);
        value = pmt::is_integer(number) ? std::max(pmt::to_long(number), -1L) : -1L;
        if (--missing == 0)
            break; // each step costs
    }
    return rest;
}

const reader::values& reader::read(const pmt::pmt_t& tag)
{
    const pmt::pmt_t tail = collect(tag, true, d_values);
    const auto is_missing = [](long value) { return value == not_found; };
    if (std::none_of(d_values.begin(), d_values.end(), is_missing))
        return d_values;
    if (tail != d_tail) {
        collect(tail, false, d_tail_values);
        d_tail = tail;
    }
    for (size_t i = 0; i < d_values.size(); i++)
        if (is_missing(d_values[i]))
            d_values[i] = d_tail_values[i];
    return d_values;
}

std::vector<pmt::pmt_t> header_fields()
{
    return { index(), label(), rows(), cols(), channels(), nbytes() };
}

std::optional<header> to_header(const reader::values& values)
{
    const long index_value = values[0], label_value = values[1], rows_value = values[2],
               cols_value = values[3], channels_value = values[4],
               nbytes_value = values[5];
    const auto side = [](long value) { return value >= 1 && value <= 1 << 20; };
    if (index_value < 0 || nbytes_value < 0 ||
        nbytes_value > static_cast<long>(max_image_bytes) || !side(rows_value) ||
        !side(cols_value) || !side(channels_value) ||
        rows_value * cols_value * channels_value != nbytes_value)
        return std::nullopt;
    return header{ static_cast<uint64_t>(index_value),
                   label_value < 0 ? -1 : static_cast<int>(label_value),
                   static_cast<int>(rows_value),
                   static_cast<int>(cols_value),
                   static_cast<int>(channels_value),
                   static_cast<uint64_t>(nbytes_value) };
}

void add(pmt::pmt_t& tag, const pmt::pmt_t& field, long value)
{
    tag = pmt::acons(field, pmt::from_long(value), tag);
}

pmt::pmt_t without_index(int rows, int cols, int channels, int label_value)
{
    // What most blocks ask for comes first, so it is added last.
    pmt::pmt_t tag = pmt::make_dict();
    add(tag, label(), label_value);
    add(tag, img_tag::channels(), channels);
    add(tag, img_tag::cols(), cols);
    add(tag, img_tag::rows(), rows);
    add(tag, nbytes(), static_cast<long>(uint64_t(rows) * cols * channels));
    return tag;
}

uint64_t checked_bytes(int rows, int cols, int channels)
{
    const std::string shape = std::to_string(rows) + " x " + std::to_string(cols) +
                              " x " + std::to_string(channels);
    if (rows < 1 || cols < 1 || channels < 1)
        throw std::invalid_argument("rows, cols and channels must be 1 or more, got " +
                                    shape);
    if (std::max({ rows, cols, channels }) > 1 << 20 ||
        uint64_t(rows) * cols * channels > max_image_bytes)
        throw std::invalid_argument("an image must have at most 2^20 rows, cols and "
                                    "channels and 2^30 bytes, got " +
                                    shape);
    return uint64_t(rows) * cols * channels;
}

} // namespace img_tag
} // namespace aeiqa
} // namespace gr
