/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_EQUALIZER_H
#define INCLUDED_AEIQA_DSP_EQUALIZER_H

#include <complex>
#include <cstddef>
#include <string>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief One-tap equaliser: multiplies each received carrier by a weight.
 *
 * For a carrier y = H x + n with unit symbol energy and noise variance N0:
 * - zf: zero forcing, 1/H.
 * - mmse: minimum mean squared error, H* / (|H|^2 + N0), without its bias: that weight
 *   leaves the share |H|^2 / (|H|^2 + N0) of the symbol, and is divided by it, since
 *   slicer and soft demapper expect the points in their places. On one carrier this is
 *   zero forcing again, to rounding: same decisions, same LLRs (Cioffi et al., "MMSE
 *   decision-feedback equalizers and coding", 1995: a one-tap receiver gains nothing from
 *   a biased weight).
 *
 * Where H = 0 the carrier is erased: output 0, error variance infinite.
 */
class equalizer
{
public:
    enum class kind { zf, mmse };

    //! \throws std::invalid_argument if \p name is not zf or mmse.
    static kind parse_kind(const std::string& name);

    equalizer(size_t fft_len, kind which);

    //! Holds from the next set_response() on.
    void set_kind(kind which) { d_kind = which; }

    //! \p h the response, fft_len carriers; \p noise_variance of each received carrier
    void set_response(const std::complex<float>* h, double noise_variance);

    //! One OFDM symbol.
    void equalize(const std::complex<float>* y, std::complex<float>* x) const;

    //! Variance of noise on each equalised carrier, N0 / |H|^2, for soft decisions.
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
