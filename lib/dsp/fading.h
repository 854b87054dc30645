/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_FADING_H
#define INCLUDED_AEIQA_DSP_FADING_H

#include "rng.h"
#include <complex>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

//! Power of taps 0 ... n_taps - 1, proportional to exp(-l), summing to 1.
//! \throws std::invalid_argument if n_taps < 1.
std::vector<float> exponential_profile(int n_taps);

/*!
 * \brief Rayleigh taps of an image's burst, OFDM symbol by OFDM symbol.
 *
 * Tap l is CN(0, p_l) with the given power-delay profile p, sum p_l = 1.
 * - image: drawn once per image;
 * - symbol: drawn anew for every OFDM symbol;
 * - jakes: Clarke's model, autocorrelation J0(2 pi f_d tau), by a sum of 32 plane waves
 *   with Gaussian amplitudes (so that the taps are exactly Gaussian) arriving from evenly
 *   spread directions turned by a random angle. Within a symbol the taps move along
 *   straight lines between nodes at most 16 samples apart, which gives the
 *   inter-carrier interference of a moving receiver.
 */
class rayleigh_taps
{
public:
    enum class rate { image, symbol, jakes };

    //! \throws std::invalid_argument if \p name is not image, symbol or jakes.
    static rate parse_rate(const std::string& name);

    /*!
     * \param doppler f_d times the OFDM symbol's duration; 0 makes jakes like image
     * \throws std::invalid_argument on an empty profile or a negative or non-finite
     * doppler
     */
    rayleigh_taps(std::vector<float> profile,
                  rate how_fast,
                  double doppler,
                  size_t symbol_len,
                  uint64_t seed);

    size_t n_taps() const { return d_profile.size(); }

    //! \throws std::invalid_argument unless 0 or more and finite.
    static void check_doppler(double doppler);

    //! Change how fast the taps are; to be followed by restart().
    void set_rate(rate how_fast, double doppler);

    //! Straight pieces in which the taps move during a symbol; 1 if they stand still.
    size_t pieces() const { return d_pieces; }
    bool moves() const { return d_rate == rate::jakes; }

    //! Go to symbol 0 of an image.
    void restart(uint64_t image);

    /*!
     * Go on to the next symbol (after restart: to the first).
     * \return whether the taps differ from those of the symbol before
     */
    bool advance();

    //! Taps at node 0 ... pieces() of this symbol; node i is at sample i * symbol_len /
    //! pieces.
    const std::vector<std::complex<float>>& node(size_t i) const { return d_nodes[i]; }

    //! Taps averaged over samples [first, symbol_len): the diagonal of the channel
    //! matrix.
    std::vector<std::complex<float>> mean_taps(size_t first) const;

private:
    void draw(uint64_t position);
    void start_waves();
    void step_waves(std::vector<std::complex<float>>& taps);

    std::vector<float> d_profile;
    rate d_rate;
    double d_doppler;
    size_t d_symbol_len;
    size_t d_pieces;
    counter_rng d_gaussian;
    counter_rng d_angle;
    uint64_t d_image = 0;
    uint64_t d_next_symbol = 0;
    std::vector<std::vector<std::complex<float>>> d_nodes;
    // Plane waves of all taps, [tap][wave]: present value and rotation from node to node.
    std::vector<double> d_wave_re, d_wave_im, d_turn_re, d_turn_im;
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_FADING_H */
