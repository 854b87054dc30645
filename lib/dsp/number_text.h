/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef AEIQA_DSP_NUMBER_TEXT_H
#define AEIQA_DSP_NUMBER_TEXT_H

#include <charconv>
#include <string>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * A number for a message, as short as it can be without another number being meant.
 *
 * std::to_string() writes the decimal point of the process's locale, which Qt sets to the
 * user's, and six digits whatever the number is.
 */
inline std::string number_text(double value)
{
    char text[32];
    return std::string(text, std::to_chars(text, text + sizeof(text), value).ptr);
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* AEIQA_DSP_NUMBER_TEXT_H */
