/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_IMAGE_SOURCE_IMPL_H
#define INCLUDED_AEIQA_IMAGE_SOURCE_IMPL_H

#include "pixel_order.h"
#include <gnuradio/aeiqa/image_source.h>
#include <atomic>

namespace gr {
namespace aeiqa {

class image_source_impl : public image_source
{
public:
    image_source_impl(std::vector<uint8_t> pixels,
                      std::vector<std::array<int, 3>> shapes,
                      std::vector<int> labels,
                      uint64_t first_index,
                      bool repeat,
                      const std::string& order,
                      uint64_t images_per_burst);

    uint64_t sent() const override { return d_sent; }

    bool start() override;
    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    void put_in_travel_order(pixel_order order);
    size_t image_bytes(size_t image) const { return d_start[image + 1] - d_start[image]; }
    size_t first_of_burst() const { return d_image - d_image % d_burst_images; }
    size_t end_of_burst(size_t first) const;
    pmt::pmt_t image_tag();
    pmt::pmt_t burst_tag() const;
    void tag_burst(uint64_t offset);

    std::vector<uint8_t> d_pixels;
    std::vector<std::array<int, 3>> d_shapes;
    std::vector<int> d_labels;
    std::vector<size_t> d_start; // of each image in d_pixels, and the end
    const uint64_t d_first_index;
    const bool d_repeat;
    const size_t d_burst_images; // the last burst may have fewer
    size_t d_image = 0;          // being sent
    size_t d_offset = 0;         // within it
    std::atomic<uint64_t> d_sent{ 0 };
    std::array<int, 3> d_tag_shape = { 0, 0, 0 };
    int d_tag_label = 0;
    pmt::pmt_t d_common_tag; // of images of that shape and label, without the index
    pmt::pmt_t d_source_id;
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_IMAGE_SOURCE_IMPL_H */
