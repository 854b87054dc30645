/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_LS_EQUALIZER_IMPL_H
#define INCLUDED_AEIQA_LS_EQUALIZER_IMPL_H

#include "dsp/frame_equalizer.h"
#include "img_tag.h"
#include "runtime_settings.h"
#include <gnuradio/aeiqa/ls_equalizer.h>
#include <atomic>
#include <mutex>
#include <optional>

namespace gr {
namespace aeiqa {

class ls_equalizer_impl : public ls_equalizer
{
public:
    struct settings {
        std::string estimation;
        std::string equalizer;
        double noise_variance;
    };

    ls_equalizer_impl(const dsp::carrier_plan& plan,
                      int cp_len,
                      const dsp::frame_layout& layout,
                      const settings& first);

    void set_estimation(const std::string& estimation) override;
    void set_equalizer(const std::string& equalizer) override;
    void set_noise_variance(double noise_variance) override;
    std::string estimation() const override { return d_live.latest().estimation; }
    std::string equalizer() const override { return d_live.latest().equalizer; }
    double noise_variance() const override { return d_live.latest().noise_variance; }

    std::vector<std::complex<float>> response() const override;
    double snr_db() const override;
    uint64_t misaligned() const override { return d_misaligned; }

    uint64_t refused_tags() const override { return d_refusals.count(); }

    bool start() override;
    void forecast(int noutput_items, gr_vector_int& ninput_items_required) override;
    int general_work(int noutput_items,
                     gr_vector_int& ninput_items,
                     gr_vector_const_void_star& input_items,
                     gr_vector_void_star& output_items) override;

private:
    //! As a tag describes it.
    struct burst {
        dsp::frame_layout layout;
        std::vector<gr_complex> known_symbol; //!< in place of training, empty if none
        double drift, phase_gain;
    };

    std::optional<burst> read_tag(const pmt::pmt_t& tag);
    void start_image(const pmt::pmt_t& tag, std::optional<burst> image);
    void use_csi(const pmt::pmt_t& tag);
    void warn_of_misalignment() const;
    void put_tag(uint64_t offset);

    runtime_settings<settings> d_live;
    const dsp::frame_layout d_usual_layout; // of images whose tag says nothing else

    mutable std::mutex d_mutex; // guards the response and noise variance of:
    dsp::frame_equalizer d_frame;

    std::atomic<uint64_t> d_misaligned{ 0 };
    bool d_warned = false; // in this run

    bool d_in_image = false;
    pmt::pmt_t d_tag; // of the image
    pmt::pmt_t d_source_id;
    pmt::pmt_t d_changes;     // of settings for it, nil if none
    bool d_tag_waits = false; // for the first data symbol

    img_tag::finder d_tag_reader{ { img_tag::training(),
                                    img_tag::known_symbol(),
                                    img_tag::drift(),
                                    img_tag::phase_gain() } };
    img_tag::refusals d_refusals;
    std::vector<tag_t> d_images, d_channels; // in the window, kept for their memory
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_LS_EQUALIZER_IMPL_H */
