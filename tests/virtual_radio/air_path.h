/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_VIRTUAL_RADIO_AIR_PATH_H
#define INCLUDED_AEIQA_VIRTUAL_RADIO_AIR_PATH_H

#include "dsp/rng.h"
#include <complex>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace virtual_radio {

using sample = std::complex<float>;

//! What lies between the transmitter's and the receiver's converters.
struct air_settings {
    double delay = 0.0;    //!< samples, 0 to 10^6
    double cfo = 0.0;      //!< Hz by which the received carrier lies too high
    double sro = 0.0;      //!< ppm by which the receiver's clock runs too fast
    double noise = -300.0; //!< dB, mean |n|^2; -300: none
    std::vector<sample> taps{ 1.0f };
    double fade = 0.0;        //!< dB by which the signal is weaker ...
    uint64_t fade_period = 0; //!< ... in every second such run of its samples; 0: never
    uint64_t seed = 1;        //!< of the noise
};

/*!
 * \brief y[n] = g_rx (e^(j 2 pi f n) (h * x)(n (1 - 10^-6 sro) - delay) + noise)
 *
 * x is interpolated by a Kaiser-windowed sinc of 32 taps (flat within 0.01 dB up to 0.85
 * of the band's edge), exact where the positions are whole numbers. Fades are counted in
 * samples that are not silent: how long a transmitter pauses changes nothing of them.
 */
class air_path
{
public:
    air_path(const air_settings& settings, double rate);

    /*!
     * \param carrier_offset transmitter's frequency less the receiver's, Hz
     * \param rx_gain linear, on signal and noise
     * \param out where what the receiver gets for these samples is appended
     */
    void transmit(const sample* in,
                  size_t n,
                  double carrier_offset,
                  float rx_gain,
                  std::vector<sample>& out);

    //! \p n samples of noise alone.
    void silence(size_t n, float rx_gain, std::vector<sample>& out);

private:
    sample faded(sample x);
    sample interpolate(size_t at, double fraction) const;
    void
    finish(size_t first, double carrier_offset, float rx_gain, std::vector<sample>& out);

    air_settings d_settings;
    double d_rate;
    float d_fade_amplitude;
    uint64_t d_heard = 0; // samples that were not silent
    double d_phase = 0.0; // of the carrier, turns
    double d_position;    // of the next output in d_in
    float d_noise_amplitude;
    std::vector<float> d_kernel; // [phase][tap]
    std::vector<sample> d_in;    // of the transmitter, from the oldest still needed on
    std::vector<sample> d_past;  // of the interpolated signal, for the multipath
    gr::aeiqa::dsp::normal_sequence d_noise;
};

} // namespace virtual_radio

#endif /* INCLUDED_AEIQA_VIRTUAL_RADIO_AIR_PATH_H */
