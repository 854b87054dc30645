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
#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
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

//! As text, of a bounded length, however large it is or deep its lists are nested.
std::string describe(const pmt::pmt_t& value);

//! A field's value, or nil.
pmt::pmt_t find(const pmt::pmt_t& tag, const pmt::pmt_t& field);

//! A field's value; nothing if it is missing, no integer, or negative.
std::optional<uint64_t> get(const pmt::pmt_t& tag, const pmt::pmt_t& field);

//! A field's value; 0 if it is missing, nothing if it is no finite real number.
std::optional<double> real(const pmt::pmt_t& tag, const pmt::pmt_t& field);

//! Values of a reader's fields that are not there, and of those that are, but are no
//! integer from 0 up.
constexpr long absent = std::numeric_limits<long>::min(), malformed = -1;

//! Reads the same fields of one image's tag after the other, each in one pass.
class reader
{
public:
    using values = std::vector<long>;

    explicit reader(std::vector<pmt::pmt_t> fields);

    //! The fields' values in their order, until the next call; absent or malformed, which
    //! are less than 0, where there is none. All are malformed if the tag is no dict.
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

//! No image is larger.
constexpr uint64_t max_image_bytes = uint64_t(1) << 30;

//! Add a field that the tag does not have yet.
void add(pmt::pmt_t& tag, const pmt::pmt_t& field, long value);

//! The tag of an image but for its index. Dicts share their tails: what like images have
//! in common is made once.
pmt::pmt_t without_index(int rows, int cols, int channels, int label);

//! The label of an image as a tag gives it; -1, unknown, for whatever is none.
int to_label(long value);

//! Bytes of an image. \throws std::invalid_argument if it cannot be one, or is too large.
uint64_t checked_bytes(int rows, int cols, int channels);

} // namespace img_tag
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_IMG_TAG_H */
