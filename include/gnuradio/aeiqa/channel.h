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
     * \param model noise alone, or Rayleigh fading and noise: awgn, rayleigh
     * \param snr_db Es/N0 of a subcarrier; -300 or more, or inf for no noise (dB)
     * \param n_taps taps of the Rayleigh channel, mean powers proportional to exp(-l),
     * sum 1; from 1 to fft_len
     * \param fading when the Rayleigh taps change: for each image, for each OFDM symbol,
     * or by Jakes' spectrum: image, symbol, jakes
     * \param doppler Doppler frequency times the duration of an OFDM symbol with its
     * prefix, for Jakes' spectrum; 0 or more (of the OFDM symbol rate)
     * \param fft_len subcarriers of an OFDM symbol; from 8 to 8192, a multiple of 8
     * \param cp_len length of the cyclic prefix; from 0 to fft_len (samples)
     * \param seed seed of noise and fading; from 0 to 18446744073709551615
     * \param tag_csi tag every change with the response, "csi", for an equalizer that is
     * told the channel
     * \throws std::invalid_argument on any other value
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
     * same names. They hold from the next image on, which carries the tag `setting`; in a
     * stream without `img` tags at once. \throws std::invalid_argument as make()
     */
    virtual void set_snr_db(double snr_db) = 0;
    virtual void set_fading(const std::string& fading) = 0;
    virtual void set_doppler(double doppler) = 0;

    //! As last set.
    virtual double snr_db() const = 0;
    virtual std::string fading() const = 0;
    virtual double doppler() const = 0;

    virtual uint64_t refused_tags() const = 0; //!< `img` tags it could not use
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_CHANNEL_H */
