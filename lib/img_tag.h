/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_IMG_TAG_H
#define INCLUDED_AEIQA_IMG_TAG_H

#include <gnuradio/tags.h>
#include <pmt/pmt.h>
#include <cstdint>
#include <optional>
#include <vector>

namespace gr {
namespace aeiqa {
namespace img_tag {

/*
 * The `img` tag is a dict on the first item of each image's frame, the only side
 * information of the link. `csi` gives a receiver perfect channel knowledge; `setting`
 * confirms what a user changed, on the first item of the first image it holds for.
 * Keys are interned once, in img_tag.cc.
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
const pmt::pmt_t& missing();
const pmt::pmt_t& symbols();
const pmt::pmt_t& known_symbol();
const pmt::pmt_t& training();
const pmt::pmt_t& drift();
const pmt::pmt_t& phase_gain();

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

//! A field's value, or nil.
pmt::pmt_t find(const pmt::pmt_t& tag, const pmt::pmt_t& field);

//! A field's value; nothing if it is missing, no integer, or negative.
std::optional<uint64_t> get(const pmt::pmt_t& tag, const pmt::pmt_t& field);

//! A field's value; 0 if it is missing or no real number.
double real(const pmt::pmt_t& tag, const pmt::pmt_t& field);

//! Reads the same fields of one image's tag after the other, each in one pass.
class reader
{
public:
    using values = std::vector<long>;

    explicit reader(std::vector<pmt::pmt_t> fields);

    //! The fields' values in their order, until the next call; less than 0 where one is
    //! missing, no integer, or negative.
    const values& read(const pmt::pmt_t& tag);

private:
    pmt::pmt_t collect(pmt::pmt_t rest, bool up_to_index, values& found) const;

    const std::vector<pmt::pmt_t> d_fields;
    values d_values;
    // What follows the index is shared by the dicts of like images, so it is read once.
    pmt::pmt_t d_tail;
    values d_tail_values;
};

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

/*
 * A tag may come from anybody's block, and an exception in work() would leave the
 * flowgraph hanging: a block that cannot use a tag says so in its log and drops the
 * image.
 */
constexpr uint64_t max_image_bytes = uint64_t(1) << 30;

//! Add a field that the tag does not have yet.
void add(pmt::pmt_t& tag, const pmt::pmt_t& field, long value);

//! The tag of an image but for its index. Dicts share their tails: what like images have
//! in common is made once.
pmt::pmt_t without_index(int rows, int cols, int channels, int label);

//! Bytes of an image. \throws std::invalid_argument if it cannot be one, or is too large.
uint64_t checked_bytes(int rows, int cols, int channels);

} // namespace img_tag
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_IMG_TAG_H */
