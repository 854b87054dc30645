/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fragment_store.h"
#include <algorithm>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

constexpr uint64_t page_nbytes = 1 << 14;

} // namespace

fragment_store::fragment_store(uint64_t image_nbytes, uint64_t fragment_nbytes)
    : d_image_nbytes(image_nbytes),
      d_fragment_nbytes(fragment_nbytes),
      d_count(image_nbytes / fragment_nbytes + (image_nbytes % fragment_nbytes > 0)),
      d_per_page(std::min(d_count, std::max<uint64_t>(1, page_nbytes / fragment_nbytes)))
{
}

uint64_t fragment_store::size_of(uint64_t at) const
{
    return std::min(d_fragment_nbytes, d_image_nbytes - at * d_fragment_nbytes);
}

fragment_status fragment_store::status(uint64_t at) const
{
    const auto found = d_pages.find(at / d_per_page);
    return found == d_pages.end() ? fragment_status::lost
                                  : found->second.status[at % d_per_page];
}

void fragment_store::put(
    uint64_t at, const uint8_t* bytes, size_t n, bool right, double snr_db)
{
    const auto known = status(at);
    if (known == fragment_status::ok || (n == 0 && !right))
        return;
    const auto snr = static_cast<float>(snr_db);
    page& its = d_pages[at / d_per_page];
    const size_t i = at % d_per_page;
    if (known == fragment_status::damaged) {
        if (!right &&
            (n < its.nbytes[i] || (n == its.nbytes[i] && !(snr > its.snr_db[i]))))
            return;
        d_covered -= its.nbytes[i];
        d_damaged--;
    }
    its.status.resize(d_per_page, fragment_status::lost);
    const size_t from = i * d_fragment_nbytes;
    its.bytes.resize(std::max(its.bytes.size(), from + n));
    std::copy_n(bytes, n, its.bytes.begin() + static_cast<std::ptrdiff_t>(from));
    its.status[i] = right ? fragment_status::ok : fragment_status::damaged;
    d_covered += n;
    if (right) {
        d_right++;
        return;
    }
    d_damaged++;
    its.nbytes.resize(d_per_page);
    its.snr_db.resize(d_per_page);
    its.nbytes[i] = static_cast<uint32_t>(n);
    its.snr_db[i] = snr;
}

void fragment_store::take(std::vector<uint8_t>& bytes, std::vector<image_part>& parts)
{
    bytes.clear();
    bytes.reserve(d_covered);
    parts.clear();
    bool joins = false; // the last part goes on where the next fragment begins
    for (auto& [number, its] : d_pages) {
        for (size_t i = 0; i < its.status.size(); i++) {
            const auto status = its.status[i];
            if (status == fragment_status::lost)
                continue;
            const uint64_t at = number * d_per_page + i;
            const uint64_t offset = at * d_fragment_nbytes, size = size_of(at);
            const uint64_t n = status == fragment_status::ok ? size : its.nbytes[i];
            const auto from =
                its.bytes.begin() + static_cast<std::ptrdiff_t>(i * d_fragment_nbytes);
            bytes.insert(bytes.end(), from, from + static_cast<std::ptrdiff_t>(n));
            if (joins && parts.back().status == status &&
                parts.back().offset + parts.back().nbytes == offset)
                parts.back().nbytes += n;
            else
                parts.push_back({ offset, n, status });
            joins = n == size;
        }
        its = page{}; // as it is taken, so that nothing is held twice
    }
    *this = fragment_store();
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
