/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "image_sink_impl.h"
#include "make_named.h"
#include <gnuradio/io_signature.h>
#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace gr {
namespace aeiqa {

namespace {

// Images wait in memory of this size: asking for that of each alone is slow.
constexpr size_t chunk_bytes = 1 << 20;

const pmt::pmt_t& images_port()
{
    static const pmt::pmt_t port = pmt::mp("images");
    return port;
}

} // namespace

image_sink::sptr image_sink::make(const std::string& order,
                                  int keep,
                                  int fill,
                                  uint64_t max_image_bytes,
                                  uint64_t max_waiting_bytes)
{
    return make_named("image_sink", [&] {
        if (keep < -1)
            throw std::invalid_argument("keep must be -1 (all) or more, got " +
                                        std::to_string(keep));
        if (fill < 0 || fill > 255)
            throw std::invalid_argument("fill must be from 0 to 255, got " +
                                        std::to_string(fill));
        if (max_image_bytes < 1 || max_image_bytes > img_tag::max_image_bytes)
            throw std::invalid_argument("max_image_bytes must be from 1 to 2^30, got " +
                                        std::to_string(max_image_bytes));
        if (max_waiting_bytes < 1)
            throw std::invalid_argument("max_waiting_bytes must be 1 or more, got 0");
        return gnuradio::make_block_sptr<image_sink_impl>(parse_pixel_order(order),
                                                          keep,
                                                          static_cast<uint8_t>(fill),
                                                          max_image_bytes,
                                                          max_waiting_bytes);
    });
}

image_sink_impl::image_sink_impl(pixel_order order,
                                 int keep,
                                 uint8_t fill,
                                 uint64_t max_image_bytes,
                                 uint64_t max_waiting_bytes)
    : gr::sync_block("image_sink",
                     gr::io_signature::make(1, 1, sizeof(uint8_t)),
                     gr::io_signature::make(0, 0, 0)),
      d_order(order),
      d_keep(keep),
      d_fill(fill),
      d_max_image_bytes(max_image_bytes),
      d_max_waiting_bytes(max_waiting_bytes)
{
    message_port_register_out(images_port());
}

received_image image_sink_impl::whole(waiting_image& waiting) const
{
    received_image image = std::move(waiting.image);
    const auto start = waiting.bytes->begin() + static_cast<std::ptrdiff_t>(waiting.from);
    image.bytes.assign(start, start + static_cast<std::ptrdiff_t>(waiting.size));
    return image;
}

std::vector<received_image> image_sink_impl::take()
{
    std::lock_guard<std::mutex> lock(d_mutex);
    std::vector<received_image> images;
    images.reserve(d_images.size());
    for (waiting_image& waiting : d_images)
        images.push_back(whole(waiting));
    d_images.clear();
    d_waiting_bytes = 0;
    return images;
}

void image_sink_impl::take_pixels(const std::function<uint8_t*(size_t)>& memory_for)
{
    std::lock_guard<std::mutex> lock(d_mutex);
    size_t size = 0;
    for (const waiting_image& waiting : d_images)
        size += waiting.image.nbytes();
    uint8_t* out = memory_for(size);
    for (waiting_image& waiting : d_images) {
        const size_t nbytes = waiting.image.nbytes();
        if (waiting.size == nbytes && !waiting.image.columns) {
            std::copy_n(waiting.bytes->begin() +
                            static_cast<std::ptrdiff_t>(waiting.from),
                        nbytes,
                        out);
        } else {
            std::fill_n(out, nbytes, waiting.image.fill);
            whole(waiting).write_pixels(out);
        }
        out += nbytes;
    }
    d_images.clear();
    d_waiting_bytes = 0;
}

bool image_sink_impl::start()
{
    // Building PDUs that nobody takes would cost as much as the rest of the block.
    d_publish = !pmt::is_null(message_subscribers(images_port()));
    d_in_image = false;
    d_burst.clear();
    d_burst_next = 0;
    d_fragment.reset();
    d_refusals.restart();
    d_overflow_told = false;
    // The counts of frames are a run's; unlocking is no end of one.
    if (!d_runs.resumes(*this))
        d_assembler.emplace(d_max_image_bytes);
    return gr::sync_block::start();
}

bool image_sink_impl::stop()
{
    if (d_in_image)
        cut_short();
    if (d_assembler) {
        d_assembler->restart();
        deliver_assembled();
    }
    return gr::sync_block::stop();
}

void image_sink_impl::start_image(const pmt::pmt_t& tag)
{
    d_fragment.reset();
    const auto& values = d_tag_reader.read(tag);
    if (frame_tag::is_fragment(values)) {
        start_fragment(tag, values);
        return;
    }
    const auto& marks = d_marks.read(tag);
    d_misaligned_burst = marks[0] == pmt::PMT_T;
    d_burst = img_tag::to_headers(marks[1], values);
    d_burst_next = 0;
    if (d_burst.empty()) {
        d_refusals.add(d_logger,
                       "its tag needs index, rows, cols, channels and nbytes = rows x "
                       "cols x channels of at most 2^30, or images of these in a burst",
                       tag);
        return;
    }
    next_of_burst();
}

void image_sink_impl::next_of_burst()
{
    if (d_burst_next < d_burst.size())
        begin(d_burst[d_burst_next++]);
}

// A burst may end before its last images have begun, which are missed then.
void image_sink_impl::cut_short()
{
    if (d_burst_next > 1 && d_bytes.empty() && !d_fragment)
        d_in_image = false;
    else
        end_image();
    d_burst_next = d_burst.size();
}

void image_sink_impl::begin(const img_tag::header& header)
{
    d_nbytes = header.nbytes;
    d_image = received_image{};
    d_image.index = header.index;
    d_image.label = header.label;
    d_image.rows = header.rows;
    d_image.cols = header.cols;
    d_image.channels = header.channels;
    d_image.columns = d_order == pixel_order::column;
    d_image.misaligned = d_misaligned_burst;
    d_bytes.clear();
    d_in_image = true;
    count_missed(header.index);
}

// Numbers that begin again lower are another source's, or the same one's from its start.
void image_sink_impl::count_missed(uint64_t index)
{
    if (d_latest_index && index > *d_latest_index)
        d_missed += index - *d_latest_index - 1;
    d_latest_index = index;
}

void image_sink_impl::start_fragment(const pmt::pmt_t& tag,
                                     const img_tag::reader::values& values)
{
    d_burst.clear();
    d_burst_next = 0;
    d_fragment = frame_tag::read(tag, values);
    const long nbytes = values[frame_tag::at_nbytes];
    if (!d_fragment || nbytes < 0 || static_cast<uint64_t>(nbytes) > d_fragment->nbytes) {
        d_refusals.add(
            d_logger, "the tag of its frame is incomplete or out of range", tag);
        d_fragment.reset();
        return;
    }
    d_nbytes = static_cast<size_t>(nbytes);
    d_bytes.clear();
    d_in_image = true;
}

void image_sink_impl::end_fragment()
{
    d_assembler->add(*d_fragment, d_bytes.data(), d_bytes.size());
    d_fragment.reset();
    deliver_assembled();
}

void image_sink_impl::deliver_assembled()
{
    while (auto ready = d_assembler->next()) {
        d_image = received_image{};
        d_image.index = ready->header.index;
        d_image.label = ready->header.label;
        d_image.rows = static_cast<int>(ready->header.rows);
        d_image.cols = static_cast<int>(ready->header.cols);
        d_image.channels = static_cast<int>(ready->header.channels);
        d_image.columns = ready->header.columns;
        d_image.missing = ready->missing;
        d_bytes = std::move(ready->bytes);
        for (const auto& part : ready->parts)
            d_image.parts.push_back(
                { part.offset, part.nbytes, static_cast<uint8_t>(part.status) });
        d_image.frame_nbytes = ready->frame_nbytes;
        d_image.stream = ready->header.stream;
        d_image.bits = static_cast<int>(ready->header.bits);
        d_image.snr_db = ready->snr_db;
        d_image.cfo = ready->cfo;
        d_image.start = ready->start;
        deliver();
    }
    std::lock_guard<std::mutex> lock(d_mutex);
    d_counters = d_assembler->counters();
}

receiver_counters image_sink_impl::counters() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return d_counters;
}

