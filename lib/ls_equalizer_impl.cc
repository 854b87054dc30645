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
#include <stdexcept>

namespace gr {
namespace aeiqa {

namespace {

constexpr uint64_t most_training = 1 << 16; // symbols that a tag may announce

void check_estimation(const std::string& name)
{
    if (name != "none" && name != "ls" && name != "ls-dft" && name != "perfect")
        throw std::invalid_argument(
            "estimation must be none, ls, ls-dft or perfect, got '" + name + "'");
}

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
        check_estimation(settings.estimation);
    } else if (name == "equalizer") {
        settings.equalizer = word_setting(name, value);
        dsp::one_tap_equalizer::parse_kind(settings.equalizer);
    } else if (name == "noise_variance") {
        settings.noise_variance = number_setting(name, value);
        check_noise_variance(settings.noise_variance);
    } else {
        throw std::invalid_argument(
            "setting must be estimation, equalizer or noise_variance, got '" + name +
            "'");
    }
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
        check_estimation(estimation);
        return gnuradio::make_block_sptr<ls_equalizer_impl>(
            fft_len,
            cp_len,
            ls_equalizer_impl::settings{ estimation, equalizer, noise_variance },
            dsp::frame_layout(training_symbols, training_period),
            data_carriers.empty() && pilot_carriers.empty()
                ? dsp::carrier_plan(fft_len)
                : dsp::carrier_plan(fft_len, data_carriers, pilot_carriers));
    });
}

ls_equalizer_impl::ls_equalizer_impl(int fft_len,
                                     int cp_len,
                                     settings first,
                                     dsp::frame_layout layout,
                                     const dsp::carrier_plan& plan)
    : gr::block("ls_equalizer",
                gr::io_signature::make(1, 1, fft_len * sizeof(gr_complex)),
                gr::io_signature::make2(1,
                                        2,
                                        plan.data().size() * sizeof(gr_complex),
                                        plan.data().size() * sizeof(float))),
      d_fft_len(fft_len),
      d_live("ls_equalizer", first, set),
      d_usual_layout(layout),
      d_layout(layout),
      d_training(plan.training()),
      d_full(plan.is_full()),
      d_pilots(plan),
      d_equalised(fft_len),
      d_estimator(plan, cp_len, false),
      d_equalizer(fft_len, dsp::one_tap_equalizer::parse_kind(first.equalizer)),
      d_response(fft_len)
{
    // The tag belongs to the first data symbol, and csi tags end here.
    set_tag_propagation_policy(TPP_DONT);
    message_port_register_in(cmd_port());
    set_msg_handler(cmd_port(),
                    [this](const pmt::pmt_t& cmd) { d_live.follow(cmd, d_logger); });
    use(first);
}

// As if just made with these, so that what an image becomes depends on nothing before it.
void ls_equalizer_impl::use(const settings& now)
{
    d_by_csi = now.estimation == "perfect";
    d_by_training = now.estimation == "ls" || now.estimation == "ls-dft";
    d_given_noise_variance = now.noise_variance;
    d_estimator.reset(now.estimation == "ls-dft");
    d_equalizer.set_kind(dsp::one_tap_equalizer::parse_kind(now.equalizer));
    // Where nothing is estimated, this stays.
    const std::vector<gr_complex> flat(d_fft_len, 1.0f);
    use_response(flat.data());
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
    return d_response;
}

double ls_equalizer_impl::snr_db() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    double power = 0.0;
    for (const auto& h : d_response)
        power += std::norm(h);
    return 10.0 * std::log10(power / d_fft_len / d_noise_variance);
}

bool ls_equalizer_impl::start()
{
    d_in_image = false;
    d_source_id = img_tag::uncounted(alias_pmt());
    return gr::block::start();
}

void ls_equalizer_impl::forecast(int, gr_vector_int& ninput_items_required)
{
    ninput_items_required[0] = 1;
}

dsp::frame_layout ls_equalizer_impl::layout_of(const pmt::pmt_t& tag) const
{
    const auto training = img_tag::get(tag, img_tag::training());
    const bool told = training && *training <= most_training;
    return told ? dsp::frame_layout(static_cast<int>(*training), 0) : d_usual_layout;
}

