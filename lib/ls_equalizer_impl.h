/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_LS_EQUALIZER_IMPL_H
#define INCLUDED_AEIQA_LS_EQUALIZER_IMPL_H

#include "dsp/equalizer.h"
#include "dsp/frame_layout.h"
#include "dsp/pilot_tracker.h"
#include "runtime_settings.h"
#include <gnuradio/aeiqa/ls_equalizer.h>
#include <mutex>

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

    ls_equalizer_impl(int fft_len,
                      int cp_len,
                      settings first,
                      dsp::frame_layout layout,
                      const dsp::carrier_plan& plan);

    void set_estimation(const std::string& estimation) override;
    void set_equalizer(const std::string& equalizer) override;
    void set_noise_variance(double noise_variance) override;
    std::string estimation() const override { return d_live.latest().estimation; }
    std::string equalizer() const override { return d_live.latest().equalizer; }
    double noise_variance() const override { return d_live.latest().noise_variance; }

    std::vector<std::complex<float>> response() const override;
    double snr_db() const override;

    bool start() override;
    void forecast(int noutput_items, gr_vector_int& ninput_items_required) override;
    int general_work(int noutput_items,
                     gr_vector_int& ninput_items,
                     gr_vector_const_void_star& input_items,
                     gr_vector_void_star& output_items) override;

private:
    void use(const settings& now);
    dsp::frame_layout layout_of(const pmt::pmt_t& tag) const;
    void start_image(const pmt::pmt_t& tag);
    void use_csi(const pmt::pmt_t& tag);
    void train(const gr_complex* received, const gr_complex* known);
    void use_response(const gr_complex* h);
    void equalize(const gr_complex* received, gr_complex* out);
    void put_error_variance(float* out) const;

    const size_t d_fft_len;
    runtime_settings<settings> d_live;
    bool d_by_csi;      // the estimate comes from csi tags
    bool d_by_training; // or from known symbols; neither: none
    double d_given_noise_variance;
    const dsp::frame_layout d_usual_layout; // of images whose tag says nothing else
    dsp::frame_layout d_layout;             // of this one
    const std::vector<gr_complex> d_training;
    const bool d_full; // every carrier bears data, and there are no pilots
    dsp::pilot_tracker d_pilots;
    std::vector<gr_complex> d_equalised; // all carriers, scratch
    dsp::ls_estimator d_estimator;
    dsp::one_tap_equalizer d_equalizer;

    bool d_in_image = false;
    uint64_t d_symbol = 0;                  // next OFDM symbol of the burst
    std::vector<gr_complex> d_known_symbol; // first data symbol, if the receiver knows it
    pmt::pmt_t d_tag;                       // of the image
    pmt::pmt_t d_source_id;
    pmt::pmt_t d_changes;     // of settings for it, nil if none
    bool d_tag_waits = false; // for the first data symbol

    std::vector<tag_t> d_images, d_channels; // in the window, kept for their memory

    mutable std::mutex d_mutex; // guards the two below
    std::vector<gr_complex> d_response;
    double d_noise_variance;
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_LS_EQUALIZER_IMPL_H */
