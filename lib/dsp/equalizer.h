/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_EQUALIZER_H
#define INCLUDED_AEIQA_DSP_EQUALIZER_H

#include "delay_subspace_projection.h"
#include "ofdm.h"
#include <complex>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief Least-squares estimate of the channel from known OFDM symbols.
 *
 * H_k = mean over the training symbols of Y_k / X_k; where X_k = 0 nothing is known and
 * H_k = 1. With DFT truncation only the cp_len + 1 taps that a prefix can hold are kept,
 * which takes away the noise of the others (Edfors et al., "OFDM channel estimation by
 * singular value decomposition", 1998, the DFT estimator).
 */
class ls_estimator
{
public:
    //! All carriers known.
    ls_estimator(int fft_len, int cp_len, bool truncate);

    //! The occupied carriers known: truncation becomes a delay_subspace_projection,
    //! allowing for a window that begins up to an eighth of the prefix late.
    ls_estimator(const carrier_plan& plan, int cp_len, bool truncate);

    //! One training symbol received as \p y, sent as \p x.
    void add(const std::complex<float>* y, const std::complex<float>* x);

    //! Make the estimate of all added since the last, and start anew.
    void estimate();

    //! Forget what was added since the last estimate.
    void restart();

    //! Forget everything, as if just made.
    void reset(bool truncate);

    const std::vector<std::complex<float>>& response() const { return d_response; }

    //! Noise variance seen beyond the prefix, where the channel has no taps; NaN before
    //! the first estimate, or where the prefix leaves no room.
    double noise_variance() const { return d_noise_variance; }

private:
    void project();

    std::optional<delay_subspace_projection> d_projection; // of a plan that is not full
    std::vector<size_t> d_occupied;                        // its carriers
    size_t d_max_taps;
    bool d_truncate;
    size_t d_count = 0;
    bool d_all_known = true;
    unitary_dft d_to_taps;
    unitary_dft d_to_carriers;
    std::vector<std::complex<double>> d_sum;
    std::vector<std::complex<float>> d_response, d_taps;
    double d_noise_variance;
};

//! How received carriers are brought back: y times weights().
class one_tap_equalizer
{
public:
    enum class kind { zf, mmse };

    //! \throws std::invalid_argument if \p name is not zf or mmse.
    static kind parse_kind(const std::string& name);

    one_tap_equalizer(size_t fft_len, kind which);

    //! Holds from the next set_response() on.
    void set_kind(kind which) { d_kind = which; }

    /*!
     * Weights for the response H: zero forcing 1/H (0 where H = 0), or minimum mean
     * squared error H* / (|H|^2 + N0) for unit symbol energy. The latter shrinks the
     * points, so that hard decisions of 16-QAM and above suffer: on one carrier nothing
     * is won by it.
     */
    void set_response(const std::complex<float>* h, double noise_variance);

    //! One OFDM symbol.
    void equalize(const std::complex<float>* y, std::complex<float>* x) const;

    //! Mean squared error of each carrier after equalising, for soft decisions: N0 /
    //! |H|^2 for zero forcing (infinite where H = 0), N0 / (|H|^2 + N0) for MMSE, whose
    //! output is scaled down as well. The ratio of the two is the same, and so are their
    //! soft bits of BPSK and QPSK.
    const std::vector<float>& error_variance() const { return d_error_variance; }

private:
    kind d_kind;
    std::vector<std::complex<float>> d_weights;
    std::vector<float> d_error_variance;
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_EQUALIZER_H */
