/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "img_tag.h"
#include "make_named.h"
#include "qam_mapper_impl.h"
#include <gnuradio/io_signature.h>
#include <algorithm>
#include <stdexcept>

namespace gr {
namespace aeiqa {

namespace {

// Of an image's burst: what its tag can say.
constexpr uint64_t most_symbols = uint64_t(1) << 62;

} // namespace

qam_mapper::sptr qam_mapper::make(int fft_len,
                                  const std::string& modulation,
                                  const std::string& labels,
                                  int training_symbols,
                                  int training_period,
                                  bool reveal_first_symbol)
{
    return make_named("qam_mapper", [&] {
        dsp::check_fft_len(fft_len);
        return gnuradio::make_block_sptr<qam_mapper_impl>(fft_len,
                                                          modulation,
                                                          labels,
                                                          training_symbols,
                                                          training_period,
                                                          reveal_first_symbol);
    });
}

qam_mapper_impl::qam_mapper_impl(int fft_len,
                                 const std::string& modulation,
                                 const std::string& labels,
                                 int training_symbols,
                                 int training_period,
                                 bool reveal_first_symbol)
    : gr::block("qam_mapper",
                gr::io_signature::make(1, 1, sizeof(uint8_t)),
                gr::io_signature::make(1, 1, fft_len * sizeof(gr_complex))),
      d_fft_len(fft_len),
      d_symbol_bytes(fft_len * dsp::constellation(modulation, labels).bits() / 8),
      d_points(modulation, labels),
      d_layout(training_symbols, training_period),
      d_reveal(reveal_first_symbol),
      d_training(dsp::training_symbol(fft_len))
{
    if (reveal_first_symbol && training_symbols > 0)
        throw std::invalid_argument(
            "reveal_first_symbol goes with training_symbols = 0, got " +
            std::to_string(training_symbols));
    // The tag belongs to the burst's first OFDM symbol, wherever its bytes were.
    set_tag_propagation_policy(TPP_DONT);
    set_relative_rate(1, d_symbol_bytes);
}

// Bytes that the next OFDM symbol needs before it can be made.
size_t qam_mapper_impl::next_bytes() const
{
    if (!in_image())
        return 1;
    return d_cut_short || d_layout.is_training(d_symbol) ? 0 : data_bytes();
}

bool qam_mapper_impl::start()
{
    // What a run before this one left unfinished will not go on.
    d_symbol = d_symbols = 0;
    d_refusals.restart();
    d_source_id = img_tag::uncounted(alias_pmt());
    return gr::block::start();
}

void qam_mapper_impl::forecast(int, gr_vector_int& ninput_items_required)
{
    ninput_items_required[0] = static_cast<int>(next_bytes());
}

void qam_mapper_impl::start_image(const pmt::pmt_t& tag)
{
    const auto& values = d_tag_reader.read(tag);
    const long nbytes = values[0], bits = values[1];
    const bool has_bytes =
        nbytes >= 1 && static_cast<uint64_t>(nbytes) <= img_tag::max_image_bytes;
    const bool is_for_us =
        bits == img_tag::absent || bits == static_cast<long>(d_points.bits());
    d_bytes_left = has_bytes && is_for_us ? nbytes : 0;
    const uint64_t data_symbols = (d_bytes_left + d_symbol_bytes - 1) / d_symbol_bytes;
    d_cut_short = false;
    d_symbol = 0;
    d_symbols = data_symbols > 0 ? d_layout.burst_symbols(data_symbols) : 0;
    if (d_symbols > most_symbols)
        d_symbols = 0;
    if (d_symbols == 0) {
        d_refusals.add(d_logger,
                       "its tag needs nbytes from 1 to 2^30, and bits, if any, of " +
                           std::to_string(d_points.bits()),
                       tag);
        return;
    }
    if (d_symbols != d_counted_symbols) {
        d_counted_symbols = d_symbols;
        d_symbols_field =
            pmt::cons(img_tag::symbols(), pmt::from_long(static_cast<long>(d_symbols)));
    }
    d_tag = pmt::dcons(d_symbols_field, tag);
}

void qam_mapper_impl::map_data(const uint8_t* bytes, size_t nbytes, gr_complex* out)
{
    d_points.map(bytes, nbytes, out);
    const size_t used = d_points.symbols_for(nbytes);
    std::fill(out + used, out + d_fft_len, gr_complex(0.0f, 0.0f));
    d_bytes_left -= nbytes;
}

// The burst stays as long as its tag says, whatever has become of the image.
void qam_mapper_impl::map_filled_up(const uint8_t* bytes, size_t nbytes, gr_complex* out)
{
    d_filled.assign(bytes, bytes + nbytes);
    d_filled.resize(data_bytes(), 0);
    map_data(d_filled.data(), d_filled.size(), out);
}

int qam_mapper_impl::general_work(int noutput_items,
                                  gr_vector_int& ninput_items,
                                  gr_vector_const_void_star& input_items,
                                  gr_vector_void_star& output_items)
{
    const auto in = static_cast<const uint8_t*>(input_items[0]);
    auto out = static_cast<gr_complex*>(output_items[0]);
    // No more than the output has room for: looking through the tags of all that waits
    // would cost as much as mapping it.
    const size_t available =
        std::min<size_t>(ninput_items[0], noutput_items * d_symbol_bytes);
    get_tags_in_window(d_tags, 0, 0, available);
    img_tag::keep_only(d_tags, img_tag::key());

    const uint64_t first = nitems_read(0);
    size_t consumed = 0;
    int produced = 0;
    for (auto tag = d_tags.begin(); produced < noutput_items;) {
        if (!in_image()) {
            // Whatever is not an image's is dropped.
            if (tag == d_tags.end()) {
                consumed = available;
                break;
            }
            consumed = tag->offset - first;
            d_image_offset = tag->offset;
            start_image(tag->value);
            ++tag;
            if (!in_image())
                continue;
        }
        while (tag != d_tags.end() && tag->offset <= d_image_offset)
            ++tag; // the image's own
        const bool another = tag != d_tags.end();
        const size_t end = another ? tag->offset - first : available;
        const size_t wanted = next_bytes();
        const size_t nbytes = std::min(wanted, end - consumed);
        if (nbytes < wanted && !another)
            break;
        if (nbytes < wanted) {
            if (!d_cut_short)
                d_logger->error("image cut short by the next, the rest sent as 0: {}",
                                img_tag::describe(d_tag));
            d_cut_short = true;
        }
        gr_complex* symbol = out + produced * d_fft_len;
        if (d_layout.is_training(d_symbol))
            std::copy(d_training.begin(), d_training.end(), symbol);
        else if (d_cut_short)
            map_filled_up(in + consumed, nbytes, symbol);
        else
            map_data(in + consumed, nbytes, symbol);
        if (d_symbol == 0) {
            if (d_reveal)
                d_tag = pmt::acons(img_tag::known_symbol(),
                                   pmt::init_c32vector(d_fft_len, symbol),
                                   d_tag);
            add_item_tag(
                0, nitems_written(0) + produced, img_tag::key(), d_tag, d_source_id);
        }
        consumed += nbytes;
        produced++;
        d_symbol++;
    }
    consume_each(static_cast<int>(consumed));
    return produced;
}

} // namespace aeiqa
} // namespace gr
