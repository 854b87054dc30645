/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_DELAY_SUBSPACE_PROJECTION_H
#define INCLUDED_AEIQA_DSP_DELAY_SUBSPACE_PROJECTION_H

#include "carrier_plan.h"
#include <complex>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief Takes out of a channel estimate what no impulse response of so many taps makes.
 *
 * The estimate on the occupied carriers is projected onto the space of the transforms of
 * taps first ... first + n_taps - 1; of white noise the share share() stays. For a full
 * plan this is the truncation of the impulse response; for others the truncation would
 * need the carriers that are missing.
 */
class delay_subspace_projection
{
public:
    //! \p first may be negative: paths before the transform's window.
    delay_subspace_projection(const carrier_plan& plan, int first, int n_taps);

    //! Dimension of the space over the number of occupied carriers.
    double share() const
    {
        return static_cast<double>(d_basis.size()) /
               static_cast<double>(d_occupied.size());
    }

    //! \p response in DFT order, the occupied carriers of which are replaced.
    void apply(std::complex<float>* response) const;

private:
    std::vector<size_t> d_occupied;
    std::vector<std::vector<std::complex<float>>> d_basis; // orthonormal
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_DELAY_SUBSPACE_PROJECTION_H */
