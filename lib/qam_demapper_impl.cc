/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "dsp/frame_header.h"
#include "dsp/frame_layout.h"
#include "dsp/number_text.h"
#include "frame_tag.h"
#include "img_tag.h"
#include "make_named.h"
#include "qam_demapper_impl.h"
#include <gnuradio/io_signature.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace gr {
namespace aeiqa {

qam_demapper::sptr qam_demapper::make(int fft_len,
                                      const std::string& modulation,
                                      const std::string& labels,
                                      bool soft,
                                      double noise_variance)
{
    return make_named("qam_demapper", [&] {
        dsp::check_fft_len(fft_len);
        if (!(noise_variance > 0.0) || !std::isfinite(noise_variance))
            throw std::invalid_argument("noise_variance must be more than 0, got " +
                                        dsp::number_text(noise_variance));
        return gnuradio::make_block_sptr<qam_demapper_impl>(
            fft_len, modulation, labels, soft, noise_variance);
    });
}

qam_demapper_impl::qam_demapper_impl(int fft_len,
                                     const std::string& modulation,
                                     const std::string& labels,
                                     bool soft,
                                     double noise_variance)
    : gr::block(
          "qam_demapper",
          gr::io_signature::make2(
              1, soft ? 2 : 1, fft_len * sizeof(gr_complex), fft_len * sizeof(float)),
          gr::io_signature::make(1, 1, soft ? sizeof(float) : sizeof(uint8_t))),
      d_fft_len(fft_len),
      d_default(modulation, labels),
      d_points(&d_default),
      d_soft(soft),
      d_item_size(soft ? sizeof(float) : sizeof(uint8_t)),
      d_symbol_items(fft_len * d_points->bits() / (soft ? 1 : 8)),
      d_noise(fft_len, static_cast<float>(noise_variance)),
      d_labels(longest_run * fft_len),
      d_llr(soft ? d_symbol_items : 0),
      d_tag_reader({ img_tag::nbytes(), frame_tag::bits(), frame_tag::gray() }),
      d_waiting(d_symbol_items * d_item_size)
{
    // The tag belongs to the first byte, wherever its OFDM symbol was.
    set_tag_propagation_policy(TPP_DONT);
    set_relative_rate(d_symbol_items, 1);
}

double qam_demapper_impl::evm_percent() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    if (d_latest.empty())
        return std::numeric_limits<double>::quiet_NaN();
    std::vector<uint16_t> labels(d_latest.size());
    d_points->decide(d_latest.data(), d_latest.size(), labels.data());
    double error = 0.0;
    for (size_t i = 0; i < d_latest.size(); i++)
        error += std::norm(d_latest[i] - d_points->points()[labels[i]]);
    return 100.0 * std::sqrt(error / d_latest.size());
}

void qam_demapper_impl::remember(const gr_complex* symbol, size_t points)
{
    std::lock_guard<std::mutex> lock(d_mutex);
    d_latest.assign(symbol, symbol + points);
}

bool qam_demapper_impl::start()
{
    d_items_left = 0;
    d_waiting_items = 0;
    d_refusals.restart();
    d_source_id = img_tag::uncounted(alias_pmt());
    return gr::block::start();
}

void qam_demapper_impl::forecast(int, gr_vector_int& ninput_items_required)
{
    const int needed = d_waiting_items > 0 ? 0 : 1;
    std::fill(ninput_items_required.begin(), ninput_items_required.end(), needed);
}

void qam_demapper_impl::start_image(const pmt::pmt_t& tag, uint64_t offset)
{
    const auto& values = d_tag_reader.read(tag);
    const long nbytes = values[0], bits = values[1], gray = values[2];
    // The tag of an air frame says what its points are.
    const bool of_frame = gray != img_tag::absent;
    const bool has_points =
        !of_frame || (gray >= 0 && gray <= 1 && bits >= 1 && bits <= 10 &&
                      !dsp::modulation_name(static_cast<unsigned>(bits)).empty());
    if (nbytes < 0 || nbytes > static_cast<long>(img_tag::max_image_bytes) ||
        !has_points) {
        d_items_left = 0;
        d_refusals.add(d_logger,
                       "its tag needs nbytes up to 2^30, and on air gray of 0 or 1 and "
                       "bits of 1, 2, 4, 6, 8 or 10",
                       tag);
        return;
    }
    d_items_left = static_cast<uint64_t>(nbytes) * (d_soft ? 8 : 1);
    use_points_of(of_frame, static_cast<unsigned>(bits), gray == 1);
    add_item_tag(0, offset, img_tag::key(), tag, d_source_id);
}

