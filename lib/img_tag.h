/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_IMG_TAG_H
#define INCLUDED_AEIQA_IMG_TAG_H

#include <gnuradio/logger.h>
#include <gnuradio/tags.h>
#include <pmt/pmt.h>
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gr {
namespace aeiqa {
namespace img_tag {

/*
 * The `img` tag is a dict on the first item of each image's frame, the only side
 * information of the link. `csi` gives a receiver perfect channel knowledge; `setting`
 * confirms what a user changed, on the first item of the first image it holds for.
 * Keys are interned once, in img_tag.cc.
 *
 * A burst of several images has one tag, on its first item: index is the first one's,
 * nbytes all theirs together, and `images` an s32vector of four numbers for each, rows,
 * cols, channels and label. Only what makes bursts and what takes images out of them look
 * at it; for all in between, the burst is one image.
 */
const pmt::pmt_t& key();
const pmt::pmt_t& csi_key();
const pmt::pmt_t& setting_key();
const pmt::pmt_t& index();
const pmt::pmt_t& label();
const pmt::pmt_t& rows();
const pmt::pmt_t& cols();
const pmt::pmt_t& channels();
const pmt::pmt_t& nbytes();
const pmt::pmt_t& images();
const pmt::pmt_t& missing();
const pmt::pmt_t& symbols();
const pmt::pmt_t& known_symbol();
const pmt::pmt_t& training();
const pmt::pmt_t& drift();
const pmt::pmt_t& phase_gain();
const pmt::pmt_t& misaligned();

/*
 * Fields are interned symbols, so looking one up compares pointers, and adding one that
 * is not there yet need not search: images may come every few microseconds.
 */

//! The same symbol by a pointer that counts no references. An interned symbol is never
//! freed, and counting would have all threads write to one cache line for each tag.
pmt::pmt_t uncounted(const pmt::pmt_t& symbol);

//! Leave only the tags of one key. Sparing get_tags_in_window() the search for the key
//! spares a second copy of every tag.
void keep_only(std::vector<tag_t>& tags, const pmt::pmt_t& key);

/*
 * A tag may come from anybody's block, and an exception in work() would leave the
 * flowgraph hanging. Every block treats one that it cannot use alike: what it needs of a
 * tag that is missing or of the wrong kind, and what else it reads and is there, but of
 * the wrong kind, make it drop that image, count it, and say in its log why: of the first
 * in a run. Only a label of any other kind is no reason: it is an unknown one.
 */

//! Counts the tags that a block could not use; count() may be called from any thread.
class refusals
{
public:
    //! A run begins: the first is logged again.
    void restart() { d_logged = false; }
    void add(const gr::logger_ptr& logger, const std::string& why, const pmt::pmt_t& tag);
    uint64_t count() const { return d_count; }

private:
    std::atomic<uint64_t> d_count{ 0 };
    bool d_logged = false;
};

//! More fields than any block adds; what comes behind them is not looked at.
constexpr size_t most_fields = 256;

//! As text, of a bounded length, however large it is or deep its lists are nested.
std::string describe(const pmt::pmt_t& value);

//! A field's value, or nil.
pmt::pmt_t find(const pmt::pmt_t& tag, const pmt::pmt_t& field);

//! A field's value; nothing if it is missing, no integer, or negative.
std::optional<uint64_t> get(const pmt::pmt_t& tag, const pmt::pmt_t& field);

//! A field's value; 0 if it is missing, nothing if it is no finite real number.
std::optional<double> real(const pmt::pmt_t& tag, const pmt::pmt_t& field);

//! Of a value that a finder gave: the same.
std::optional<double> to_real(const pmt::pmt_t& value);

/*!
 * \brief Reads the same fields of one image's tag after the other, each in one pass.
 *
 * \p Kind says how: the type of a `value`, what it is of a field that is `absent`, of
 * each field where the tag is no dict (`malformed`), and of one that is there (`of`).
 */
template <class Kind>
class fields_reader
{
public:
    using values = std::vector<typename Kind::value>;

    explicit fields_reader(std::vector<pmt::pmt_t> fields)
        : d_fields(std::move(fields)),
          d_values(d_fields.size()),
          d_tail_values(d_fields.size())
    {
    }

    //! The fields' values in their order, until the next call.
    const values& read(const pmt::pmt_t& tag)
    {
        if (!pmt::is_dict(tag)) {
            std::fill(d_values.begin(), d_values.end(), Kind::malformed());
            return d_values;
        }
        const pmt::pmt_t tail = collect(tag, true, d_values);
        const auto is_missing = [](const auto& value) { return value == Kind::absent(); };
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

private:
    // Takes values from \p rest until there is one for each field; returns what follows.
    pmt::pmt_t collect(pmt::pmt_t rest, bool up_to_index, values& found) const
    {
        std::fill(found.begin(), found.end(), Kind::absent());
        size_t missing = found.size(), left = most_fields;
        for (bool at_index = false; !at_index && pmt::is_pair(rest) && left-- > 0;
             rest = pmt::cdr(rest)) {
            const pmt::pmt_t item = pmt::car(rest);
            if (!pmt::is_pair(item))
                continue;
            const pmt::pmt_t name = pmt::car(item);
            at_index = up_to_index && name == index();
            const auto field = std::find(d_fields.begin(), d_fields.end(), name);
            if (field == d_fields.end())
                continue;
            auto& value = found[static_cast<size_t>(field - d_fields.begin())];
            if (value != Kind::absent())
                continue; // the first counts
            value = Kind::of(pmt::cdr(item));
            if (--missing == 0)
                break; // each step costs
        }
        return rest;
    }

    const std::vector<pmt::pmt_t> d_fields;
    values d_values;
    // What follows the index is shared by the dicts of like images, so it is read once.
    pmt::pmt_t d_tail;
    values d_tail_values;
};

//! Values of a reader's fields that are not there, and of those that are, but are no
//! integer from 0 up. Both are less than 0.
constexpr long absent = std::numeric_limits<long>::min(), malformed = -1;

//! Fields as numbers from 0 up.
struct numbers {
    using value = long;
    static long absent() { return img_tag::absent; }
    static long malformed() { return img_tag::malformed; }
    static long of(const pmt::pmt_t& field)
    {
        return pmt::is_integer(field) ? std::max(pmt::to_long(field), malformed())
                                      : malformed();
    }
};
using reader = fields_reader<numbers>;

//! Fields as they are; empty pointers where there are none.
struct untouched {
    using value = pmt::pmt_t;
    static pmt::pmt_t absent() { return {}; }
    static pmt::pmt_t malformed() { return {}; }
    static pmt::pmt_t of(const pmt::pmt_t& field) { return field; }
};
using finder = fields_reader<untouched>;

struct header {
    uint64_t index = 0;
    int label = -1; // unknown
    int rows = 0, cols = 0, channels = 0;
    uint64_t nbytes = 0;
};

//! Fields of a header.
std::vector<pmt::pmt_t> header_fields();

//! From the values of these fields, and any behind them. Nothing if one is missing, an
//! image is larger than max_image_bytes, or its shape and its number of bytes disagree.
std::optional<header> to_header(const reader::values& values);

//! The images that a tag announces, in order: one, or those that its field `images`, \p
//! burst as a finder gives it, tells of. Empty if it cannot be used, as to_header() has
//! it.
std::vector<header> to_headers(const pmt::pmt_t& burst, const reader::values& values);

//! No image is larger, nor all of a burst together.
constexpr uint64_t max_image_bytes = uint64_t(1) << 30;

//! Add a field that the tag does not have yet.
void add(pmt::pmt_t& tag, const pmt::pmt_t& field, long value);

//! The tag of an image but for its index. Dicts share their tails: what like images have
//! in common is made once.
pmt::pmt_t without_index(int rows, int cols, int channels, int label);

//! The tag of a burst of images but for its index: rows, cols, channels and label of
//! each.
pmt::pmt_t burst_without_index(const std::vector<int32_t>& images, uint64_t nbytes);

//! The label of an image as a tag gives it; -1, unknown, for whatever is none.
int to_label(long value);

//! Bytes of an image. \throws std::invalid_argument if it cannot be one, or is too large.
uint64_t checked_bytes(int rows, int cols, int channels);

//! The index of the first of many images. \throws std::invalid_argument if theirs would
//! not fit a tag's.
uint64_t checked_first_index(uint64_t first_index);

} // namespace img_tag
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_IMG_TAG_H */
