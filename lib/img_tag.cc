/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "img_tag.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace gr {
namespace aeiqa {
namespace img_tag {

namespace {

// Of each image in a burst's tag: rows, cols, channels, label.
constexpr size_t burst_fields = 4;

// Of what is shown of a tag: characters, and lists within lists.
constexpr size_t most_text = 300;
constexpr int most_levels = 8;

void describe(const pmt::pmt_t& value, int levels, std::string& text)
{
    const auto full = [&] { return text.size() >= most_text; };
    if (full())
        return;
    if (pmt::is_symbol(value)) {
        text += pmt::symbol_to_string(value).substr(0, most_text);
    } else if (pmt::is_uniform_vector(value) || pmt::is_vector(value)) {
        text += "a vector of " + std::to_string(pmt::length(value));
    } else if (!pmt::is_pair(value)) {
        text += pmt::is_tuple(value) ? "a tuple" : pmt::write_string(value);
    } else if (levels == 0) {
        text += "(...)";
    } else {
        text += "(";
        pmt::pmt_t rest = value;
        for (; pmt::is_pair(rest) && !full(); rest = pmt::cdr(rest)) {
            if (text.back() != '(')
                text += " ";
            describe(pmt::car(rest), levels - 1, text);
        }
        if (!pmt::is_null(rest) && !full()) {
            text += " . ";
            describe(rest, levels - 1, text);
        }
        text += ")";
    }
}

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
AEIQA_INTERN(images, "images")
AEIQA_INTERN(missing, "missing")
AEIQA_INTERN(symbols, "symbols")
AEIQA_INTERN(known_symbol, "known_symbol")
AEIQA_INTERN(training, "training")
AEIQA_INTERN(drift, "drift")
AEIQA_INTERN(phase_gain, "phase_gain")
AEIQA_INTERN(misaligned, "misaligned")

#undef AEIQA_INTERN

std::string describe(const pmt::pmt_t& value)
{
    std::string text;
    describe(value, most_levels, text);
    if (text.size() > most_text)
        text.replace(most_text, std::string::npos, "...");
    return text;
}

void refusals::add(const gr::logger_ptr& logger,
                   const std::string& why,
                   const pmt::pmt_t& tag)
{
    d_count++;
    if (std::exchange(d_logged, true))
        return;
    logger->error(
        "image dropped, {}: {} (more like it are counted only)", why, describe(tag));
}

pmt::pmt_t find(const pmt::pmt_t& tag, const pmt::pmt_t& field)
{
    size_t left = most_fields;
    for (pmt::pmt_t rest = tag; pmt::is_pair(rest) && left-- > 0; rest = pmt::cdr(rest)) {
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

std::optional<double> real(const pmt::pmt_t& tag, const pmt::pmt_t& field)
{
    const pmt::pmt_t value = find(tag, field);
    return to_real(pmt::is_null(value) ? pmt::pmt_t() : value);
}

std::optional<double> to_real(const pmt::pmt_t& value)
{
    if (!value)
        return 0.0;
    const double number = pmt::is_real(value) ? pmt::to_double(value) : NAN;
    return std::isfinite(number) ? std::optional<double>(number) : std::nullopt;
}

void keep_only(std::vector<tag_t>& tags, const pmt::pmt_t& key)
{
    const auto other = [&](const tag_t& tag) { return tag.key != key; };
    tags.erase(std::remove_if(tags.begin(), tags.end(), other), tags.end());
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
    return header{
        static_cast<uint64_t>(index_value), to_label(label_value),
        static_cast<int>(rows_value),       static_cast<int>(cols_value),
        static_cast<int>(channels_value),   static_cast<uint64_t>(nbytes_value)
    };
}

std::vector<header> to_headers(const pmt::pmt_t& burst, const reader::values& values)
{
    if (!burst) {
        const auto single = to_header(values);
        return single ? std::vector<header>{ *single } : std::vector<header>{};
    }
    size_t length = 0;
    const int32_t* numbers =
        pmt::is_s32vector(burst) ? pmt::s32vector_elements(burst, length) : nullptr;
    const long first = values[0], all = values[5];
    if (first < 0 || all < 0 || length == 0 || length % burst_fields != 0)
        return {};
    std::vector<header> found;
    found.reserve(length / burst_fields);
    uint64_t sum = 0;
    for (size_t i = 0; i < length; i += burst_fields) {
        const long rows_value = numbers[i], cols_value = numbers[i + 1],
                   channels_value = numbers[i + 2];
        const long index_value = first + static_cast<long>(found.size());
        const auto each = to_header({ index_value,
                                      numbers[i + 3],
                                      rows_value,
                                      cols_value,
                                      channels_value,
                                      rows_value * cols_value * channels_value });
        if (!each)
            return {};
        found.push_back(*each);
        sum += each->nbytes;
    }
    if (sum != static_cast<uint64_t>(all) || sum > max_image_bytes)
        return {};
    return found;
}

int to_label(long value)
{
    const bool is_label = value >= 0 && value <= std::numeric_limits<int>::max();
    return is_label ? static_cast<int>(value) : -1;
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

pmt::pmt_t burst_without_index(const std::vector<int32_t>& images_value,
                               uint64_t nbytes_value)
{
    pmt::pmt_t tag = pmt::make_dict();
    tag = pmt::acons(
        images(), pmt::init_s32vector(images_value.size(), images_value.data()), tag);
    add(tag, label(), -1);
    add(tag, channels(), images_value[2]);
    add(tag, cols(), images_value[1]);
    add(tag, rows(), images_value[0]);
    add(tag, nbytes(), static_cast<long>(nbytes_value));
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

uint64_t checked_first_index(uint64_t first_index)
{
    if (first_index > uint64_t(1) << 62)
        throw std::invalid_argument("first_index must be at most 2^62, got " +
                                    std::to_string(first_index));
    return first_index;
}

} // namespace img_tag
} // namespace aeiqa
} // namespace gr
