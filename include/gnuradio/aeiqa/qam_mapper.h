/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_QAM_MAPPER_H
#define INCLUDED_AEIQA_QAM_MAPPER_H

#include <gnuradio/aeiqa/api.h>
#include <gnuradio/block.h>
#include <complex>
#include <cstdint>
#include <string>
#include <vector>

namespace gr {
namespace aeiqa {

/*!
 * \brief Maps each image's bytes onto OFDM symbols of M-QAM points and adds training.
 * \ingroup aeiqa
 *
 * Input: bytes, framed by `img` tags. Output: vectors of fft_len points, one OFDM symbol
 * each, carriers in DFT order, unit mean symbol energy. The last OFDM symbol of an image
 * is padded with silent carriers. The `img` tag gains `symbols`, the OFDM symbols of the
 * image's burst. Bytes outside an image are dropped.
 */
class AEIQA_API qam_mapper : virtual public gr::block
{
public:
    typedef std::shared_ptr<qam_mapper> sptr;

    /*!
     * \param fft_len subcarriers of an OFDM symbol; from 8 to 8192, a multiple of 8
     * \param modulation points that a data subcarrier takes: bpsk, qpsk, qam16, qam64,
     * qam256, qam1024
     * \param labels bit labels of the points, in the paper natural: gray, natural
     * \param training_symbols known symbols in front of each image; 0 or more
     * (Zadoff-Chu, equal power on all subcarriers) (OFDM symbols)
     * \param training_period data from one training to the next, 0: there is no other; 0
     * or more (data symbols)
     * \param reveal_first_symbol put the image's first data symbol into the tag, as
     * "known_symbol", for a receiver that is supposed to know it; goes with
     * training_symbols = 0
     * \throws std::invalid_argument on any other value
     */
    static sptr make(int fft_len = 64,
                     const std::string& modulation = "qam16",
                     const std::string& labels = "gray",
                     int training_symbols = 1,
                     int training_period = 0,
                     bool reveal_first_symbol = false);

    //! Point of each label.
    virtual std::vector<std::complex<float>> points() const = 0;

    virtual uint64_t refused_tags() const = 0; //!< `img` tags it could not use
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_QAM_MAPPER_H */
