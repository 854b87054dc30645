/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_CHANNEL_H
#define INCLUDED_AEIQA_CHANNEL_H

#include <gnuradio/aeiqa/api.h>
#include <gnuradio/sync_block.h>
#include <cstdint>
#include <string>

namespace gr {
namespace aeiqa {

/*!
 * \brief AWGN and Rayleigh channel whose noise is a pure function of seed, image and
 * position. \ingroup aeiqa
 *
 * Input and output: samples. Fading comes first, then noise of power 10^(-SNR/10): with
 * unit mean symbol energy and unitary transforms the SNR is Es/N0 per carrier. At every
 * `img` tag the channel starts afresh under the image's `index`; a stream without tags is
 * one image.
 */
class AEIQA_API channel : virtual public gr::sync_block
{
public:
    typedef std::shared_ptr<channel> sptr;

    /*!
     * \param model awgn or rayleigh
     * \param snr_db Es/N0 in dB; inf: no noise
     * \param n_taps taps of the Rayleigh channel, mean powers proportional to exp(-l),
     * sum 1 \param fading image, symbol (drawn anew for each) or jakes \param doppler
     * Doppler frequency times the duration of an OFDM symbol, for jakes \param fft_len
     * carriers \param cp_len samples of cyclic prefix; an OFDM symbol has fft_len +
     * cp_len \param seed of noise and fading \param tag_csi tag every change of the
     * channel with its response, `csi`, a vector of fft_len carriers, for a receiver with
     * perfect channel knowledge \throws std::invalid_argument on any other value
     */
    static sptr make(const std::string& model = "awgn",
                     double snr_db = 10.0,
                     int n_taps = 8,
                     const std::string& fading = "image",
                     double doppler = 0.0,
                     int fft_len = 64,
                     int cp_len = 16,
                     uint64_t seed = 1,
                     bool tag_csi = false);

    /*!
     * Setters may be called from any thread, and message port `cmd` takes dicts of the
     * same names. They hold from the next image on, which bears the tag `setting`; in a
     * stream without `img` tags at once. \throws std::invalid_argument as make()
     */
    virtual void set_snr_db(double snr_db) = 0;
    virtual void set_fading(const std::string& fading) = 0;
    virtual void set_doppler(double doppler) = 0;

    //! As last set.
    virtual double snr_db() const = 0;
    virtual std::string fading() const = 0;
    virtual double doppler() const = 0;
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_CHANNEL_H */
