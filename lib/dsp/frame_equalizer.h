/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_FRAME_EQUALIZER_H
#define INCLUDED_AEIQA_DSP_FRAME_EQUALIZER_H

#include "channel_estimator.h"
#include "equalizer.h"
#include "frame_layout.h"
#include "pilot_tracker.h"
#include "training_fit.h"
#include <complex>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief Estimates the channel along a frame and equalises its data symbols.
 *
 * For each OFDM symbol of the frame: train() if trains(), then either is_training(), or
 * equalize(); then advance().
 */
class frame_equalizer
{
public:
    struct settings {
        channel_estimator::method estimation;
        equalizer::kind kind;
        double noise_variance; //!< of each received carrier; 0: as estimated
    };

    frame_equalizer(const carrier_plan& plan, int cp_len, const settings& first);

    //! Begin as if just made, so that a frame's symbols depend on nothing before it.
    void configure(const settings& now);

    /*!
     * The next symbol is a frame's first.
     * \param known_symbol its first data symbol if the receiver knows it, fft_len
     * carriers, else empty; least squares without training symbols estimates from it
     * \param drift, phase_gain see pilot_tracker
     */
    void start(const frame_layout& layout,
               std::vector<std::complex<float>> known_symbol,
               double drift,
               double phase_gain);

    //! Whether the next symbol carries no data.
    bool is_training() const { return d_layout.is_training(d_symbol); }

    //! Whether the estimate takes in the next symbol.
    bool trains() const
    {
        return d_estimator.uses_training() &&
               (is_training() || (d_symbol == 0 && !d_known_symbol.empty()));
    }
    void train(const std::complex<float>* received);

    bool is_perfect() const { return d_estimator.is_perfect(); }

    //! The channel's own response from the next symbol on.
    void set_response(const std::complex<float>* h);

    /*!
     * The next symbol.
     * \param received fft_len carriers
     * \param data out: its n_data() data carriers, equalised
     */
    void equalize(const std::complex<float>* received, std::complex<float>* data);

    void advance() { d_symbol++; }

    //! Whether the training symbols in front of the frame came where they are expected.
    //! A plan with empty carriers always fits: its frames are found by their preamble.
    training_fit::verdict fit() const { return d_verdict; }

    //! Samples by which they were late, negative if early; of a frame that was moved.
    int misalignment() const { return d_fit.offset(); }

    //! Forget earlier frames, by which fit() judges those that show nothing but noise.
    void forget_fit() { d_fit.restart(); }

    //! Noise variance of each data carrier as equalised, n_data() of them.
    void get_error_variance(float* variance) const;

    size_t fft_len() const { return d_plan.fft_len(); }
    size_t n_data() const { return d_plan.data().size(); }

    //! The response in use, fft_len carriers in DFT order.
    const std::vector<std::complex<float>>& response() const
    {
        return d_estimator.response();
    }

    //! Of each received carrier; NaN while unknown.
    double noise_variance() const
    {
        return d_given_noise_variance > 0.0 ? d_given_noise_variance
                                            : d_estimator.noise_variance();
    }

private:
    void use_response();

    const carrier_plan d_plan;
    channel_estimator d_estimator;
    equalizer d_equalizer;
    pilot_tracker d_pilots;
    training_fit d_fit;
    training_fit::verdict d_verdict = training_fit::verdict::fits;
    frame_layout d_layout{ 0, 0 };
    double d_given_noise_variance = 0.0;
    uint64_t d_symbol = 0; // next OFDM symbol of the frame
    std::vector<std::complex<float>> d_known_symbol;
    std::vector<std::complex<float>> d_equalised; // all carriers, scratch
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_FRAME_EQUALIZER_H */