void qam_demapper_impl::use_points_of(bool of_frame, unsigned bits, bool gray)
{
    if (!of_frame && d_points == &d_default)
        return; // as always, in a simulated link
    const dsp::constellation* points = &d_default;
    if (of_frame) {
        const auto key = std::make_pair(bits, gray);
        auto place = d_others.find(key);
        if (place == d_others.end())
            place = d_others
                        .emplace(key,
                                 dsp::constellation(dsp::modulation_name(key.first),
                                                    key.second ? "gray" : "natural"))
                        .first;
        points = &place->second;
    }
    std::lock_guard<std::mutex> lock(d_mutex);
    if (points != d_points)
        d_latest.clear(); // they are other points'
    d_points = points;
    d_symbol_items = d_fft_len * d_points->bits() / (d_soft ? 1 : 8);
    if (d_waiting.size() < d_symbol_items * d_item_size)
        d_waiting.resize(d_symbol_items * d_item_size);
    if (d_soft && d_llr.size() < d_symbol_items)
        d_llr.resize(d_symbol_items);
}

// How many OFDM symbols to decide at once, of those up to the next tag: one, or as many
// as are full and have room, since long runs are quicker.
size_t qam_demapper_impl::next_symbols(size_t available, size_t room) const
{
    if (d_soft)
        return 1;
    const size_t full = std::min<uint64_t>(d_items_left, room) / d_symbol_items;
    return std::max<size_t>(1, std::min({ full, available, longest_run }));
}

void qam_demapper_impl::decide(const gr_complex* symbol,
                               const float* noise,
                               size_t items,
                               uint8_t* out)
{
    if (!d_soft) {
        d_points->demap(symbol, items, out, d_labels.data());
        return;
    }
    d_points->soft(symbol, noise, d_points->symbols_for((items + 7) / 8), d_llr.data());
    std::copy_n(
        reinterpret_cast<const uint8_t*>(d_llr.data()), items * sizeof(float), out);
}

int qam_demapper_impl::general_work(int noutput_items,
                                    gr_vector_int& ninput_items,
                                    gr_vector_const_void_star& input_items,
                                    gr_vector_void_star& output_items)
{
    const auto in = static_cast<const gr_complex*>(input_items[0]);
    const bool noise_given = input_items.size() > 1;
    const auto noise = noise_given ? static_cast<const float*>(input_items[1]) : nullptr;
    auto out = static_cast<uint8_t*>(output_items[0]);
    const size_t room = noutput_items;
    const size_t waiting =
        noise_given ? std::min(ninput_items[0], ninput_items[1]) : ninput_items[0];
    const size_t available = std::min(waiting, room / d_symbol_items + 1);
    get_tags_in_window(d_tags, 0, 0, available);
    img_tag::keep_only(d_tags, img_tag::key());

    const uint64_t first = nitems_read(0);
    size_t consumed = 0, produced = 0, points = 0;
    const gr_complex* latest = nullptr;
    auto tag = d_tags.begin();
    for (;;) {
        const size_t count = std::min(d_waiting_items, room - produced);
        std::copy_n(d_waiting.begin() + d_waiting_from * d_item_size,
                    count * d_item_size,
                    out + produced * d_item_size);
        d_waiting_from += count;
        d_waiting_items -= count;
        produced += count;
        if (consumed == available || produced == room)
            break;

        if (tag != d_tags.end() && tag->offset == first + consumed) {
            start_image(tag->value, nitems_written(0) + produced);
            ++tag;
        }
        const size_t until = tag != d_tags.end() ? tag->offset - first : available;
        const size_t symbols = next_symbols(until - consumed, room - produced);
        const size_t items = std::min<uint64_t>(d_items_left, symbols * d_symbol_items);
        const gr_complex* symbol = in + consumed * d_fft_len;
        const float* variance = noise ? noise + consumed * d_fft_len : d_noise.data();
        if (items <= room - produced) {
            decide(symbol, variance, items, out + produced * d_item_size);
            produced += items;
        } else {
            decide(symbol, variance, items, d_waiting.data());
            d_waiting_from = 0;
            d_waiting_items = items;
        }
        if (items > 0) {
            latest = symbol + (symbols - 1) * d_fft_len;
            const size_t in_latest = items - (symbols - 1) * d_symbol_items;
            points = d_points->symbols_for(d_soft ? (in_latest + 7) / 8 : in_latest);
        }
        d_items_left -= items;
        consumed += symbols;
    }
    if (latest)
        remember(latest, points);
    consume_each(static_cast<int>(consumed));
    return static_cast<int>(produced);
}

} // namespace aeiqa
} // namespace gr
