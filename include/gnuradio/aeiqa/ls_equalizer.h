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
#include <cstdint>
#include <string>
#include <vector>

namespace gr {
namespace aeiqa {

/*!
 * \brief Estimates the channel by least squares, equalises, and drops the training
 * symbols. \ingroup aeiqa
 *
 * Input: vectors of fft_len carriers, framed by `img` tags. Output 0: the data symbols
 * among them, equalised. Output 1, optional: noise variance of each of their carriers
 * after equalising, N0 / |H|^2, for soft decisions.
 */
class AEIQA_API ls_equalizer : virtual public gr::block
{
public:
    typedef std::shared_ptr<ls_equalizer> sptr;

    /*!
     * \param fft_len subcarriers of an OFDM symbol; from 8 to 8192, a multiple of 8
     * \param cp_len length of the cyclic prefix; from 0 to fft_len; the longest channel
     * that ls-dft assumes (samples)
     * \param estimation channel estimate: H = 1, least squares of each subcarrier by
     * itself, least squares with the impulse response cut to the prefix, or the channel
     * itself: none, ls, ls-dft, perfect
     * \param equalizer zero forcing or MMSE: 1/H, or conj(H)/(|H|^2 + N0) over its gain,
     * which decides alike: zf, mmse
     * \param training_symbols known symbols in front of each image; 0 or more (OFDM
     * symbols). Behind Frame Sync without effect, since its tag tells the number. With 0,
     * ls takes the first data symbol that the tag tells as "known_symbol"
     * \param training_period data from one training to the next, 0: there is no other; 0
     * or more (data symbols)
     * \param noise_variance N0 of each received subcarrier, 0 or more; 0: estimated from
     * training. Where there is none, the noise output needs it
     * \param data_carriers signed frequencies of the data subcarriers, a multiple of 8 of
     * them, on output by rising frequency; empty: all subcarriers, in DFT order
     * \param pilot_carriers signed frequencies of the pilots, on both sides of 0;
     * residual frequency, phase and sampling clock are followed on them; empty: none
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
     * same names. They hold from the next image on, which carries the tag `setting`.
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

    /*!
     * Images whose training stood elsewhere than their tags say, since blocks in between
     * moved the samples; known with estimation ls and ls-dft, all subcarriers in use and
     * a prefix of 4 samples or more. Their `img` tags get the field `misaligned`, the
     * first of a run a line in the log.
     */
    virtual uint64_t misaligned() const = 0;

    virtual uint64_t refused_tags() const = 0; //!< `img` tags it could not use
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_LS_EQUALIZER_H */
