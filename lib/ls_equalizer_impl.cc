/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "dsp/number_text.h"
#include "img_tag.h"
#include "ls_equalizer_impl.h"
#include "make_named.h"
#include <gnuradio/io_signature.h>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace gr {
namespace aeiqa {

namespace {

constexpr long most_training = 1 << 16; // symbols that a tag may announce

void check_noise_variance(double noise_variance)
{
    if (!(noise_variance >= 0.0) || !std::isfinite(noise_variance))
        throw std::invalid_argument(
            "noise_variance must be 0 (estimate it) or more, got " +
            dsp::number_text(noise_variance));
}

void set(ls_equalizer_impl::settings& settings,
         const std::string& name,
         const pmt::pmt_t& value)
{
    if (name == "estimation") {
        settings.estimation = word_setting(name, value);
        dsp::channel_estimator::parse_method(settings.estimation);
    } else if (name == "equalizer") {
        settings.equalizer = word_setting(name, value);
        dsp::equalizer::parse_kind(settings.equalizer);
    } else if (name == "noise_variance") {
        settings.noise_variance = number_setting(name, value);
        check_noise_variance(settings.noise_variance);
    } else {
        throw std::invalid_argument(
            "setting must be estimation, equalizer or noise_variance, got '" + name +
            "'");
    }
}

dsp::frame_equalizer::settings parse(const ls_equalizer_impl::settings& settings)
{
    return { dsp::channel_estimator::parse_method(settings.estimation),
             dsp::equalizer::parse_kind(settings.equalizer),
             settings.noise_variance };
}

} // namespace

ls_equalizer::sptr ls_equalizer::make(int fft_len,
                                      int cp_len,
                                      const std::string& estimation,
                                      const std::string& equalizer,
                                      int training_symbols,
                                      int training_period,
                                      double noise_variance,
                                      const std::vector<int>& data_carriers,
                                      const std::vector<int>& pilot_carriers)
{
    return make_named("ls_equalizer", [&] {
        dsp::check_fft_len(fft_len);
        dsp::check_cp_len(cp_len, fft_len);
        check_noise_variance(noise_variance);
        return gnuradio::make_block_sptr<ls_equalizer_impl>(
            data_carriers.empty() && pilot_carriers.empty()
                ? dsp::carrier_plan(fft_len)
                : dsp::carrier_plan(fft_len, data_carriers, pilot_carriers),
            cp_len,
            dsp::frame_layout(training_symbols, training_period),
            ls_equalizer_impl::settings{ estimation, equalizer, noise_variance });
    });
}

ls_equalizer_impl::ls_equalizer_impl(const dsp::carrier_plan& plan,
                                     int cp_len,
                                     const dsp::frame_layout& layout,
                                     const settings& first)
    : gr::block("ls_equalizer",
                gr::io_signature::make(1, 1, plan.fft_len() * sizeof(gr_complex)),
                gr::io_signature::make2(1,
                                        2,
                                        plan.data().size() * sizeof(gr_complex),
                                        plan.data().size() * sizeof(float))),
      d_live("ls_equalizer", first, set),
      d_usual_layout(layout),
      d_frame(plan, cp_len, parse(first))
{
    // The tag belongs to the first data symbol, and csi tags end here.
    set_tag_propagation_policy(TPP_DONT);
    message_port_register_in(cmd_port());
    set_msg_handler(cmd_port(),
                    [this](const pmt::pmt_t& cmd) { d_live.follow(cmd, d_logger); });
}

void ls_equalizer_impl::set_estimation(const std::string& estimation)
{
    d_live.change({ { "estimation", pmt::intern(estimation) } });
}

void ls_equalizer_impl::set_equalizer(const std::string& equalizer)
{
    d_live.change({ { "equalizer", pmt::intern(equalizer) } });
}

void ls_equalizer_impl::set_noise_variance(double noise_variance)
{
    d_live.change({ { "noise_variance", pmt::from_double(noise_variance) } });
}

std::vector<std::complex<float>> ls_equalizer_impl::response() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return d_frame.response();
}

double ls_equalizer_impl::snr_db() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    double power = 0.0;
    for (const auto& h : d_frame.response())
        power += std::norm(h);
    return 10.0 * std::log10(power / d_frame.fft_len() / d_frame.noise_variance());
}

bool ls_equalizer_impl::start()
{
    d_in_image = d_warned = false;
    d_frame.forget_fit();
    d_refusals.restart();
    d_source_id = img_tag::uncounted(alias_pmt());
    return gr::block::start();
}

void ls_equalizer_impl::forecast(int, gr_vector_int& ninput_items_required)
{
    ninput_items_required[0] = 1;
}

// Nothing if the tag cannot be used.
std::optional<ls_equalizer_impl::burst> ls_equalizer_impl::read_tag(const pmt::pmt_t& tag)
{
    if (!pmt::is_dict(tag))
        return std::nullopt;
    const auto& values = d_tag_reader.read(tag);
    const pmt::pmt_t &training = values[0], &known = values[1];
    const auto drift = img_tag::to_real(values[2]), gain = img_tag::to_real(values[3]);
    if (!drift || !gain)
        return std::nullopt;
    burst read{ d_usual_layout, {}, *drift, *gain };
    if (training) {
        const long symbols = pmt::is_integer(training) ? pmt::to_long(training) : -1;
        if (symbols < 0 || symbols > most_training)
            return std::nullopt;
        read.layout = dsp::frame_layout(static_cast<int>(symbols), 0);
    }
    if (known) {
        if (!pmt::is_c32vector(known) || pmt::length(known) != d_frame.fft_len())
            return std::nullopt;
        size_t length = 0;
        const gr_complex* points = pmt::c32vector_elements(known, length);
        if (read.layout.training_symbols() == 0)
            read.known_symbol.assign(points, points + length);
    }
    return read;
}

