/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_FREQUENCY_WATCH_H
#define INCLUDED_AEIQA_DSP_FREQUENCY_WATCH_H

#include <cmath>
#include <complex>
#include <cstddef>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief Tells whether bursts come with a frequency offset, by their cyclic prefixes.
 *
 * An offset of e subcarriers turns each prefix against the end of its symbol by 2 pi e
 * (van de Beek et al., "ML estimation of time and frequency offset in OFDM systems",
 * 1997). Of 32 bursts the sines of these angles are compared with their spread: without
 * an offset they come with either sign, whatever the noise and the fading. Only where
 * they agree nearly as well as they can, sum > 4.5 sqrt(sum of squares) of at most
 * sqrt(32), is there an offset.
 */
class frequency_watch
{
public:
    frequency_watch(int fft_len, int cp_len) : d_fft_len(fft_len), d_cp_len(cp_len) {}

    void restart()
    {
        d_burst = d_sum = 0.0;
        d_squares = 0.0;
        d_bursts = 0;
    }

    //! One OFDM symbol with its prefix, of which the half that echoes seldom reach is
    //! used.
    void add(const std::complex<float>* symbol)
    {
        // By parts: a product of std::complex looks for infinities.
        float real = 0.0f, imag = 0.0f;
        for (int i = d_cp_len - d_cp_len / 2; i < d_cp_len; i++) {
            const std::complex<float> a = symbol[i], b = symbol[i + d_fft_len];
            real += a.real() * b.real() + a.imag() * b.imag();
            imag += a.real() * b.imag() - a.imag() * b.real();
        }
        d_burst += std::complex<double>(real, imag);
    }

    //! The burst is over; returns whether it is the last of 32 that agree on an offset.
    bool end_burst()
    {
        const double magnitude = std::abs(d_burst);
        const std::complex<double> direction = d_burst / magnitude;
        d_burst = 0.0;
        if (!(magnitude > 0.0) || !std::isfinite(magnitude))
            return false;
        d_sum += direction;
        d_squares += direction.imag() * direction.imag();
        if (++d_bursts < 32)
            return false;
        const bool agree = std::abs(d_sum.imag()) > 4.5 * std::sqrt(d_squares);
        d_offset = std::arg(d_sum) / (2.0 * std::acos(-1.0));
        restart();
        return agree;
    }

    //! Mean over the latest 32 bursts, in subcarriers, from -0.5 to 0.5.
    double offset() const { return d_offset; }

private:
    const int d_fft_len, d_cp_len;
    std::complex<double> d_burst, d_sum; // of a burst's products, of directions
    double d_squares = 0.0;              // of their sines
    int d_bursts = 0;
    double d_offset = 0.0;
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_FREQUENCY_WATCH_H */
