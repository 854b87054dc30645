/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_CONSTELLATION_H
#define INCLUDED_AEIQA_DSP_CONSTELLATION_H

#include <complex>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief BPSK, QPSK and square M-QAM with unit mean symbol energy: bits to points and
 * back.
 *
 * Labels are sent most significant bit first.
 * - BPSK: bit 0 is +1, bit 1 is -1.
 * - M-QAM, and Gray QPSK: the high half of the label's bits chooses the level on I, the
 *   low half the level on Q, lowest level first. Natural: the level is the value itself;
 *   Gray: the value is the binary-reflected Gray code of the level.
 * - Natural QPSK: label n lies at exp(-j (pi/4 + n pi/2)), running clockwise.
 */
class constellation
{
public:
    //! \throws std::invalid_argument naming the unknown modulation or labels.
    constellation(const std::string& modulation, const std::string& labels);

    unsigned bits() const { return d_bits; }
    size_t order() const { return size_t(1) << d_bits; }

    //! Point of each label.
    const std::vector<std::complex<float>>& points() const { return d_points; }

    //! Number of symbols that carry \p nbytes bytes; the last may hold padding bits.
    size_t symbols_for(size_t nbytes) const { return (nbytes * 8 + d_bits - 1) / d_bits; }

    /*!
     * Map bytes, most significant bit first, onto symbols_for(nbytes) points;
     * bits missing in the last label are 0.
     */
    void map(const uint8_t* bytes, size_t nbytes, std::complex<float>* symbols) const;

    //! Hard decisions of the nearest point: label of each symbol (NaN counts as 0).
    void decide(const std::complex<float>* symbols, size_t n, uint16_t* labels) const;

    /*!
     * Hard decisions packed into bytes.
     * \param symbols at least symbols_for(nbytes) points
     * \param scratch room for as many labels
     */
    void demap(const std::complex<float>* symbols,
               size_t nbytes,
               uint8_t* bytes,
               uint16_t* scratch) const;

    /*!
     * Max-log log-likelihood ratios ln(P(bit = 1) / P(bit = 0)), bits() for each symbol:
     * squared distance to the nearest point whose bit is 0, less that to the nearest
     * whose bit is 1, over the noise variance.
     *
     * Where each half of a label chooses the level on one axis, the other axis adds the
     * same to both distances, so each axis is decided by itself.
     * \param noise_variance E|n|^2 of each symbol
     */
    void soft(const std::complex<float>* symbols,
              const float* noise_variance,
              size_t n,
              float* llr) const;

private:
    enum class shape { bpsk, clockwise_qpsk, square };

    // The levels nearest to one on each side whose bit differs: their difference from it
    // and sum with it, infinite where there is none.
    struct rivals {
        float low_difference, low_sum, high_difference, high_sum;
        float sign; // of the bit's LLR at the level itself
    };

    void fill_byte_table();
    void fill_rivals();
    void soft_axis(float x, float noise_variance, float* llr) const;
    void soft_exhaustive(std::complex<float> y, float noise_variance, float* llr) const;
    void decide_square(const float* xy, size_t n, uint16_t* labels) const;

    shape d_shape;
    bool d_gray;
    unsigned d_bits;
    unsigned d_levels = 2;  // on each axis of a square constellation
    float d_spacing = 1.0f; // between neighbouring levels
    std::vector<std::complex<float>> d_points;
    std::vector<std::complex<float>>
        d_byte_table;             // points of each byte, if bits() divides 8
    std::vector<rivals> d_rivals; // of each level of an axis and bit of its label
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_CONSTELLATION_H */
