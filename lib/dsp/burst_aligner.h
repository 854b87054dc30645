/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_BURST_ALIGNER_H
#define INCLUDED_AEIQA_DSP_BURST_ALIGNER_H

#include "carrier_plan.h"
#include "ofdm.h"
#include "training_fit.h"
#include <complex>
#include <cstddef>
#include <optional>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief Finds by their training symbol how far bursts stand from their tags.
 *
 * For each burst check() at its tag; unless that says that it fits, search(). Then the
 * burst's OFDM symbols begin offset() samples behind those that the tag announces. A
 * burst that is on time is never touched; one that was moved is read so that its
 * strongest path falls a quarter of the prefix behind the DFT's start, with room for an
 * interpolator's paths in front and the channel's behind. A burst whose training does not
 * show is read as the last one was.
 */
class burst_aligner
{
public:
    burst_aligner(int fft_len, int cp_len);

    //! Whether the prefix is long enough, and leaves enough of the symbol, to tell.
    bool is_possible() const { return d_fit.is_possible(); }

    //! Samples in front of a tag and behind it in which a burst may begin.
    size_t reach() const { return d_reach; }

    //! Forget earlier bursts.
    void restart();

    //! Whether the burst need not be searched. \p at its tag's sample; one OFDM symbol
    //! behind offset() is looked at.
    bool check(const std::complex<float>* at);

    /*!
     * Look for the burst that check() did not find.
     * \param at its tag's sample, with reach() samples in front
     * \param after samples from it on, at least an OFDM symbol
     * \return whether the offset has changed
     */
    bool search(const std::complex<float>* at, size_t after);

    //! Samples from where the tag announces the burst to where it is read.
    int offset() const { return d_offset; }

    //! Samples from where the tag announces the burst to its strongest path.
    int path() const { return d_offset + (d_offset == 0 ? 0 : d_margin); }

private:
    const std::complex<float>* taps_at(const std::complex<float>* symbol);
    bool confirms(const std::complex<float>* at, int offset, size_t after);
    std::optional<int> strongest_path(const std::complex<float>* at, size_t after);

    const int d_fft_len, d_symbol_len, d_margin;
    const int d_furthest; // further in front the prefix is taken for the symbol's end
    const size_t d_reach;
    const std::vector<std::complex<float>> d_training;
    ofdm_demodulator d_demodulator;
    unitary_dft d_to_taps;
    std::vector<std::complex<float>> d_carriers, d_taps; // scratch
    training_fit d_fit;
    training_fit::verdict d_verdict = training_fit::verdict::fits;
    int d_offset = 0;
    bool d_first = true; // burst of the run, which silence in front may make look on time
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_BURST_ALIGNER_H */
