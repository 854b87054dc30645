/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_FRAGMENT_STORE_H
#define INCLUDED_AEIQA_DSP_FRAGMENT_STORE_H

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

enum class fragment_status : uint8_t { lost = 0, ok = 1, damaged = 2 };

//! Bytes that came and lie one behind the other in the image, of fragments of one status.
struct image_part {
    uint64_t offset = 0; //!< in the image, where a fragment begins
    uint64_t nbytes = 0;
    fragment_status status = fragment_status::lost;
};

/*!
 * \brief The fragments of one image that have come so far.
 *
 * All fragments are of the same size, but for the last. Memory grows with the bytes that
 * come, not with the size that a header claims: fragments lie in pages, each made when
 * the first of its fragments comes.
 */
class fragment_store
{
public:
    fragment_store() = default;

    //! \param image_nbytes of the whole image
    //! \param fragment_nbytes of each fragment, both 1 or more
    fragment_store(uint64_t image_nbytes, uint64_t fragment_nbytes);

    uint64_t count() const { return d_count; } //!< fragments of the image
    uint64_t fragment_nbytes() const { return d_fragment_nbytes; }
    bool all_right() const { return d_right == d_count; }
    bool any_damaged() const { return d_damaged > 0; }
    uint64_t covered() const { return d_covered; } //!< bytes that have come

    //! Of fragment \p at, less than count().
    fragment_status status(uint64_t at) const;

    /*!
     * Keeps the first \p n bytes of fragment \p at, unless what has come of it before is
     * better: right; or more; or as much at a higher SNR.
     */
    void put(uint64_t at, const uint8_t* bytes, size_t n, bool right, double snr_db);

    //! Hands over what has come, in the order of the image; the store is empty then.
    void take(std::vector<uint8_t>& bytes, std::vector<image_part>& parts);

private:
    struct page {
        std::vector<uint8_t> bytes; // as far as they have come
        std::vector<fragment_status> status;
        // Of damaged fragments, which may be cut; empty while there is none.
        std::vector<uint32_t> nbytes;
        std::vector<float> snr_db;
    };

    uint64_t size_of(uint64_t at) const;

    uint64_t d_image_nbytes = 0, d_fragment_nbytes = 1, d_count = 0;
    uint64_t d_per_page = 1;
    uint64_t d_right = 0, d_damaged = 0, d_covered = 0;
    std::map<uint64_t, page> d_pages; // by number of the page
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_FRAGMENT_STORE_H */
