/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_CHANNEL_H
#define INCLUDED_AEIQA_DSP_CHANNEL_H

#include "awgn.h"
#include "fading.h"
#include "rng.h"
#include <complex>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief Additive white Gaussian noise, with or without Rayleigh fading before it.
 *
 * SNR is Es/N0 per carrier: with unitary transforms and unit mean symbol energy the noise
 * of each sample is CN(0, 10^(-SNR/10)), whatever the signal; infinite SNR adds none.
 * Each image's burst stands alone: the channel is at rest before its first sample.
 */
class channel
{
public:
    /*!
     * \param fading taps of the Rayleigh channel; none: AWGN alone
     * \param symbol_len samples of an OFDM symbol with its prefix
     */
    channel(double snr_db,
            std::optional<rayleigh_taps> fading,
            size_t symbol_len,
            uint64_t seed);

    void set_snr_db(double snr_db) { d_noise_power = noise_power(snr_db); }

    //! Sets the rate at which Rayleigh taps change; to be followed by restart().
    void set_fading(rayleigh_taps::rate how_fast, double doppler)
    {
        if (d_fading)
            d_fading->set_rate(how_fast, doppler);
    }

    //! Start the burst of an image.
    void restart(uint64_t image);

    //! Number of samples that process() takes at once: those left in the present OFDM
    //! symbol, over which taps may change; any number without fading.
    size_t most_at_once() const
    {
        return d_fading ? d_symbol_len - d_in_symbol : std::numeric_limits<size_t>::max();
    }

    //! True if the next sample opens an OFDM symbol over which the response is a new one.
    bool response_changes() const { return d_in_symbol == 0 && d_new_response; }

    //! The response over the last fft_len samples of the present symbol, carriers in DFT
    //! order.
    std::vector<std::complex<float>> response(size_t fft_len);

    //! \p n samples, at most most_at_once(), from \p in to \p out.
    void process(const std::complex<float>* in, size_t n, std::complex<float>* out);

private:
    void open_symbol();
    void convolve(const std::complex<float>* in, size_t n);
    void join_faded_with_noise(size_t n, std::complex<float>* out);

    double d_noise_power;
    std::optional<rayleigh_taps> d_fading;
    size_t d_symbol_len;
    size_t d_in_symbol = 0;
    bool d_new_response = true;
    std::vector<std::complex<double>> d_turns; // exp(-j 2 pi k / N), k = 0 ... N - 1
    normal_sequence d_noise;
    // Input with the last n_taps - 1 samples in front, and faded signal, real and
    // imaginary.
    std::vector<float> d_x_re, d_x_im, d_y_re, d_y_im;
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_CHANNEL_H */
