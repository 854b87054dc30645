/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_OFDM_H
#define INCLUDED_AEIQA_DSP_OFDM_H

#include <fftw3.h>
#include <type_traits>
#include <complex>
#include <cstddef>
#include <memory>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief Unitary DFT: both directions keep the energy, sum |X|^2 = sum |x|^2.
 *
 * FFTW planned without measuring, since a measured plan may differ, and round
 * differently, from one run to the next.
 */
class unitary_dft
{
public:
    enum class direction { forward, inverse };

    unitary_dft(size_t length, direction way);
    ~unitary_dft();
    unitary_dft(const unitary_dft&) = delete;
    unitary_dft& operator=(const unitary_dft&) = delete;

    size_t length() const { return d_length; }

    //! Transform \p in into \p out, which must not overlap.
    void transform(const std::complex<float>* in, std::complex<float>* out);

private:
    size_t d_length;
    float d_scale;
    std::complex<float>* d_in;
    std::complex<float>* d_out;
    std::shared_ptr<std::remove_pointer_t<fftwf_plan>> d_plan;
};

//! OFDM modulation of one symbol: unitary inverse DFT, cyclic prefix in front.
class ofdm_modulator
{
public:
    //! \throws std::invalid_argument on an unusable fft_len or cp_len.
    ofdm_modulator(int fft_len, int cp_len);

    //! fft_len carriers in DFT order to cp_len + fft_len samples.
    void modulate(const std::complex<float>* carriers, std::complex<float>* samples);

private:
    size_t d_cp_len;
    unitary_dft d_dft;
};

//! OFDM demodulation of one symbol: drops the cyclic prefix, unitary DFT.
class ofdm_demodulator
{
public:
    //! \throws std::invalid_argument on an unusable fft_len or cp_len.
    ofdm_demodulator(int fft_len, int cp_len);

    //! cp_len + fft_len samples to fft_len carriers in DFT order.
    void demodulate(const std::complex<float>* samples, std::complex<float>* carriers);

private:
    size_t d_cp_len;
    unitary_dft d_dft;
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_OFDM_H */
