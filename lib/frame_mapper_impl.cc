/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "frame_mapper_impl.h"
#include "frame_tag.h"
#include "img_tag.h"
#include "make_named.h"
#include "pixel_order.h"
#include <gnuradio/io_signature.h>
#include <algorithm>
#include <random>
#include <stdexcept>

namespace gr {
namespace aeiqa {

namespace {

void check_range(const char* name, int value, int low, int high)
{
    if (value < low || value > high)
        throw std::invalid_argument(std::string(name) + " must be from " +
                                    std::to_string(low) + " to " + std::to_string(high) +
                                    ", got " + std::to_string(value));
}

} // namespace

frame_mapper::sptr frame_mapper::make(int fft_len,
                                      int cp_len,
                                      const std::vector<int>& data_carriers,
                                      const std::vector<int>& pilot_carriers,
                                      const std::string& modulation,
                                      const std::string& labels,
                                      int training_symbols,
                                      int payload_symbols,
                                      int gap_symbols,
                                      int copies,
                                      const std::string& order,
                                      int stream)
{
    return make_named("frame_mapper", [&] {
        check_range("gap_symbols", gap_symbols, 0, 1000);
        check_range("copies", copies, 1, 8);
        check_range("stream", stream, -1, 0xffff);
        dsp::frame_header defaults;
        defaults.bits = dsp::constellation(modulation, labels).bits();
        defaults.gray = labels == "gray";
        defaults.columns = parse_pixel_order(order) == pixel_order::column;
        defaults.copies = static_cast<unsigned>(copies);
        return gnuradio::make_block_sptr<frame_mapper_impl>(
            dsp::ofdm_frame(dsp::carrier_plan(fft_len, data_carriers, pilot_carriers),
                            cp_len,
                            training_symbols,
                            payload_symbols),
            defaults,
            gap_symbols,
            stream);
    });
}

std::pair<std::vector<int>, std::vector<int>> frame_mapper::default_carriers(int fft_len)
{
    return dsp::default_carriers(fft_len);
}

int frame_mapper::header_symbols(int fft_len,
                                 int cp_len,
                                 const std::vector<int>& data_carriers,
                                 const std::vector<int>& pilot_carriers,
                                 int training_symbols,
                                 int payload_symbols)
{
    return static_cast<int>(
        dsp::ofdm_frame(dsp::carrier_plan(fft_len, data_carriers, pilot_carriers),
                        cp_len,
                        training_symbols,
                        payload_symbols)
            .header_symbols());
}

frame_mapper_impl::frame_mapper_impl(dsp::ofdm_frame format,
                                     dsp::frame_header defaults,
                                     int gap_symbols,
                                     int stream)
    : gr::block(
          "frame_mapper",
          gr::io_signature::make(1, 1, sizeof(uint8_t)),
          gr::io_signature::make(1, 1, format.plan().fft_len() * sizeof(gr_complex))),
      d_format(std::move(format)),
      d_defaults(defaults),
      d_gap(gap_symbols),
      d_stream(stream)
{
    // On air there are no tags.
    set_tag_propagation_policy(TPP_DONT);
    const size_t bytes = d_format.payload_bytes(defaults.bits);
    set_relative_rate(frame_symbols(), bytes);
    d_carriers.resize(frame_symbols() * d_format.plan().fft_len());
}

bool frame_mapper_impl::start()
{
    d_refusals.restart();
    if (d_runs.resumes(*this)) {
        // The scheduler has thrown away what was on its way: the rest of an image that
        // was coming in, and frames of the one that was going out, which goes again.
        if (d_collecting)
            d_logger->warn("image {} was coming in when the flowgraph was changed, and "
                           "is lost",
                           d_header.index);
        if (sending() || d_frames_left) {
            d_header.offset = d_header.copy = 0;
            d_frames_left = true;
        }
        d_collecting = false;
        d_symbol = d_symbols = 0;
        return gr::block::start();
    }
    // What a run before this one left unfinished will not go on.
    d_collecting = d_frames_left = false;
    d_symbol = d_symbols = 0;
    d_sequence = 0;
    d_header.stream =
        static_cast<uint16_t>(d_stream >= 0 ? d_stream : std::random_device{}() & 0xffff);
    return gr::block::start();
}

void frame_mapper_impl::forecast(int, gr_vector_int& ninput_items_required)
{
    ninput_items_required[0] = sending() || d_frames_left ? 0 : 1;
}

bool frame_mapper_impl::start_image(const pmt::pmt_t& tag)
{
    const auto& values = d_tag_reader.read(tag);
    const auto read = img_tag::to_header(values);
    const auto given = [&](frame_tag::position field, long otherwise) {
        return values[field] == img_tag::absent ? otherwise : values[field];
    };
    const long bits = given(frame_tag::at_bits, d_defaults.bits);
    const long copies = given(frame_tag::at_copies, d_defaults.copies);
    if (!read || read->index > 0xffffffff || read->rows > 1 << 16 ||
        read->cols > 1 << 16 || read->channels > 1 << 8 || bits < 1 || bits > 10 ||
        dsp::modulation_name(static_cast<unsigned>(bits)).empty() || copies < 1 ||
        copies > 8) {
        d_refusals.add(d_logger,
                       "on air its tag needs an index below 2^32, up to 65536 rows and "
                       "cols, 256 channels and 2^30 bytes, nbytes = rows x cols x "
                       "channels, bits of 1, 2, 4, 6, 8 or 10 and 1 to 8 copies",
                       tag);
        return false;
    }
    const uint16_t stream = d_header.stream;
    d_header = d_defaults;
    d_header.stream = stream;
    d_header.bits = static_cast<unsigned>(bits);
    d_header.copies = static_cast<unsigned>(copies);
    d_header.index = static_cast<uint32_t>(read->index);
    d_header.rows = static_cast<uint32_t>(read->rows);
    d_header.cols = static_cast<uint32_t>(read->cols);
    d_header.channels = static_cast<uint32_t>(read->channels);
    d_header.label = read->label >= 0 && read->label < 0xffff ? read->label : -1;
    d_image.clear(); // it grows with the bytes that come
    return true;
}

void frame_mapper_impl::next_frame()
{
    const size_t offset = d_header.offset, size = d_header.image_bytes();
    const size_t n = std::min(d_format.payload_bytes(d_header.bits), size - offset);
    // Of an image that was cut short, the rest is 0.
    const auto from =
        d_image.begin() + static_cast<std::ptrdiff_t>(std::min(offset, d_image.size()));
    d_payload.assign(from, from + std::min<std::ptrdiff_t>(n, d_image.end() - from));
    d_payload.resize(n, 0);
    d_header.sequence = d_sequence++;
    // What lies behind it stays silent: the gap.
    d_format.build(d_header, d_payload.data(), n, d_carriers.data());
    d_symbol = 0;
    d_symbols = frame_symbols();
    d_frames++;
    d_header.offset += static_cast<uint32_t>(n);
    if (d_header.offset < size)
        return;
    d_header.offset = 0;
    d_frames_left = ++d_header.copy < d_header.copies;
}

int frame_mapper_impl::general_work(int noutput_items,
                                    gr_vector_int& ninput_items,
                                    gr_vector_const_void_star& input_items,
                                    gr_vector_void_star& output_items)
{
    const auto in = static_cast<const uint8_t*>(input_items[0]);
    auto out = static_cast<gr_complex*>(output_items[0]);
    const size_t available = ninput_items[0], room = noutput_items;
    const size_t fft_len = d_format.plan().fft_len();
    get_tags_in_window(d_tags, 0, 0, available, img_tag::key());

    size_t consumed = 0, produced = 0;
    auto tag = d_tags.begin();
    while (produced < room) {
        if (sending()) {
            const size_t count = std::min(room - produced, d_symbols - d_symbol);
            std::copy_n(d_carriers.begin() +
                            static_cast<std::ptrdiff_t>(d_symbol * fft_len),
                        count * fft_len,
                        out + produced * fft_len);
            d_symbol += count;
            produced += count;
            continue;
        }
        if (d_frames_left) {
            next_frame();
            continue;
        }
        if (consumed == available)
            break;
        const uint64_t next =
            tag != d_tags.end() ? tag->offset - nitems_read(0) : available;
        if (next == consumed) {
            if (d_collecting)
                d_logger->error("image {} cut short by the next, the rest sent as 0",
                                d_header.index);
            if (d_collecting) {
                d_collecting = false;
                d_frames_left = true;
                continue; // its frames first; the tag will be seen again
            }
            d_collecting = start_image(tag->value);
            ++tag;
            // The first byte is the tag's own, whether the image is of use or not.
            if (!d_collecting) {
                consumed++;
                continue;
            }
        }
        const size_t until =
            tag != d_tags.end() ? tag->offset - nitems_read(0) : available;
        const size_t wanted =
            d_collecting ? d_header.image_bytes() - d_image.size() : until - consumed;
        const size_t count = std::min(until - consumed, wanted);
        if (d_collecting)
            d_image.insert(d_image.end(), in + consumed, in + consumed + count);
        consumed += count;
        if (d_collecting && d_image.size() == d_header.image_bytes()) {
            d_collecting = false;
            d_frames_left = true;
        }
    }
    consume_each(static_cast<int>(consumed));
    return static_cast<int>(produced);
}

} // namespace aeiqa
} // namespace gr