void ls_equalizer_impl::start_image(const pmt::pmt_t& tag)
{
    settings now{};
    d_changes = d_live.take(now);
    if (!pmt::is_null(d_changes))
        use(now);
    d_tag = tag;
    d_tag_waits = true;
    d_in_image = true;
    d_symbol = 0;
    d_known_symbol.clear();
    d_pilots.restart(img_tag::real(tag, img_tag::drift()),
                     img_tag::real(tag, img_tag::phase_gain()));
    d_estimator.restart(); // the last image may have been cut short in its training
    if (!d_by_training || d_layout.training_symbols() > 0)
        return;
    const pmt::pmt_t known = img_tag::find(tag, img_tag::known_symbol());
    if (!pmt::is_c32vector(known))
        return;
    size_t length;
    const gr_complex* points = pmt::c32vector_elements(known, length);
    if (length == d_fft_len)
        d_known_symbol.assign(points, points + length);
}

void ls_equalizer_impl::use_response(const gr_complex* h)
{
    std::lock_guard<std::mutex> lock(d_mutex);
    d_response.assign(h, h + d_fft_len);
    d_noise_variance = d_given_noise_variance > 0.0 ? d_given_noise_variance
                                                    : d_estimator.noise_variance();
    // Without an estimate of the noise MMSE is zero forcing.
    const double noise = std::isfinite(d_noise_variance) ? d_noise_variance : 0.0;
    d_equalizer.set_response(h, noise);
}

void ls_equalizer_impl::use_csi(const pmt::pmt_t& tag)
{
    size_t length = 0;
    const gr_complex* h =
        pmt::is_c32vector(tag) ? pmt::c32vector_elements(tag, length) : nullptr;
    if (length == d_fft_len)
        use_response(h);
    else
        d_logger->error("csi tag is no vector of {} carriers, not used", d_fft_len);
}

void ls_equalizer_impl::train(const gr_complex* received, const gr_complex* known)
{
    d_estimator.add(received, known);
    if (d_layout.training_symbols() > 0 && !d_layout.ends_training(d_symbol))
        return;
    d_estimator.estimate();
    use_response(d_estimator.response().data());
}

void ls_equalizer_impl::equalize(const gr_complex* received, gr_complex* out)
{
    if (d_full) {
        d_equalizer.equalize(received, out);
        return;
    }
    d_equalizer.equalize(received, d_equalised.data());
    d_pilots.process(received, d_response.data(), d_equalised.data(), out);
}

void ls_equalizer_impl::put_error_variance(float* out) const
{
    const auto& variance = d_equalizer.error_variance();
    if (d_full) {
        std::copy_n(variance.begin(), d_fft_len, out);
        return;
    }
    for (const size_t k : d_pilots.plan().data())
        *out++ = variance[k];
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
    if (d_by_csi)
        get_tags_in_window(d_channels, 0, 0, available, img_tag::csi_key());
    auto image = d_images.begin(), channel = d_channels.begin();

    const uint64_t first = nitems_read(0), first_out = nitems_written(0);
    int consumed = 0, produced = 0;
    for (; consumed < available; consumed++, d_symbol++) {
        const uint64_t offset = first + consumed;
        const gr_complex* received = in + consumed * d_fft_len;
        // Look for room before anything is taken in that the next call would take again.
        const bool starts = image != d_images.end() && image->offset == offset;
        if (starts)
            d_layout = layout_of(image->value);
        const bool training = d_layout.is_training(starts ? 0 : d_symbol);
        if (!training && produced == noutput_items)
            break;
        if (starts) {
            start_image(image->value);
            ++image;
            if (!pmt::is_null(d_changes)) {
                d_channels.clear();
                if (d_by_csi)
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
        if (d_by_training && training)
            train(received, d_training.data());
        else if (d_by_training && d_symbol == 0 && !d_known_symbol.empty())
            train(received, d_known_symbol.data());
        if (training)
            continue;
        if (d_tag_waits) {
            const uint64_t at = first_out + produced;
            add_item_tag(0, at, img_tag::key(), d_tag, d_source_id);
            if (!pmt::is_null(d_changes))
                add_item_tag(0, at, img_tag::setting_key(), d_changes, d_source_id);
        }
        d_tag_waits = false;
        const size_t at = produced * d_pilots.plan().data().size();
        equalize(received, out + at);
        if (noise_out)
            put_error_variance(noise_out + at);
        produced++;
    }
    consume_each(consumed);
    return produced;
}

} // namespace aeiqa
} // namespace gr
