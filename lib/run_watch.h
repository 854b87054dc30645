/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_RUN_WATCH_H
#define INCLUDED_AEIQA_RUN_WATCH_H

#include <gnuradio/block.h>
#include <gnuradio/block_detail.h>
#include <memory>

namespace gr {
namespace aeiqa {

/*!
 * \brief Tells a block whether it starts anew or goes on after lock() and unlock().
 *
 * Unlocking stops all blocks, empties all buffers, drops their tags, and begins to count
 * items from 0 before it starts the blocks again. So no block may take what it numbers or
 * where it cuts from nitems_read() or nitems_written(); and what comes after start()
 * does not follow on what came before.
 */
class run_watch
{
public:
    //! To be asked once in each start().
    bool resumes(const gr::block& block)
    {
        // A new run connects the blocks anew; unlocking keeps what stays connected.
        const bool same = !d_latest.expired() && d_latest.lock() == block.detail();
        d_latest = block.detail();
        return same;
    }

private:
    std::weak_ptr<gr::block_detail> d_latest;
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_RUN_WATCH_H */
