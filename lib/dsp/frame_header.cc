/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "frame_header.h"
#include <boost/crc.hpp>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

constexpr uint64_t max_image_bytes = uint64_t(1) << 30;
constexpr uint16_t no_label = 0xffff;

// Big-endian fields one after the other.
class writer
{
public:
    explicit writer(uint8_t* to) : d_to(to) {}
    void put(uint32_t value, unsigned bytes)
    {
        while (bytes-- > 0)
            *d_to++ = static_cast<uint8_t>(value >> (8 * bytes));
    }

private:
    uint8_t* d_to;
};

class reader
{
public:
    explicit reader(const uint8_t* from) : d_from(from) {}
    uint32_t get(unsigned bytes)
    {
        uint32_t value = 0;
        while (bytes-- > 0)
            value = value << 8 | *d_from++;
        return value;
    }

private:
    const uint8_t* d_from;
};

} // namespace

uint32_t crc32(const uint8_t* data, size_t n)
{
    boost::crc_32_type crc;
    crc.process_bytes(data, n);
    return crc.checksum();
}

std::string modulation_name(unsigned bits)
{
    switch (bits) {
    case 1:
        return "bpsk";
    case 2:
        return "qpsk";
    case 4:
    case 6:
    case 8:
    case 10:
        return "qam" + std::to_string(1u << bits);
    default:
        return "";
    }
}

std::array<uint8_t, frame_header::bytes> frame_header::pack() const
{
    std::array<uint8_t, bytes> packed;
    writer out(packed.data());
    out.put(version << 4 | bits, 1);
    out.put((gray ? 0x80u : 0u) | (columns ? 0x40u : 0u) | copy << 3 | (copies - 1), 1);
    out.put(stream, 2);
    out.put(sequence, 2);
    out.put(index, 4);
    out.put(rows - 1, 2);
    out.put(cols - 1, 2);
    out.put(channels - 1, 1);
    out.put(offset, 4);
    out.put(label < 0 ? no_label : static_cast<uint32_t>(label), 2);
    out.put(payload_crc, 4);
    out.put(crc32(packed.data(), bytes - 4), 4);
    return packed;
}

std::optional<frame_header> frame_header::unpack(const std::array<uint8_t, bytes>& packed)
{
    reader in(packed.data());
    frame_header header;
    const uint32_t kind = in.get(1);
    const uint32_t flags = in.get(1);
    header.bits = kind & 0xfu;
    header.gray = flags & 0x80u;
    header.columns = flags & 0x40u;
    header.copy = flags >> 3 & 7u;
    header.copies = (flags & 7u) + 1;
    header.stream = static_cast<uint16_t>(in.get(2));
    header.sequence = static_cast<uint16_t>(in.get(2));
    header.index = in.get(4);
    header.rows = in.get(2) + 1;
    header.cols = in.get(2) + 1;
    header.channels = in.get(1) + 1;
    header.offset = in.get(4);
    const uint32_t label = in.get(2);
    header.label = label == no_label ? -1 : static_cast<int>(label);
    header.payload_crc = in.get(4);
    const bool right = in.get(4) == crc32(packed.data(), bytes - 4);
    if (!right || kind >> 4 != version || modulation_name(header.bits).empty() ||
        header.copy >= header.copies || header.image_bytes() > max_image_bytes ||
        header.offset >= header.image_bytes())
        return std::nullopt;
    return header;
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
