/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks.h"
#include <gnuradio/aeiqa/receiver_counters.h>
#include <string>

namespace py = pybind11;
using gr::aeiqa::all_receiver_counters;
using gr::aeiqa::receiver_counters;

namespace {

std::string text_of(const receiver_counters& counters)
{
    std::string text;
    for (const auto& counter : all_receiver_counters)
        if (const uint64_t value = counters.*counter.member)
            text += (text.empty() ? " " : ", ") + std::string(counter.name) + " " +
                    std::to_string(value);
    return "<receiver_counters:" + (text.empty() ? " all 0" : text) + ">";
}

py::dict dict_of(const receiver_counters& counters)
{
    py::dict result;
    for (const auto& counter : all_receiver_counters)
        result[counter.name] = counters.*counter.member;
    return result;
}

} // namespace

void bind_counters(py::module& m)
{
    py::class_<receiver_counters> counters(
        m, "receiver_counters", R"(Counters of a receiver of frames.

frame_sync counts samples, headers and frames, image_sink payloads and images; each leaves the
other's counts 0, and the sum of the two is the receiver's.)");
    counters.def(py::init<>())
        .def("as_dict", &dict_of, "All counts by their names.")
        .def(
            "__add__",
            [](const receiver_counters& a, const receiver_counters& b) { return a + b; },
            py::arg("other"),
            py::is_operator(),
            "Counts of two blocks, or receivers, together.")
        .def("__repr__", &text_of);
    for (const auto& counter : all_receiver_counters)
        counters.def_readonly(counter.name, counter.member, counter.meaning);
}
