/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_HEADER_RECEIVER_H
#define INCLUDED_AEIQA_DSP_HEADER_RECEIVER_H

#include "delay_subspace_projection.h"
#include "frame_detector.h"
#include "ofdm.h"
#include "ofdm_frame.h"
#include "phase_tracker.h"
#include <complex>
#include <optional>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief Reads the header of a frame found by the detector.
 *
 * The channel comes from the training symbols. From symbol to symbol the rest of the
 * frequency offset is followed by the pilots and by the header's own BPSK decisions; the
 * soft values Re(y conj(h)) go to the decoder. Once the header is known, so are all its
 * points: they tell the frequency more exactly, and the noise, and are training as well.
 */
class header_receiver
{
public:
    explicit header_receiver(const ofdm_frame& format);

    struct result {
        frame_header header;
        double omega; //!< frequency offset, radians a sample
        double drift; //!< of the slope over the carriers, radians a carrier and symbol
        double phase_gain; //!< of pilots by which the payload's phase is followed best
        double snr_db;     //!< Es/N0
        //! Frequencies of carriers with far more noise than most, radians a sample.
        std::vector<double> noisy;
        //! Training and header, frequency corrected; see known_symbols().
        std::vector<std::complex<float>> training;
    };

    //! \return nothing if there is no header that its CRC confirms
    std::optional<result> read(const frame_detector& from, frame_detector::hit at);

private:
    void demodulate(const frame_detector& from, frame_detector::hit at);
    void follow();
    struct rates {
        double phase, slope; // radians, and radians a carrier, from symbol to symbol
    };
    rates fit_rates(const std::vector<float>& points, double noise);
    double phase_gain(double rate, double noise) const;
    struct powers {
        double noise, signal;      // of a carrier
        std::vector<size_t> noisy; // carriers
    };
    powers measure(const std::vector<float>& points);
    std::vector<std::complex<float>>
    known_symbols(const std::vector<float>& points, double residual, double drift);
    const std::complex<float>* symbol(size_t s) const
    {
        return &d_carriers[s * d_format.plan().fft_len()];
    }

    ofdm_frame d_format;
    unitary_dft d_dft;
    ofdm_modulator d_modulator;
    phase_tracker d_tracker;
    derotator d_turns; // at the occupied carriers
    delay_subspace_projection d_projection;
    std::vector<std::complex<float>> d_samples, d_carriers, d_response;
    std::vector<float> d_soft;
    std::vector<double> d_phase, d_slope; // followed, of each header symbol
    std::vector<double> d_measured;       // phase, its points known
    std::vector<double> d_noise;          // of each carrier
    std::vector<size_t> d_unused;         // carriers
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_HEADER_RECEIVER_H */
