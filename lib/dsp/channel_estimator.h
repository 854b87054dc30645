/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_CHANNEL_ESTIMATOR_H
#define INCLUDED_AEIQA_DSP_CHANNEL_ESTIMATOR_H

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
 * \brief The channel's frequency response, from known OFDM symbols or from the channel
 * itself.
 *
 * - none: H = 1.
 * - ls: least squares, H_k = mean over the training symbols of Y_k / X_k, each carrier by
 *   itself; where X_k = 0 nothing is known and H_k = 1.
 * - ls_dft: the same, with only the cp_len + 1 taps kept that a prefix can hold, which
 *   removes the noise of the others (Edfors et al., "OFDM channel estimation by singular
 *   value decomposition", 1998, the DFT estimator). Of a plan with empty carriers the
 *   projection onto such taps, see delay_subspace_projection, for a window that may begin
 *   up to an eighth of the prefix late.
 * - perfect: as given.
 */
class channel_estimator
{
public:
    enum class method { none, ls, ls_dft, perfect };

    //! \throws std::invalid_argument if \p name is not none, ls, ls-dft or perfect.
    static method parse_method(const std::string& name);

    channel_estimator(const carrier_plan& plan, int cp_len, method which);

    //! Forget everything, as if just made.
    void reset(method which);

    bool uses_training() const
    {
        return d_method == method::ls || d_method == method::ls_dft;
    }
    bool is_perfect() const { return d_method == method::perfect; }

    //! One training symbol: \p y received, \p x sent, fft_len carriers each.
    void add(const std::complex<float>* y, const std::complex<float>* x);

    //! Estimate from the symbols added since the last estimate.
    void estimate();

    //! Forget the symbols added since the last estimate.
    void restart();

    //! The channel's own response, fft_len carriers, for perfect estimation.
    void set_response(const std::complex<float>* h);

    //! H of each carrier, fft_len in DFT order.
    const std::vector<std::complex<float>>& response() const { return d_response; }

    //! Impulse response of the latest estimate as it was before ls_dft cut it, fft_len
    //! taps of a unitary transform; null for a plan with empty carriers, where a known
    //! symbol had empty carriers, or if the prefix leaves no taps for noise.
    const std::complex<float>* raw_taps() const
    {
        return d_has_raw_taps ? d_taps.data() : nullptr;
    }

    //! Noise variance of a received carrier, as seen beyond the prefix, where the channel
    //! has no taps; NaN before the first estimate, or where the prefix leaves no room.
    double noise_variance() const { return d_noise_variance; }

private:
    void project();
    void truncate();

    method d_method;
    std::optional<delay_subspace_projection> d_projection; // of a plan that is not full
    std::vector<size_t> d_occupied;                        // its carriers
    size_t d_max_taps;
    size_t d_count = 0; // training symbols in d_sum
    bool d_all_known = true;
    bool d_has_raw_taps = false;
    unitary_dft d_to_taps;
    unitary_dft d_to_carriers;
    std::vector<std::complex<double>> d_sum;
    std::vector<std::complex<float>> d_response, d_taps;
    std::vector<std::complex<float>> d_kept_taps; // 0 beyond the prefix
    double d_noise_variance;
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_CHANNEL_ESTIMATOR_H */
