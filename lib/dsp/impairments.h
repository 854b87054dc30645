/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_IMPAIRMENTS_H
#define INCLUDED_AEIQA_DSP_IMPAIRMENTS_H

#include "rng.h"
#include <complex>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief Impairments that two radios add to a signal, besides noise and fading.
 *
 * In this order:
 * 1. transmit amplifier: |x| limited to clip, the phase kept;
 * 2. delay by whole samples;
 * 3. receive clock faster than the transmit clock by sampling_offset (1e-6: 1 ppm):
 *    sample m is taken at m / (1 + sampling_offset), by a windowed sinc of 32 taps;
 * 4. oscillators: turned by exp(j (2 pi frequency_offset m + theta[m])), theta a Wiener
 *    process with variance 2 pi phase_noise per sample (phase_noise is the linewidth over
 *    the sample rate);
 * 5. receive mixer: y = mu x + nu conj(x), mu = (1 + g exp(-j phi)) / 2,
 *    nu = (1 - g exp(j phi)) / 2, g the gain and phi the phase imbalance;
 * 6. gain.
 */
class impairments
{
public:
    struct settings {
        double frequency_offset = 0.0; //!< cycles a sample
        double sampling_offset = 0.0;  //!< relative
        double phase_noise = 0.0;      //!< linewidth over sample rate
        double iq_gain = 1.0;          //!< g
        double iq_phase = 0.0;         //!< phi, radians
        double clip = std::numeric_limits<double>::infinity();
        uint64_t delay = 0; //!< samples
        double gain = 1.0;  //!< of amplitude
        uint64_t seed = 1;
    };

    //! \throws std::invalid_argument naming the invalid setting.
    explicit impairments(const settings& what);

    void push(const std::complex<float>* in, size_t n);

    //! Take out what is ready, at most \p room samples. With a sampling offset the last
    //! 16 samples wait for others behind them.
    size_t pull(std::complex<float>* out, size_t room);

private:
    static constexpr size_t half = 16; // taps on each side

    size_t resample(std::complex<float>* out, size_t room);
    void turn(std::complex<float>* x, size_t n);

    settings d_what;
    bool d_resamples;
    std::vector<float> d_filters; // of each phase, 2 half taps
    std::vector<std::complex<float>> d_in;
    uint64_t d_first = 0; // position of d_in's first sample, half before the stream
    uint64_t d_made = 0;  // samples that have come out
    double d_theta = 0.0; // of the oscillators
    normal_sequence d_steps;
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_IMPAIRMENTS_H */
