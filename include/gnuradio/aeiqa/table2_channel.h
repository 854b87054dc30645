/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_TABLE2_CHANNEL_H
#define INCLUDED_AEIQA_TABLE2_CHANNEL_H

#include <gnuradio/aeiqa/api.h>
#include <gnuradio/block.h>
#include <cstdint>
#include <string>

namespace gr {
namespace aeiqa {

/*!
 * \brief The channel behind the paper's Table II, which is not a physical one.
 * \ingroup aeiqa
 *
 * Input and output: samples, framed by `img` tags with `symbols`. Noise is added first,
 * its power the burst's own measured mean |x|^2 over the SNR; then, for `rayleigh`, the
 * burst is convolved with fixed taps proportional to exp(-l), l = 0 ... 7, as y[n] = sum
 * g[l] x[n + 4 - l]. An image's burst is held until it is complete. Samples outside a
 * burst are dropped.
 */
class AEIQA_API table2_channel : virtual public gr::block
{
public:
    typedef std::shared_ptr<table2_channel> sptr;

    /*!
     * \param model noise alone, or noise and then the fixed taps that the paper calls
     * Rayleigh: awgn, rayleigh
     * \param snr_db mean power of the image's samples over noise power; -300 or more, or
     * inf for no noise (dB)
     * \param fft_len subcarriers of an OFDM symbol; from 8 to 8192, a multiple of 8
     * \param cp_len length of the cyclic prefix; from 0 to fft_len (samples)
     * \param seed seed of the noise, 0 to 2^64 - 1
     * \throws std::invalid_argument on any other value
     */
    static sptr make(const std::string& model = "awgn",
                     double snr_db = 10.0,
                     int fft_len = 64,
                     int cp_len = 16,
                     uint64_t seed = 1);

    //! From any thread, or `snr_db` in a dict on message port `cmd`. Holds from the next
    //! image on, which carries the tag `setting`. \throws std::invalid_argument as make()
    virtual void set_snr_db(double snr_db) = 0;
    virtual double snr_db() const = 0;

    virtual uint64_t refused_tags() const = 0; //!< `img` tags it could not use
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_TABLE2_CHANNEL_H */
