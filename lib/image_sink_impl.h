/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_IMAGE_SINK_IMPL_H
#define INCLUDED_AEIQA_IMAGE_SINK_IMPL_H

#include "dsp/image_assembler.h"
#include "frame_tag.h"
#include "img_tag.h"
#include "pixel_order.h"
#include "run_watch.h"
#include <gnuradio/aeiqa/image_sink.h>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

namespace gr {
namespace aeiqa {

class image_sink_impl : public image_sink
{
public:
    image_sink_impl(pixel_order order,
                    int keep,
                    uint8_t fill,
                    uint64_t max_image_bytes,
                    uint64_t max_waiting_bytes);

    std::vector<received_image> take() override;
    void take_pixels(const std::function<uint8_t*(size_t)>& memory_for) override;
    uint64_t received() const override { return d_received; }
    uint64_t truncated() const override { return d_truncated; }
    uint64_t misaligned() const override { return d_misaligned; }
    uint64_t stray_bytes() const override { return d_stray_bytes; }
    uint64_t overflowed() const override { return d_overflowed; }
    uint64_t refused_tags() const override { return d_refusals.count(); }
    uint64_t missed() const override { return d_missed; }

    receiver_counters counters() const override;

    bool start() override;
    bool stop() override;
    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    using chunk = std::vector<uint8_t>;

    //! An image that waits for take(); its bytes lie in a chunk, with other images'.
    struct waiting_image {
        received_image image; // without its bytes
        std::shared_ptr<chunk> bytes;
        size_t from, size;

        //! Of memory, all in all.
        uint64_t cost() const
        {
            return sizeof *this + size +
                   image.parts.size() * sizeof(received_image::part);
        }
    };

    void start_image(const pmt::pmt_t& tag);
    void begin(const img_tag::header& header);
    void end_image();
    void next_of_burst();
    void cut_short();
    void start_fragment(const pmt::pmt_t& tag, const img_tag::reader::values& values);
    void end_fragment();
    void deliver_assembled();
    void deliver();
    void count_missed(uint64_t index);
    void store();
    void drop_oldest();
    received_image whole(waiting_image& waiting) const;
    void publish();

    const pixel_order d_order;
    const int d_keep;
    const uint8_t d_fill;
    const uint64_t d_max_image_bytes;
    const uint64_t d_max_waiting_bytes;
    run_watch d_runs;
    bool d_publish = false; // somebody listens
    bool d_in_image = false;
    img_tag::reader d_tag_reader{ frame_tag::fields() };
    img_tag::finder d_marks{ { img_tag::misaligned(), img_tag::images() } };
    img_tag::refusals d_refusals;
    received_image d_image;               // being put together, without its bytes:
    std::vector<uint8_t> d_bytes;         // they grow as they come
    size_t d_nbytes = 0;                  // of the whole image, or fragment
    std::vector<img_tag::header> d_burst; // images of the tag
    bool d_misaligned_burst = false;
    size_t d_burst_next = 0;                 // of them, behind the one being put together
    std::optional<uint64_t> d_latest_index;  // of images that were no fragments
    std::optional<dsp::fragment> d_fragment; // what is being put together is one of these
    std::optional<dsp::image_assembler> d_assembler; // anew for each run
    bool d_overflow_told = false;

    std::atomic<uint64_t> d_received{ 0 }, d_truncated{ 0 }, d_misaligned{ 0 },
        d_stray_bytes{ 0 }, d_overflowed{ 0 }, d_missed{ 0 };
    mutable std::mutex d_mutex; // guards what follows
    std::deque<waiting_image> d_images;
    uint64_t d_waiting_bytes = 0;
    std::shared_ptr<chunk> d_chunk; // that is being filled
    receiver_counters d_counters;

    std::vector<tag_t> d_tags; // in the window, kept for its memory
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_IMAGE_SINK_IMPL_H */
