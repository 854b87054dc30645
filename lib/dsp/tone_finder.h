/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_TONE_FINDER_H
#define INCLUDED_AEIQA_DSP_TONE_FINDER_H

#include "ofdm.h"
#include <complex>
#include <cstddef>
#include <map>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

//! amplitude exp(j omega n), n counted from the first sample of a stretch.
struct tone {
    double omega; //!< radians a sample
    std::complex<double> amplitude;
};

//! Subtract tones from samples \p skip ... \p skip + n - 1 of their stretch.
void subtract_tones(
    const std::vector<tone>& tones, size_t skip, size_t n, float* re, float* im);

/*!
 * \brief Finds steady tones in a stretch of samples: carrier leakage, spurs, narrow-band
 * senders.
 *
 * A bin of the periodogram that stands out from its neighbourhood starts a least-squares
 * fit of amplitude and frequency, which for one tone is the maximum-likelihood estimate
 * (Rife and Boorstyn, "Single-tone parameter estimation from discrete-time observations",
 * 1974). The tone is subtracted and the search repeated. Over n samples of a signal of
 * power S the error that stays has the power 2 S / n, whatever the tone's own.
 */
class tone_finder
{
public:
    //! \param fft_len carriers of a symbol: each spans 1/fft_len of the sample rate
    explicit tone_finder(size_t fft_len) : d_fft_len(fft_len) {}

    enum class search {
        nowhere,       //!< only fit
        near_expected, //!< within a carrier and a half of what is expected; do not fit
        everywhere,
    };

    enum class weighting {
        even,     //!< the signal has the same power everywhere
        by_power, //!< parts without a signal count for more, by the inverse of the power
    };

    /*!
     * \param re real, \param im imaginary parts of the \p n samples, at least 64; the
     * tones found are subtracted
     * \param expected frequencies at which tones are fitted first, without a search
     * \param where whether to look for others
     */
    std::vector<tone> find(float* re,
                           float* im,
                           size_t n,
                           weighting how,
                           const std::vector<double>& expected,
                           search where);

private:
    struct fit {
        tone found;
        double projection; // |sum of w x conj(turn)|^2
        double noise;      // what is expected of that without a tone
        bool steady;
    };

    void weigh(const float* re, const float* im, size_t n, weighting how);
    fit fit_at(const float* re, const float* im, size_t n, double omega);
    void project(const float* re, const float* im, size_t n, double omega);
    void turn_parts(double omega);
    struct peak {
        double omega, power, neighbourhood; // of |sum of w x conj(turn)|^2
    };
    peak strongest(const float* re,
                   const float* im,
                   size_t n,
                   const std::vector<double>& near);

    size_t d_fft_len;
    size_t d_part = 0; // samples
    std::map<size_t, unitary_dft> d_dft;
    std::vector<double> d_energy, d_weight, d_length, d_running;
    std::vector<std::complex<double>> d_parts;
    std::vector<std::complex<float>> d_in, d_out;
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_TONE_FINDER_H */
