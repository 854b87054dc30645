/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_FRAME_HEADER_H
#define INCLUDED_AEIQA_DSP_FRAME_HEADER_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace gr {
namespace aeiqa {
namespace dsp {

//! Content of a frame's header; docs/air.md has the layout.
struct frame_header {
    static constexpr size_t bytes = 29;
    static constexpr unsigned version = 1;

    unsigned bits = 2;     //!< of a payload point: 1, 2, 4, 6, 8 or 10
    bool gray = true;      //!< labels of the points, else natural
    bool columns = false;  //!< bytes of the image by columns, else raster
    unsigned copy = 0;     //!< which copy of the image this belongs to ...
    unsigned copies = 1;   //!< ... of how many, 1 to 8
    uint16_t stream = 0;   //!< drawn by the transmitter when it starts
    uint16_t sequence = 0; //!< of the frame in the stream, modulo 2^16
    uint32_t index = 0;    //!< of the image in the stream
    uint32_t rows = 0, cols = 0, channels = 0;
    uint32_t offset = 0;      //!< of the payload's first byte in the image
    int label = -1;           //!< class of the image, -1 if unknown
    uint32_t payload_crc = 0; //!< CRC-32 of the payload's bytes, before scrambling

    //! Bytes of the whole image.
    uint64_t image_bytes() const { return static_cast<uint64_t>(rows) * cols * channels; }

    //! With its own CRC-32 behind.
    std::array<uint8_t, bytes> pack() const;

    //! Nothing if the CRC is wrong or a field is invalid.
    static std::optional<frame_header> unpack(const std::array<uint8_t, bytes>& packed);
};

//! Name of the modulation of so many bits a point; empty if there is none.
std::string modulation_name(unsigned bits);

//! CRC-32 as in IEEE 802.3 and zlib.
uint32_t crc32(const uint8_t* data, size_t n);

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_FRAME_HEADER_H */
