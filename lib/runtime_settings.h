/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_RUNTIME_SETTINGS_H
#define INCLUDED_AEIQA_RUNTIME_SETTINGS_H

#include "make_named.h"
#include <gnuradio/logger.h>
#include <pmt/pmt.h>
#include <atomic>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace gr {
namespace aeiqa {

//! Names and their new values.
using setting_changes = std::vector<std::pair<std::string, pmt::pmt_t>>;

//! Port on which a block takes settings: dicts of name to value, or single pairs.
const pmt::pmt_t& cmd_port();

//! Settings that a message on that port asks for. \throws std::invalid_argument
setting_changes read_cmd(const pmt::pmt_t& message);

//! \throws std::invalid_argument if \p value is no real number.
double number_setting(const std::string& name, const pmt::pmt_t& value);

//! \throws std::invalid_argument if \p value is no symbol.
std::string word_setting(const std::string& name, const pmt::pmt_t& value);

/*!
 * \brief Settings that any thread may change while the block runs, and that take effect
 * from one image to the next.
 */
template <typename Settings>
class runtime_settings
{
public:
    //! Sets one field by its name; throws std::invalid_argument if it is invalid.
    using setter = void (*)(Settings&, const std::string& name, const pmt::pmt_t& value);

    runtime_settings(const char* block, Settings first, setter set)
        : d_block(block), d_set(set), d_latest(std::move(first))
    {
    }

    Settings latest() const
    {
        std::lock_guard<std::mutex> lock(d_mutex);
        return d_latest;
    }

    //! All changes at the same image, or none of them: \throws std::invalid_argument
    void change(const setting_changes& changes)
    {
        make_named(d_block, [&] {
            std::lock_guard<std::mutex> lock(d_mutex);
            Settings changed = d_latest;
            for (const auto& [name, value] : changes)
                d_set(changed, name, value);
            d_latest = std::move(changed);
            for (const auto& [name, value] : changes)
                d_news = pmt::dict_add(d_news, pmt::intern(name), value);
            d_changed.store(true, std::memory_order_release);
        });
    }

    //! The same by message. Invalid values are logged, since nobody could
    //! catch an exception.
    void follow(const pmt::pmt_t& message, const gr::logger_ptr& logger)
    {
        try {
            change(read_cmd(message));
        } catch (const std::invalid_argument& error) {
            logger->error("message on cmd not followed: {}", error.what());
        }
    }

    /*!
     * At the start of an image: the settings from now on, if any are new.
     * \return what has changed, for the `setting` tag; nil if nothing has
     */
    pmt::pmt_t take(Settings& now)
    {
        // Images come every few microseconds, changes every few seconds.
        if (!d_changed.load(std::memory_order_acquire))
            return pmt::PMT_NIL;
        std::lock_guard<std::mutex> lock(d_mutex);
        d_changed.store(false, std::memory_order_relaxed);
        now = d_latest;
        return std::exchange(d_news, pmt::make_dict());
    }

private:
    const char* const d_block;
    const setter d_set;
    std::atomic<bool> d_changed{ false };
    mutable std::mutex d_mutex; // guards the others
    Settings d_latest;
    pmt::pmt_t d_news = pmt::make_dict();
};

} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_RUNTIME_SETTINGS_H */
