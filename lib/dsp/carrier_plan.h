/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_CARRIER_PLAN_H
#define INCLUDED_AEIQA_DSP_CARRIER_PLAN_H

#include "scrambler.h"
#include <complex>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * Data and pilot carriers of the usual plans, signed frequencies: at 64 carriers those of
 * IEEE 802.11a (17.3.5.9), -26 ... 26 without 0, pilots at +-7 and +-21; at 32 and 128
 * carriers half and twice as many, with pilots 14 carriers apart as well.
 * \throws std::invalid_argument on any other fft_len
 */
std::pair<std::vector<int>, std::vector<int>> default_carriers(int fft_len);

/*!
 * \brief Data subcarriers, pilots and unused carriers of an OFDM symbol.
 *
 * Carriers are given as signed frequencies, -fft_len/2 ... fft_len/2 - 1, 0 being DC,
 * and kept in the DFT's order (0 ... fft_len - 1). Data fill them by rising frequency.
 */
class carrier_plan
{
public:
    //! All subcarriers carry data, in DFT order; no pilots: the simulated link.
    explicit carrier_plan(int fft_len);

    /*!
     * \throws std::invalid_argument unless all lie within the symbol, none is given
     * twice, the number of data carriers is a positive multiple of 8 (data of a symbol
     * then is a whole number of bytes in every modulation) and there is a pilot on both
     * sides of DC, or none at all.
     */
    carrier_plan(int fft_len, std::vector<int> data, std::vector<int> pilots);

    size_t fft_len() const { return d_fft_len; }
    const std::vector<size_t>& data() const { return d_data; }     //!< DFT indices
    const std::vector<size_t>& pilots() const { return d_pilots; } //!< DFT indices
    bool is_full() const { return d_full; }

    //! Data and pilot carriers by rising frequency, as DFT indices.
    const std::vector<size_t>& occupied() const { return d_occupied; }

    //! Signed frequency of a DFT index, in carriers.
    int frequency(size_t index) const
    {
        return static_cast<int>(index) -
               (index >= (d_fft_len + 1) / 2 ? static_cast<int>(d_fft_len) : 0);
    }

    /*!
     * Training symbol: of a full plan the Zadoff-Chu sequence of frame_layout.h; else the
     * occupied carriers by rising frequency carry 1 - 2 b[1000], 1 - 2 b[1001], ... of
     * the pseudo-random bits b, the others 0.
     */
    const std::vector<std::complex<float>>& training() const { return d_training; }

    //! Value, +1 or -1, of pilot \p m of symbol \p s behind the training symbols:
    //! 1 - 2 b[(s pilots + m) mod 32767].
    float pilot(uint64_t s, size_t m) const
    {
        return d_signs[(s * d_pilots.size() + m) % pseudo_random_period];
    }

private:
    size_t d_fft_len;
    bool d_full;
    std::vector<size_t> d_data, d_pilots, d_occupied;
    std::vector<std::complex<float>> d_training;
    const float* d_signs; // a period of 1 - 2 b, of all plans
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_CARRIER_PLAN_H */
