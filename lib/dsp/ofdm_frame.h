/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_OFDM_FRAME_H
#define INCLUDED_AEIQA_DSP_OFDM_FRAME_H

#include "carrier_plan.h"
#include "constellation.h"
#include "convolutional_code.h"
#include "frame_header.h"
#include <complex>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief An air frame's symbols: two for synchronisation, training, header, payload.
 *
 * Of a fixed length, whatever the payload's modulation. docs/air.md has the format.
 */
class ofdm_frame
{
public:
    static constexpr size_t sync_symbols = 2;

    //! \throws std::invalid_argument naming the invalid setting.
    ofdm_frame(carrier_plan plan, int cp_len, int training_symbols, int payload_symbols);

    const carrier_plan& plan() const { return d_plan; }
    size_t cp_len() const { return d_cp_len; }
    size_t symbol_len() const { return d_plan.fft_len() + d_cp_len; }
    size_t training_symbols() const { return d_training; }
    size_t header_symbols() const { return d_header; }
    size_t payload_symbols() const { return d_payload; }
    size_t symbols() const { return sync_symbols + d_training + d_header + d_payload; }

    //! Bytes that one payload symbol of \p bits a point holds, and all of a frame's.
    size_t symbol_bytes(unsigned bits) const { return d_plan.data().size() / 8 * bits; }
    size_t payload_bytes(unsigned bits) const { return d_payload * symbol_bytes(bits); }

    //! Carriers of the synchronisation symbols, every fourth; see docs/air.md.
    const std::vector<std::complex<float>>& sync() const { return d_sync; }

    /*!
     * All symbols() of a frame.
     * \param payload \p n bytes, at most payload_bytes(header.bits); zeros fill it up
     * \param carriers symbols() times fft_len points, in DFT order
     */
    void build(frame_header header,
               const uint8_t* payload,
               size_t n,
               std::complex<float>* carriers) const;

    //! Points, +1 or -1, of the data carriers of all header symbols.
    std::vector<float> header_points(const frame_header& header) const;

    /*!
     * The other way round.
     * \param soft for each of these points, in proportion to their log-likelihood ratio
     * \return nothing if its CRC is wrong, or it cannot be a frame's of this format
     */
    std::optional<frame_header> read_header(const float* soft);

private:
    const constellation& points(unsigned bits, bool gray) const;
    void put_pilots(size_t symbol, std::complex<float>* carriers) const;

    carrier_plan d_plan;
    size_t d_cp_len, d_training, d_header, d_payload;
    convolutional_code d_code;
    std::vector<std::complex<float>> d_sync;
    std::vector<size_t> d_place;    // of each coded bit among the header's points
    std::vector<float> d_whitening; // sign of each header point
    mutable std::map<std::pair<unsigned, bool>, constellation> d_points; // as needed
    mutable std::vector<std::complex<float>> d_mapped;                   // scratch
    mutable std::vector<uint8_t> d_filled, d_scrambling;                 // scratch
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_OFDM_FRAME_H */
