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
 * \brief What two radios do to a signal, besides noise and fading.
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
     * \param frequency_offset of the receiver, cycles a sample, -0.5 to 0.5: in carriers
     * over fft_len
     * \param sampling_offset_ppm by which the receive clock is faster, -10000 to 10000
     * \param phase_noise linewidth of a Wiener process over the sample rate, 0 to 0.1
     * \param iq_gain_db gain of Q over I in the receive mixer, -20 to 20
     * \param iq_phase_deg deviation of the two from a right angle, -45 to 45
     * \param clip amplitude to which the transmit amplifier limits; inf: none
     * \param delay samples of silence in front, 0 to 1e6
     * \param gain_db -200 to 200
     * \param seed of the phase noise
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