void image_sink_impl::publish()
{
    pmt::pmt_t metadata = pmt::make_dict();
    img_tag::add(metadata, img_tag::index(), static_cast<long>(d_image.index));
    img_tag::add(metadata, img_tag::label(), d_image.label);
    img_tag::add(metadata, img_tag::rows(), d_image.rows);
    img_tag::add(metadata, img_tag::cols(), d_image.cols);
    img_tag::add(metadata, img_tag::channels(), d_image.channels);
    img_tag::add(metadata, img_tag::missing(), static_cast<long>(d_image.missing));
    if (d_image.misaligned)
        metadata = pmt::dict_add(metadata, img_tag::misaligned(), pmt::PMT_T);
    if (d_image.stream >= 0) // on air
        metadata =
            pmt::dict_add(metadata, pmt::mp("snr_db"), pmt::from_double(d_image.snr_db));
    // The image is complete but for its bytes, which it has for the time being.
    d_image.bytes.swap(d_bytes);
    const auto pixels = d_image.pixels();
    d_image.bytes.swap(d_bytes);
    message_port_pub(images_port(),
                     pmt::cons(metadata, pmt::init_u8vector(pixels.size(), pixels)));
}

void image_sink_impl::end_image()
{
    d_in_image = false;
    if (d_fragment) {
        end_fragment();
        return;
    }
    d_image.missing = d_nbytes - d_bytes.size();
    if (!d_bytes.empty())
        d_image.parts = { { 0, d_bytes.size(), 1 } };
    deliver();
}

