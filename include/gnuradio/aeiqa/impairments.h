/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_IMPAIRMENTS_H
#define INCLUDED_AEIQA_IMPAIRMENTS_H

#include <gnuradio/aeiqa/api.h>
#include <gnuradio/block.h>
#include <cstdint>
#include <limits>

namespace gr {
namespace aeiqa {

/*!
 * \brief Impairments that two radios add to a signal, besides noise and fading.
 * \ingroup aeiqa
 *
 * Input and output: samples. In this order: transmit amplifier (clip), delay, receive
 * clock (sampling_offset_ppm), oscillators (frequency_offset, phase_noise), receive mixer
 * (iq_gain_db, iq_phase_deg), gain. Tags pass only while delay and sampling offset are 0.
 */
class AEIQA_API impairments : virtual public gr::block
{
public:
    typedef std::shared_ptr<impairments> sptr;

    /*!
     * \param frequency_offset frequency offset of the receiver, -0.5 to 0.5; times the
     * number of subcarriers, in subcarriers (cycles per sample)
     * \param sampling_offset_ppm excess speed of the receive clock, -10000 to 10000 (ppm)
     * \param phase_noise linewidth of the oscillators over the sample rate, a Wiener
     * process; 0 to 0.1 (linewidth over sample rate)
     * \param iq_gain_db gain of Q over I in the receive mixer, -20 to 20 (dB)
     * \param iq_phase_deg deviation of I and Q from a right angle, -45 to 45 (degrees)
     * \param clip amplitude to which the transmit amplifier limits, more than 0;
     * float("inf") for none (amplitude). The mean amplitude of our OFDM signals is about
     * 0.9
     * \param delay silence in front, 0 to 1000000 (samples)
     * \param gain_db gain at the end, -200 to 200 (dB)
     * \param seed seed of the phase noise, 0 to 2^64 - 1
     * \throws std::invalid_argument on any other value
     */
    static sptr make(double frequency_offset = 0.0,
                     double sampling_offset_ppm = 0.0,
                     double phase_noise = 0.0,
                     double iq_gain_db = 0.0,
                     double iq_phase_deg = 0.0,
                     double clip = std::numeric_limits<double>::infinity(),
                     uint64_t delay = 0,
                     double gain_db = 0.0,
                     uint64_t seed = 1);
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_IMPAIRMENTS_H */
