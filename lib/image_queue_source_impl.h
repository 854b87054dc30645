/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_IMAGE_QUEUE_SOURCE_IMPL_H
#define INCLUDED_AEIQA_IMAGE_QUEUE_SOURCE_IMPL_H

#include <gnuradio/aeiqa/image_queue_source.h>
#include <condition_variable>
#include <atomic>
#include <deque>
#include <mutex>

namespace gr {
namespace aeiqa {

class image_queue_source_impl : public image_queue_source
{
public:
    image_queue_source_impl(int max_waiting, uint64_t max_waiting_bytes);

    bool send(std::vector<uint8_t> pixels,
              int rows,
              int cols,
              int channels,
              int label,
              int64_t index,
              int bits,
              int copies) override;
    void finish() override;
    uint64_t sent() const override { return d_sent; }
    uint64_t waiting() const override;
    uint64_t refused() const override { return d_refused; }

    bool start() override;
    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    struct image {
        pmt::pmt_t tag;
        std::vector<uint8_t> pixels;
    };

    void take_pdu(const pmt::pmt_t& message);

    const size_t d_max_waiting;
    const uint64_t d_max_waiting_bytes;
    mutable std::mutex d_mutex; // guards the five below
    std::condition_variable d_news;
    std::deque<image> d_waiting;
    uint64_t d_waiting_bytes = 0;
    int64_t d_next_index = 0;
    bool d_finished = false;

    image d_image; // going out
    size_t d_gone = 0;
    std::atomic<uint64_t> d_sent{ 0 }, d_refused{ 0 };
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_IMAGE_QUEUE_SOURCE_IMPL_H */