void ls_equalizer_impl::start_image(const pmt::pmt_t& tag, std::optional<burst> image)
{
    d_changes = pmt::PMT_NIL;
    d_in_image = image.has_value();
    if (!d_in_image) {
        d_refusals.add(d_logger,
                       "its tag's training must be from 0 to " +
                           std::to_string(most_training) + ", known_symbol of " +
                           std::to_string(d_frame.fft_len()) +
                           " carriers, drift and phase_gain finite numbers, if given",
                       tag);
        return;
    }
    settings now{};
    d_changes = d_live.take(now);
    if (!pmt::is_null(d_changes)) {
        std::lock_guard<std::mutex> lock(d_mutex);
        d_frame.configure(parse(now));
    }
    d_frame.start(
        image->layout, std::move(image->known_symbol), image->drift, image->phase_gain);
    d_tag = tag;
    d_tag_waits = true;
}

void ls_equalizer_impl::use_csi(const pmt::pmt_t& tag)
{
    size_t length = 0;
    const gr_complex* h =
        pmt::is_c32vector(tag) ? pmt::c32vector_elements(tag, length) : nullptr;
    if (length != d_frame.fft_len()) {
        d_logger->error("csi tag is no vector of {} carriers, not used",
                        d_frame.fft_len());
        return;
    }
    std::lock_guard<std::mutex> lock(d_mutex);
    d_frame.set_response(h);
}

// Said once a run: where one image is misaligned, mostly all are.
void ls_equalizer_impl::warn_of_misalignment() const
{
    const auto index = img_tag::get(d_tag, img_tag::index());
    const std::string image = index ? std::to_string(*index) : "without an index";
    const int offset = d_frame.misalignment();
    const std::string found =
        d_frame.fit() == dsp::training_fit::verdict::absent
            ? "does not show in many images: their SNR is below -10 dB, or blocks"
            : "stands " + std::to_string(std::abs(offset)) +
                  (offset < 0 ? " samples in front of" : " samples behind") +
                  " where its tag says: blocks";
    d_logger->warn(
        "image {}: its training {} in between moved the samples against the tag; use "
        "self-synchronising frames (AirConfig), or align of ofdm_demodulator, which "
        "follows less than a symbol. Said once a run; misaligned() counts such images",
        image,
        found);
}

void ls_equalizer_impl::put_tag(uint64_t offset)
{
    const auto fit = d_frame.fit();
    if (fit == dsp::training_fit::verdict::moved ||
        fit == dsp::training_fit::verdict::absent) {
        d_misaligned++;
        if (!std::exchange(d_warned, true))
            warn_of_misalignment();
        d_tag = pmt::acons(img_tag::misaligned(), pmt::PMT_T, d_tag);
    }
    add_item_tag(0, offset, img_tag::key(), d_tag, d_source_id);
    if (!pmt::is_null(d_changes))
        add_item_tag(0, offset, img_tag::setting_key(), d_changes, d_source_id);
    d_tag_waits = false;
}

int ls_equalizer_impl::general_work(int noutput_items,
                                    gr_vector_int& ninput_items,
                                    gr_vector_const_void_star& input_items,
                                    gr_vector_void_star& output_items)
{
    const auto in = static_cast<const gr_complex*>(input_items[0]);
    auto out = static_cast<gr_complex*>(output_items[0]);
    auto noise_out =
        output_items.size() > 1 ? static_cast<float*>(output_items[1]) : nullptr;
    const int available = std::min(ninput_items[0], noutput_items);

    get_tags_in_window(d_images, 0, 0, available);
    img_tag::keep_only(d_images, img_tag::key());
    d_channels.clear();
    if (d_frame.is_perfect())
        get_tags_in_window(d_channels, 0, 0, available, img_tag::csi_key());
    auto image = d_images.begin(), channel = d_channels.begin();

    const uint64_t first = nitems_read(0), first_out = nitems_written(0);
    int consumed = 0, produced = 0;
    for (; consumed < available; consumed++, d_frame.advance()) {
        const uint64_t offset = first + consumed;
        const gr_complex* received = in + consumed * d_frame.fft_len();
        // Look for room before anything is taken in that the next call would take again.
        const bool starts = image != d_images.end() && image->offset == offset;
        std::optional<burst> next;
        if (starts)
            next = read_tag(image->value);
        const bool training =
            starts ? !next || next->layout.is_training(0) : d_frame.is_training();
        if (!training && produced == noutput_items)
            break;
        if (starts) {
            start_image(image->value, std::move(next));
            ++image;
            if (!pmt::is_null(d_changes)) {
                d_channels.clear();
                if (d_frame.is_perfect())
                    get_tags_in_window(
                        d_channels, 0, consumed, available, img_tag::csi_key());
                channel = d_channels.begin();
            }
        }
        if (channel != d_channels.end() && channel->offset == offset) {
            use_csi(channel->value);
            ++channel;
        }
        if (!d_in_image)
            continue; // nothing of any image
        if (d_frame.trains()) {
            std::lock_guard<std::mutex> lock(d_mutex);
            d_frame.train(received);
        }
        if (training)
            continue;
        if (d_tag_waits)
            put_tag(first_out + produced);
        const size_t at = produced * d_frame.n_data();
        d_frame.equalize(received, out + at);
        if (noise_out)
            d_frame.get_error_variance(noise_out + at);
        produced++;
    }
    consume_each(consumed);
    return produced;
}

} // namespace aeiqa
} // namespace gr
