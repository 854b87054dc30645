/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_LS_EQUALIZER_H
#define INCLUDED_AEIQA_LS_EQUALIZER_H

#include <gnuradio/aeiqa/api.h>
#include <gnuradio/block.h>
#include <complex>
#include <string>
#include <vector>

namespace gr {
namespace aeiqa {

/*!
 * \brief Estimates the channel by least squares, equalises, and drops the training
 * symbols. \ingroup aeiqa
 *
 * Input: vectors of fft_len carriers, framed by `img` tags. Output 0: the data symbols
 * among them, equalised. Output 1, optional: mean squared error of each of their carriers
 * after equalising, for soft decisions.
 */
class AEIQA_API ls_equalizer : virtual public gr::block
{
public:
    typedef std::shared_ptr<ls_equalizer> sptr;

    /*!
     * \param fft_len carriers, a multiple of 8
     * \param cp_len samples of cyclic prefix: the longest channel that ls-dft believes in
     * \param estimation none (H = 1), ls (the raw estimate of each carrier), ls-dft
     * (truncated to the prefix) or perfect (from the channel's `csi` tags) \param
     * equalizer zf or mmse \param training_symbols as in qam_mapper, unless an image's
     * tag tells their number, as behind frame_sync; 0 with ls: the image's first data
     * symbol, which the tag gives as `known_symbol` \param training_period as in
     * qam_mapper \param noise_variance of each received carrier; 0: estimated from
     * training (needed by mmse, and by output 1, where there is none) \param
     * data_carriers signed frequencies, a multiple of 8 of them, in the output by rising
     * frequency; none: all carriers, in DFT order \param pilot_carriers others, as in
     * frame_mapper, by which residual frequency, phase and sampling clock are followed
     * \throws std::invalid_argument on any other value
     */
    static sptr make(int fft_len = 64,
                     int cp_len = 16,
                     const std::string& estimation = "ls",
                     const std::string& equalizer = "zf",
                     int training_symbols = 1,
                     int training_period = 0,
                     double noise_variance = 0.0,
                     const std::vector<int>& data_carriers = {},
                     const std::vector<int>& pilot_carriers = {});

    /*!
     * Setters may be called from any thread, and message port `cmd` takes dicts of the
     * same names. They hold from the next image on, which bears the tag `setting`.
     * \throws std::invalid_argument as make()
     */
    virtual void set_estimation(const std::string& estimation) = 0;
    virtual void set_equalizer(const std::string& equalizer) = 0;
    virtual void set_noise_variance(double noise_variance) = 0;

    //! As last set.
    virtual std::string estimation() const = 0;
    virtual std::string equalizer() const = 0;
    virtual double noise_variance() const = 0;

    //! The channel in use, fft_len carriers in DFT order.
    virtual std::vector<std::complex<float>> response() const = 0;

    //! Mean |H|^2 over the noise variance, in dB; NaN while unknown.
    virtual double snr_db() const = 0;
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_LS_EQUALIZER_H */
