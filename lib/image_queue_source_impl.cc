/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "dsp/frame_header.h"
#include "frame_tag.h"
#include "image_queue_source_impl.h"
#include "img_tag.h"
#include "make_named.h"
#include <gnuradio/io_signature.h>
#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace gr {
namespace aeiqa {

image_queue_source::sptr image_queue_source::make(int max_waiting,
                                                  uint64_t max_waiting_bytes)
{
    return make_named("image_queue_source", [&] {
        if (max_waiting < 1)
            throw std::invalid_argument("max_waiting must be 1 or more, got " +
                                        std::to_string(max_waiting));
        if (max_waiting_bytes < 1)
            throw std::invalid_argument("max_waiting_bytes must be 1 or more, got 0");
        return gnuradio::make_block_sptr<image_queue_source_impl>(max_waiting,
                                                                  max_waiting_bytes);
    });
}

image_queue_source_impl::image_queue_source_impl(int max_waiting,
                                                 uint64_t max_waiting_bytes)
    : gr::sync_block("image_queue_source",
                     gr::io_signature::make(0, 0, 0),
                     gr::io_signature::make(1, 1, sizeof(uint8_t))),
      d_max_waiting(max_waiting),
      d_max_waiting_bytes(max_waiting_bytes)
{
    const pmt::pmt_t port = pmt::mp("images");
    message_port_register_in(port);
    set_msg_handler(port, [this](const pmt::pmt_t& message) { take_pdu(message); });
}

uint64_t image_queue_source_impl::waiting() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return d_waiting.size();
}

bool image_queue_source_impl::send(std::vector<uint8_t> pixels,
                                   int rows,
                                   int cols,
                                   int channels,
                                   int label,
                                   int64_t index,
                                   int bits,
                                   int copies)
{
    const auto side = [](int n, int most) { return n >= 1 && n <= most; };
    if (!side(rows, 1 << 16) || !side(cols, 1 << 16) || !side(channels, 1 << 8))
        throw std::invalid_argument("image_queue_source: an image must have 1 to 65536 "
                                    "rows and cols and 1 to 256 "
                                    "channels, got " +
                                    std::to_string(rows) + " x " + std::to_string(cols) +
                                    " x " + std::to_string(channels));
    const uint64_t nbytes = static_cast<uint64_t>(rows) * cols * channels;
    if (nbytes != pixels.size() || nbytes > img_tag::max_image_bytes)
        throw std::invalid_argument("image_queue_source: the shape asks for " +
                                    std::to_string(nbytes) + " bytes of at most 2^30, " +
                                    "got " + std::to_string(pixels.size()));
    if (bits != 0 && (bits < 0 || dsp::modulation_name(bits).empty()))
        throw std::invalid_argument(
            "image_queue_source: bits must be 0, 1, 2, 4, 6, 8 or 10, got " +
            std::to_string(bits));
    if (copies < 0 || copies > 8)
        throw std::invalid_argument(
            "image_queue_source: copies must be from 0 to 8, got " +
            std::to_string(copies));

    pmt::pmt_t tag = pmt::make_dict();
    if (bits > 0)
        img_tag::add(tag, frame_tag::bits(), bits);
    if (copies > 0)
        img_tag::add(tag, frame_tag::copies(), copies);
    img_tag::add(tag, img_tag::nbytes(), static_cast<long>(nbytes));
    img_tag::add(tag, img_tag::channels(), channels);
    img_tag::add(tag, img_tag::cols(), cols);
    img_tag::add(tag, img_tag::rows(), rows);
    img_tag::add(tag, img_tag::label(), label);
    std::lock_guard<std::mutex> lock(d_mutex);
    // One image waits however large it is.
    const bool full =
        !d_waiting.empty() && d_waiting_bytes + nbytes > d_max_waiting_bytes;
    if (d_finished || d_waiting.size() >= d_max_waiting || full)
        return false;
    d_waiting_bytes += nbytes;
    if (index >= 0)
        d_next_index = index;
    img_tag::add(tag, img_tag::index(), static_cast<long>(d_next_index++));
    d_waiting.push_back({ std::move(tag), std::move(pixels) });
    d_news.notify_one();
    return true;
}

void image_queue_source_impl::finish()
{
    std::lock_guard<std::mutex> lock(d_mutex);
    d_finished = true;
    d_news.notify_one();
}

void image_queue_source_impl::take_pdu(const pmt::pmt_t& message)
{
    if (pmt::is_eof_object(message)) {
        finish();
        return;
    }
    const pmt::pmt_t metadata = pmt::is_pair(message) ? pmt::car(message) : message;
    const pmt::pmt_t data = pmt::is_pair(message) ? pmt::cdr(message) : pmt::PMT_NIL;
    const auto get = [&](const pmt::pmt_t& field, int missing) {
        const auto value = img_tag::get(metadata, field);
        return value ? static_cast<int>(std::min<uint64_t>(*value, 1 << 30)) : missing;
    };
    bool taken = false;
    if (pmt::is_u8vector(data)) {
        try {
            const auto index = img_tag::get(metadata, img_tag::index());
            taken = send(pmt::u8vector_elements(data),
                         get(img_tag::rows(), 0),
                         get(img_tag::cols(), 0),
                         get(img_tag::channels(), 1),
                         get(img_tag::label(), -1),
                         index ? static_cast<int64_t>(*index) : -1,
                         get(frame_tag::bits(), 0),
                         get(frame_tag::copies(), 0));
        } catch (const std::invalid_argument& error) {
            d_logger->error("PDU dropped, {}", error.what());
        }
    }
    if (!taken)
        d_refused++;
}

bool image_queue_source_impl::start()
{
    // An image that a run before this one, or lock(), has torn is sent again as a whole.
    if (d_gone < d_image.pixels.size())
        d_gone = 0;
    return gr::sync_block::start();
}

int image_queue_source_impl::work(int noutput_items,
                                  gr_vector_const_void_star&,
                                  gr_vector_void_star& output_items)
{
    auto out = static_cast<uint8_t*>(output_items[0]);
    if (d_gone == d_image.pixels.size()) {
        std::unique_lock<std::mutex> lock(d_mutex);
        // Not for long: stopping the flowgraph, and messages, must get through.
        d_news.wait_for(lock, std::chrono::milliseconds(10), [&] {
            return d_finished || !d_waiting.empty();
        });
        if (d_waiting.empty())
            return d_finished ? WORK_DONE : 0;
        d_image = std::move(d_waiting.front());
        d_waiting.pop_front();
        d_waiting_bytes -= d_image.pixels.size();
        d_gone = 0;
    }
    if (d_gone == 0)
        add_item_tag(0, nitems_written(0), img_tag::key(), d_image.tag, alias_pmt());
    const size_t count = std::min<size_t>(noutput_items, d_image.pixels.size() - d_gone);
    std::copy_n(d_image.pixels.begin() + static_cast<std::ptrdiff_t>(d_gone), count, out);
    d_gone += count;
    if (d_gone == d_image.pixels.size())
        d_sent++;
    return static_cast<int>(count);
}

} // namespace aeiqa
} // namespace gr
