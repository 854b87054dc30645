/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "runtime_settings.h"
#include <stdexcept>

namespace gr {
namespace aeiqa {

const pmt::pmt_t& cmd_port()
{
    static const pmt::pmt_t port = pmt::mp("cmd");
    return port;
}

setting_changes read_cmd(const pmt::pmt_t& message)
{
    setting_changes changes;
    const auto add = [&](const pmt::pmt_t& pair) {
        if (!pmt::is_pair(pair) || !pmt::is_symbol(pmt::car(pair)))
            throw std::invalid_argument(
                "cmd must be a dict or a pair of a setting's name and value, got " +
                pmt::write_string(message));
        changes.emplace_back(pmt::symbol_to_string(pmt::car(pair)), pmt::cdr(pair));
    };
    // A pair of a name and a value is what GNU Radio's GUI blocks send.
    if (!pmt::is_pair(message) || pmt::is_symbol(pmt::car(message)))
        add(message);
    else
        for (pmt::pmt_t rest = message; pmt::is_pair(rest); rest = pmt::cdr(rest))
            add(pmt::car(rest));
    return changes;
}

double number_setting(const std::string& name, const pmt::pmt_t& value)
{
    if (!pmt::is_real(value) && !pmt::is_integer(value))
        throw std::invalid_argument(name + " must be a number, got " +
                                    pmt::write_string(value));
    return pmt::to_double(value);
}

std::string word_setting(const std::string& name, const pmt::pmt_t& value)
{
    if (!pmt::is_symbol(value))
        throw std::invalid_argument(name + " must be a word, got " +
                                    pmt::write_string(value));
    return pmt::symbol_to_string(value);
}

} // namespace aeiqa
} // namespace gr
