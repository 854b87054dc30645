/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_FRAME_LAYOUT_H
#define INCLUDED_AEIQA_DSP_FRAME_LAYOUT_H

#include <complex>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

//! \throws std::invalid_argument unless a multiple of 8 from 8 to 8192: the data of an
//! OFDM symbol then is a whole number of bytes in every modulation.
void check_fft_len(int fft_len);

//! \throws std::invalid_argument unless 0 <= cp_len <= fft_len.
void check_cp_len(int cp_len, int fft_len);

/*!
 * \brief Positions of the training symbols in an image's burst.
 *
 * A group of training symbols opens the burst; with a period P another group follows
 * every P data symbols, as long as data follow.
 */
class frame_layout
{
public:
    //! \throws std::invalid_argument on negative counts, or a period without training.
    frame_layout(int training_symbols, int training_period);

    //! True if OFDM symbol \p index of the burst is training.
    bool is_training(uint64_t index) const;

    //! True if it is the last of its group: the estimate can be made.
    bool ends_training(uint64_t index) const;

    //! OFDM symbols of a burst that carries \p data_symbols; UINT64_MAX if they are that
    //! many or more.
    uint64_t burst_symbols(uint64_t data_symbols) const;

    uint64_t training_symbols() const { return d_training; }

private:
    uint64_t position_in_group(uint64_t index) const;

    uint64_t d_training;
    uint64_t d_period;
};

/*!
 * \brief The training symbol: a Zadoff-Chu sequence of root 1 over all carriers.
 *
 * |X_k| = 1, so least squares weighs all carriers alike, and the time signal has constant
 * envelope. Chu, "Polyphase codes with good periodic correlation properties", 1972.
 */
std::vector<std::complex<float>> training_symbol(size_t fft_len);

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_FRAME_LAYOUT_H */
