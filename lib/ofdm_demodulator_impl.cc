/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "dsp/frame_layout.h"
#include "img_tag.h"
#include "make_named.h"
#include "ofdm_demodulator_impl.h"
#include <gnuradio/io_signature.h>
#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

namespace gr {
namespace aeiqa {

namespace {

constexpr uint64_t no_end = std::numeric_limits<uint64_t>::max();
constexpr uint64_t most_symbols = uint64_t(1) << 40; // that a tag may announce
constexpr int64_t most_slip = 3;                     // samples; a longer gap is a pause

} // namespace

ofdm_demodulator::sptr ofdm_demodulator::make(int fft_len, int cp_len, bool align)
{
    return make_named("ofdm_demodulator", [&] {
        dsp::check_fft_len(fft_len);
        dsp::check_cp_len(cp_len, fft_len);
        return gnuradio::make_block_sptr<ofdm_demodulator_impl>(fft_len, cp_len, align);
    });
}

ofdm_demodulator_impl::ofdm_demodulator_impl(int fft_len, int cp_len, bool align)
    : gr::block("ofdm_demodulator",
                gr::io_signature::make(1, 1, sizeof(gr_complex)),
                gr::io_signature::make(1, 1, fft_len * sizeof(gr_complex))),
      d_fft_len(fft_len),
      d_symbol_len(fft_len + cp_len),
      d_demodulator(fft_len, cp_len),
      d_frequency(fft_len, cp_len)
{
    set_relative_rate(1, d_symbol_len);
    set_tag_propagation_policy(TPP_DONT);
    if (!align)
        return;
    d_aligner.emplace(fft_len, cp_len);
    if (!d_aligner->is_possible()) {
        d_aligner.reset();
        return;
    }
    d_history = d_aligner->reach();
    set_history(static_cast<unsigned>(d_history) + 1);
}

bool ofdm_demodulator_impl::start()
{
    // In front of the first tag samples are taken to be aligned.
    d_symbol = d_tags_from = d_images_from = 0;
    d_symbols_left = d_aligner ? 0 : no_end;
    d_needed = d_aligner ? 1 : d_symbol_len;
    d_searching = d_in_bursts = d_told = d_told_clock = d_told_frequency = false;
    d_frequency.restart();
    d_path = 0;
    if (d_aligner)
        d_aligner->restart();
    return gr::block::start();
}

void ofdm_demodulator_impl::forecast(int, gr_vector_int& ninput_items_required)
{
    const uint64_t first = nitems_read(0);
    const uint64_t more = d_needed > first ? d_needed - first : 1;
    ninput_items_required[0] = static_cast<int>(d_history + more);
}

// A clock that differs moves tags by a sample or so into the burst in front of them.
bool ofdm_demodulator_impl::starts_before(uint64_t symbol, const tag_t& image) const
{
    return image.offset < symbol + d_symbol_len / 2;
}

uint64_t ofdm_demodulator_impl::end_of_symbol() const
{
    const int64_t offset = d_aligner ? d_aligner->offset() : 0;
    return d_symbol + d_symbol_len +
           static_cast<uint64_t>(d_symbols_left == no_end ? std::max<int64_t>(offset, 0)
                                                          : offset);
}

// Said once a run: where one image has moved, mostly all have.
void ofdm_demodulator_impl::align(const window& in, const tag_t& image)
{
    const size_t after = in.end - image.offset;
    if (!d_aligner->search(in.at(image.offset), after))
        return;
    const int path = d_aligner->path();
    if (!std::exchange(d_told, true))
        d_logger->info("samples come {} {} than their img tags: followed from here on",
                       std::abs(path),
                       path < 0 ? "earlier" : "later");
}

// Bursts follow each other without a gap, or with one that somebody meant. A gap of a few
// samples comes of a clock that differs, and so does a burst that the next tag cuts, if
// not by whole symbols, as a mapper cuts an image; or samples were lost. Said once a run.
void ofdm_demodulator_impl::watch_clock(uint64_t image)
{
    if (d_symbols_left == no_end || d_told_clock)
        return;
    const uint64_t expected = d_symbol + d_symbols_left * d_symbol_len;
    const auto slip = static_cast<int64_t>(image - expected);
    if (slip > most_slip || slip % static_cast<int64_t>(d_symbol_len) == 0)
        return;
    d_told_clock = true;
    const auto elapsed = static_cast<double>(image - d_first_image);
    d_logger->warn(
        "{} sample(s) too {} between img tags, {} samples behind the first: a "
        "resampler, a clock off by at most {:.0f} ppm, or lost samples. Bursts "
        "whose samples fall halfway between those sent are damaged at the "
        "band's edges: use self-synchronising frames (AirConfig)",
        std::abs(slip),
        slip < 0 ? "few" : "many",
        image - d_first_image,
        1e6 * static_cast<double>(std::abs(slip)) / elapsed);
}

// Said once a run.
void ofdm_demodulator_impl::watch_frequency()
{
    if (!d_frequency.end_burst() || std::exchange(d_told_frequency, true))
        return;
    d_logger->warn("samples come with a frequency offset of {:.3f} subcarriers, which "
                   "bursts behind img tags do not follow: use self-synchronising frames "
                   "(AirConfig)",
                   d_frequency.offset());
}

// False if more samples are needed first.
bool ofdm_demodulator_impl::start_burst(const window& in, const tag_t& image)
{
    const auto told = img_tag::get(image.value, img_tag::symbols());
    const bool known = told && *told > 0 && *told <= most_symbols;
    if (d_aligner) {
        if (!d_searching) {
            const int late = std::max(d_aligner->offset(), 0);
            d_needed = image.offset + d_symbol_len + static_cast<uint64_t>(late);
            if (in.end < d_needed)
                return false;
            d_searching = !d_aligner->check(in.at(image.offset));
        }
        if (d_searching) {
            // Nothing behind the burst, which may be the last.
            const uint64_t burst_len = d_symbol_len * (known ? *told : 2);
            const uint64_t most = d_aligner->reach() + d_symbol_len;
            d_needed = image.offset + std::min(burst_len, most);
            if (in.end < d_needed)
                return false;
            align({ in.samples, in.first, d_needed }, image);
            d_searching = false;
        }
        d_path = d_aligner->path();
        watch_frequency();
        if (d_in_bursts)
            watch_clock(image.offset);
        else
            d_first_image = image.offset;
        d_in_bursts = true;
    }
    d_symbol = d_tags_from = image.offset;
    d_images_from = image.offset + 1;
    d_symbols_left = d_aligner && known ? *told : no_end;
    return true;
}

// From the first of the window's tags that is left, which come in order.
void ofdm_demodulator_impl::pass_tags(uint64_t until, uint64_t item)
{
    for (; d_next_tag < d_tags.size() && d_tags[d_next_tag].offset < until;
         d_next_tag++) {
        if (d_tags[d_next_tag].offset < d_tags_from)
            continue;
        tag_t passed = d_tags[d_next_tag];
        passed.offset = item;
        add_item_tag(0, passed);
    }
    d_tags_from = until;
}

int ofdm_demodulator_impl::general_work(int noutput_items,
                                        gr_vector_int& ninput_items,
                                        gr_vector_const_void_star& input_items,
                                        gr_vector_void_star& output_items)
{
    auto out = static_cast<gr_complex*>(output_items[0]);
    const uint64_t first = nitems_read(0);
    const window in{ static_cast<const gr_complex*>(input_items[0]) + d_history,
                     first,
                     first + static_cast<uint64_t>(ninput_items[0]) - d_history };
    get_tags_in_range(d_tags, 0, in.first, in.end);
    d_next_tag = 0;
    const auto next_image = [this](auto from) {
        return std::find_if(from, d_tags.end(), [](const tag_t& tag) {
            return tag.key == img_tag::key();
        });
    };
    auto image = next_image(d_tags.begin());
    while (image != d_tags.end() && image->offset < d_images_from)
        image = next_image(image + 1);

    int produced = 0;
    bool waits = false;
    while (!waits && produced < noutput_items) {
        const bool more = image != d_tags.end();
        if (more && (d_symbols_left == 0 || starts_before(d_symbol, *image))) {
            waits = !start_burst(in, *image);
            if (!waits)
                image = next_image(image + 1);
            continue;
        }
        if (d_symbols_left == 0)
            break;
        d_needed = end_of_symbol();
        waits = in.end < d_needed;
        if (waits)
            continue;
        const int offset = d_aligner ? d_aligner->offset() : 0;
        d_demodulator.demodulate(in.at(d_symbol) + offset, out + produced * d_fft_len);
        if (d_aligner)
            d_frequency.add(in.at(d_symbol) + offset);
        const uint64_t end = d_symbol + d_symbol_len;
        pass_tags(more ? std::min(end, image->offset) : end,
                  nitems_written(0) + produced);
        d_symbol = end;
        produced++;
        if (d_symbols_left != no_end)
            d_symbols_left--;
    }
    uint64_t consumed = in.end;
    if (image != d_tags.end())
        consumed = std::min(consumed, image->offset);
    if (d_symbols_left > 0)
        consumed = std::min(consumed, d_symbol);
    if (!waits)
        d_needed = d_symbols_left > 0 ? end_of_symbol() : consumed + 1;
    consume_each(static_cast<int>(consumed - in.first));
    return produced;
}

} // namespace aeiqa
} // namespace gr
