/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "image_source_impl.h"
#include "img_tag.h"
#include "make_named.h"
#include <gnuradio/io_signature.h>
#include <algorithm>
#include <stdexcept>

namespace gr {
namespace aeiqa {

image_source::sptr image_source::make(std::vector<uint8_t> pixels,
                                      std::vector<std::array<int, 3>> shapes,
                                      std::vector<int> labels,
                                      uint64_t first_index,
                                      bool repeat,
                                      const std::string& order,
                                      uint64_t images_per_burst)
{
    return make_named("image_source", [&] {
        return gnuradio::make_block_sptr<image_source_impl>(std::move(pixels),
                                                            std::move(shapes),
                                                            std::move(labels),
                                                            first_index,
                                                            repeat,
                                                            order,
                                                            images_per_burst);
    });
}

image_source_impl::image_source_impl(std::vector<uint8_t> pixels,
                                     std::vector<std::array<int, 3>> shapes,
                                     std::vector<int> labels,
                                     uint64_t first_index,
                                     bool repeat,
                                     const std::string& order,
                                     uint64_t images_per_burst)
    : gr::sync_block("image_source",
                     gr::io_signature::make(0, 0, 0),
                     gr::io_signature::make(1, 1, sizeof(uint8_t))),
      d_pixels(std::move(pixels)),
      d_shapes(std::move(shapes)),
      d_labels(std::move(labels)),
      d_start{ 0 },
      d_first_index(img_tag::checked_first_index(first_index)),
      d_repeat(repeat),
      d_burst_images(images_per_burst > 0 ? images_per_burst
                                          : std::max<size_t>(d_shapes.size(), 1))
{
    if (d_shapes.empty())
        throw std::invalid_argument("there must be at least one image");
    for (const auto& [rows, cols, channels] : d_shapes)
        d_start.push_back(d_start.back() + img_tag::checked_bytes(rows, cols, channels));
    if (d_start.back() != d_pixels.size())
        throw std::invalid_argument("the shapes ask for " +
                                    std::to_string(d_start.back()) + " bytes, got " +
                                    std::to_string(d_pixels.size()));
    if (!d_labels.empty() && d_labels.size() != d_shapes.size())
        throw std::invalid_argument(std::to_string(d_shapes.size()) +
                                    " images need as many labels, got " +
                                    std::to_string(d_labels.size()));
    for (size_t first = 0; first < d_shapes.size(); first = end_of_burst(first)) {
        const size_t nbytes = d_start[end_of_burst(first)] - d_start[first];
        if (nbytes > img_tag::max_image_bytes)
            throw std::invalid_argument("a burst must be of at most 2^30 bytes, the " +
                                        std::to_string(end_of_burst(first) - first) +
                                        " images from " + std::to_string(first) +
                                        " on are " + std::to_string(nbytes));
    }
    put_in_travel_order(parse_pixel_order(order));
}

size_t image_source_impl::end_of_burst(size_t first) const
{
    return d_burst_images < d_shapes.size() - first ? first + d_burst_images
                                                    : d_shapes.size();
}

void image_source_impl::put_in_travel_order(pixel_order order)
{
    if (order == pixel_order::raster)
        return;
    std::vector<uint8_t> image;
    for (size_t i = 0; i < d_shapes.size(); i++) {
        const auto& [rows, cols, channels] = d_shapes[i];
        const auto start = d_pixels.begin() + d_start[i];
        image.assign(start, start + image_bytes(i));
        travel_order(order, rows, cols, channels)
            .depart(image.data(), d_pixels.data() + d_start[i]);
    }
}

pmt::pmt_t image_source_impl::image_tag()
{
    const int label = d_labels.empty() ? -1 : d_labels[d_image];
    if (d_shapes[d_image] != d_tag_shape || label != d_tag_label) {
        const auto& [rows, cols, channels] = d_tag_shape = d_shapes[d_image];
        d_tag_label = label;
        d_common_tag = img_tag::without_index(rows, cols, channels, label);
    }
    return d_common_tag;
}

pmt::pmt_t image_source_impl::burst_tag() const
{
    const size_t end = end_of_burst(d_image);
    std::vector<int32_t> images;
    for (size_t i = d_image; i < end; i++) {
        images.insert(images.end(), d_shapes[i].begin(), d_shapes[i].end());
        images.push_back(d_labels.empty() ? -1 : d_labels[i]);
    }
    return img_tag::burst_without_index(images, d_start[end] - d_start[d_image]);
}

void image_source_impl::tag_burst(uint64_t offset)
{
    pmt::pmt_t tag = d_burst_images == 1 ? image_tag() : burst_tag();
    img_tag::add(tag, img_tag::index(), d_first_index + d_sent);
    add_item_tag(0, offset, img_tag::key(), tag, d_source_id);
}

bool image_source_impl::start()
{
    d_source_id = img_tag::uncounted(alias_pmt());
    // A burst that a run before this one, or lock(), has torn is sent again as a whole.
    if (d_image < d_shapes.size()) {
        d_sent -= d_image - first_of_burst();
        d_image = first_of_burst();
    }
    d_offset = 0;
    return gr::sync_block::start();
}

int image_source_impl::work(int noutput_items,
                            gr_vector_const_void_star&,
                            gr_vector_void_star& output_items)
{
    auto out = static_cast<uint8_t*>(output_items[0]);
    const size_t room = noutput_items;
    size_t produced = 0;
    while (produced < room) {
        if (d_image == d_shapes.size()) {
            if (!d_repeat)
                break;
            d_image = 0;
        }
        if (d_offset == 0 && d_image == first_of_burst())
            tag_burst(nitems_written(0) + produced);
        const size_t count = std::min(room - produced, image_bytes(d_image) - d_offset);
        std::copy_n(
            d_pixels.begin() + d_start[d_image] + d_offset, count, out + produced);
        produced += count;
        d_offset += count;
        if (d_offset == image_bytes(d_image)) {
            d_offset = 0;
            d_image++;
            d_sent++;
        }
    }
    return produced > 0 ? static_cast<int>(produced) : WORK_DONE;
}

} // namespace aeiqa
} // namespace gr