void image_sink_impl::deliver()
{
    d_image.fill = d_fill;
    d_received++;
    if (d_image.missing > 0)
        d_truncated++;
    if (d_image.misaligned)
        d_misaligned++;
    if (d_publish)
        publish();
    store();
}

void image_sink_impl::store()
{
    std::lock_guard<std::mutex> lock(d_mutex);
    // A chunk is never moved, and goes when the last of its images goes.
    if (!d_chunk || d_chunk->capacity() - d_chunk->size() < d_bytes.size()) {
        d_chunk = std::make_shared<chunk>();
        d_chunk->reserve(std::max(chunk_bytes, d_bytes.size()));
    }
    const size_t from = d_chunk->size();
    d_chunk->insert(d_chunk->end(), d_bytes.begin(), d_bytes.end());
    d_images.push_back({ std::move(d_image), d_chunk, from, d_bytes.size() });
    d_waiting_bytes += d_images.back().cost();
    while (d_keep >= 0 && d_images.size() > static_cast<size_t>(d_keep))
        drop_oldest();
    // One image waits however large it is.
    while (d_waiting_bytes > d_max_waiting_bytes && d_images.size() > 1) {
        drop_oldest();
        d_overflowed++;
        if (!std::exchange(d_overflow_told, true))
            d_logger->warn("the images that wait to be taken have reached "
                           "max_waiting_bytes = {}, the oldest give way (overflowed() "
                           "counts them)",
                           d_max_waiting_bytes);
    }
}

void image_sink_impl::drop_oldest()
{
    d_waiting_bytes -= d_images.front().cost();
    d_images.pop_front();
}

int image_sink_impl::work(int noutput_items,
                          gr_vector_const_void_star& input_items,
                          gr_vector_void_star&)
{
    const auto in = static_cast<const uint8_t*>(input_items[0]);
    const size_t n = noutput_items;
    get_tags_in_window(d_tags, 0, 0, n);
    img_tag::keep_only(d_tags, img_tag::key());

    auto tag = d_tags.begin();
    for (size_t done = 0; done < n;) {
        if (tag != d_tags.end() && tag->offset == nitems_read(0) + done) {
            if (d_in_image)
                cut_short(); // by the next
            start_image(tag->value);
            ++tag;
        }
        const size_t until = tag != d_tags.end() ? tag->offset - nitems_read(0) : n;
        if (!d_in_image) {
            d_stray_bytes += until - done;
            done = until;
            continue;
        }
        const size_t count = std::min(until - done, d_nbytes - d_bytes.size());
        d_bytes.insert(d_bytes.end(), in + done, in + done + count);
        done += count;
        if (d_bytes.size() == d_nbytes) {
            end_image();
            next_of_burst();
        }
    }
    return noutput_items;
}

} // namespace aeiqa
} // namespace gr
