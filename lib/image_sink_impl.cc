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

namespace gr {
namespace aeiqa {

namespace {

const pmt::pmt_t& images_port()
{
    static const pmt::pmt_t port = pmt::mp("images");
    return port;
}

} // namespace

image_sink::sptr image_sink::make(const std::string& order, int keep)
{
    return make_named("image_sink", [&] {
        if (keep < -1)
            throw std::invalid_argument("keep must be -1 (all) or more, got " +
                                        std::to_string(keep));
        return gnuradio::make_block_sptr<image_sink_impl>(parse_pixel_order(order), keep);
    });
}

image_sink_impl::image_sink_impl(pixel_order order, int keep)
    : gr::sync_block("image_sink",
                     gr::io_signature::make(1, 1, sizeof(uint8_t)),
                     gr::io_signature::make(0, 0, 0)),
      d_order(order),
      d_keep(keep)
{
    message_port_register_out(images_port());
}

std::vector<received_image> image_sink_impl::take()
{
    std::lock_guard<std::mutex> lock(d_mutex);
    std::vector<received_image> images(std::make_move_iterator(d_images.begin()),
                                       std::make_move_iterator(d_images.end()));
    d_images.clear();
    return images;
}

bool image_sink_impl::start()
{
    // Building PDUs that nobody takes would cost as much as the rest of the block.
    d_publish = !pmt::is_null(message_subscribers(images_port()));
    d_in_image = false;
    return gr::sync_block::start();
}

bool image_sink_impl::stop()
{
    if (d_in_image)
        end_image();
    return gr::sync_block::stop();
}

void image_sink_impl::start_image(const pmt::pmt_t& tag)
{
    const auto read = d_headers.read(tag);
    if (!read) {
        d_logger->error(
            "image dropped, its tag needs index, rows, cols, channels and nbytes = "
            "rows x cols x channels of at most {}: {}",
            img_tag::max_image_bytes,
            pmt::write_string(tag));
        return;
    }
    const img_tag::header& header = *read;
    d_nbytes = header.nbytes;
    d_image = received_image{};
    d_image.index = header.index;
    d_image.label = header.label;
    d_image.rows = header.rows;
    d_image.cols = header.cols;
    d_image.channels = header.channels;
    d_image.pixels.reserve(d_nbytes);
    d_in_image = true;
}

void image_sink_impl::put_in_raster_order()
{
    if (d_order == pixel_order::raster)
        return;
    const std::array<int, 3> shape = { d_image.rows, d_image.cols, d_image.channels };
    if (shape != d_positions_shape)
        d_positions = travel_order(d_order, shape[0], shape[1], shape[2]);
    d_positions_shape = shape;
    std::vector<uint8_t> pixels(d_image.pixels.size());
    for (size_t k = 0; k < pixels.size(); k++)
        pixels[d_positions[k]] = d_image.pixels[k];
    d_image.pixels.swap(pixels);
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
    message_port_pub(
        images_port(),
        pmt::cons(metadata, pmt::init_u8vector(d_image.pixels.size(), d_image.pixels)));
}

void image_sink_impl::end_image()
{
    d_in_image = false;
    d_image.missing = d_nbytes - d_image.pixels.size();
    d_image.pixels.resize(d_nbytes, 0);
    put_in_raster_order();
    d_received++;
    if (d_image.missing > 0)
        d_truncated++;
    if (d_publish)
        publish();
    std::lock_guard<std::mutex> lock(d_mutex);
    d_images.push_back(std::move(d_image));
    while (d_keep >= 0 && d_images.size() > static_cast<size_t>(d_keep))
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
                end_image(); // cut short by the next
            start_image(tag->value);
            ++tag;
        }
        const size_t until = tag != d_tags.end() ? tag->offset - nitems_read(0) : n;
        if (!d_in_image) {
            d_stray_bytes += until - done;
            done = until;
            continue;
        }
        const size_t count = std::min(until - done, d_nbytes - d_image.pixels.size());
        d_image.pixels.insert(d_image.pixels.end(), in + done, in + done + count);
        done += count;
        if (d_image.pixels.size() == d_nbytes)
            end_image();
    }
    return noutput_items;
}

} // namespace aeiqa
} // namespace gr
