/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_SIMD_RESULTS_H
#define INCLUDED_AEIQA_DSP_SIMD_RESULTS_H

#include <map>
#include <string>

namespace gr {
namespace aeiqa {
namespace dsp {

//! The bits that each function which simd.h compiles several times computes from seeded
//! input, at several lengths and alignments. For qa_simd.cc.
//! \return bits by name of the case
std::map<std::string, std::string> simd_results();

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_SIMD_RESULTS_H */
