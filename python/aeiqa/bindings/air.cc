/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "block_args.h"
#include "blocks.h"
#include <gnuradio/aeiqa/frame_mapper.h>
#include <gnuradio/aeiqa/frame_sync.h>
#include <gnuradio/aeiqa/impairments.h>
#include <pybind11/stl.h>
#include <limits>

namespace py = pybind11;
using namespace gr::aeiqa;

void bind_air(py::module& m)
{
    const auto [data, pilots] = frame_mapper::default_carriers(64);

    py::class_<frame_mapper, gr::block, gr::basic_block, frame_mapper::sptr>(
        m, "frame_mapper", R"(Maps images' bytes onto air frames, found by themselves.

Input: bytes, framed by ``img`` tags, which may also give ``bits`` (of a point) and ``copies``.
Output: vectors of fft_len points in DFT order: for each frame synchronisation, training, header,
payload and silence.)" AEIQA_ARGS_frame_mapper)
        .def(py::init(&frame_mapper::make),
             py::arg("fft_len") = 64,
             py::arg("cp_len") = 16,
             py::arg("data_carriers") = data,
             py::arg("pilot_carriers") = pilots,
             py::arg("modulation") = "qpsk",
             py::arg("labels") = "gray",
             py::arg("training_symbols") = 2,
             py::arg("payload_symbols") = 66,
             py::arg("gap_symbols") = 1,
             py::arg("copies") = 1,
             py::arg("order") = "raster",
             py::arg("stream") = -1)
        .def_static(
            "default_carriers",
            &frame_mapper::default_carriers,
            py::arg("fft_len"),
            "Data and pilot carriers of the usual plan for 32, 64 or 128 carriers; "
            "ValueError for others.")
        .def_static("header_symbols",
                    &frame_mapper::header_symbols,
                    py::arg("fft_len"),
                    py::arg("cp_len"),
                    py::arg("data_carriers"),
                    py::arg("pilot_carriers"),
                    py::arg("training_symbols"),
                    py::arg("payload_symbols"),
                    "OFDM symbols of a frame's header; ValueError naming the argument at "
                    "fault.")
        .def("frames", &frame_mapper::frames, "Frames sent.")
        .def("refused_tags",
             &frame_mapper::refused_tags,
             "img tags it could not use; their images were dropped.")
        .def("frame_symbols",
             &frame_mapper::frame_symbols,
             "OFDM symbols of a frame, its gap included.");

    py::class_<frame_sync, gr::block, gr::basic_block, frame_sync::sptr>(
        m,
        "frame_sync",
        R"(Finds air frames, corrects their frequency, reads their headers.

Input: samples. Output: samples, aligned to OFDM symbols: each frame's training and payload
symbols, an ``img`` tag made of the header on the first.)" AEIQA_ARGS_frame_sync)
        .def(py::init(&frame_sync::make),
             py::arg("fft_len") = 64,
             py::arg("cp_len") = 16,
             py::arg("data_carriers") = data,
             py::arg("pilot_carriers") = pilots,
             py::arg("training_symbols") = 2,
             py::arg("payload_symbols") = 66)
        .def("counters", &frame_sync::counters, "Counts of samples, headers and frames.")
        .def("level_db",
             &frame_sync::level_db,
             "Mean power of the samples in dB of 1, or NaN before the first segment.")
        .def("snr_db", &frame_sync::snr_db, "Es/N0 of the latest frame in dB, or NaN.")
        .def("cfo", &frame_sync::cfo, "Its frequency offset in carriers, or NaN.");

    py::class_<impairments, gr::block, gr::basic_block, impairments::sptr>(
        m, "impairments", R"(Adds the impairments of two radios, besides noise and fading.

Input and output: samples. In this order: clip, delay, sampling offset, frequency offset, phase noise,
imbalance of the receive mixer, gain. Tags pass only while delay and sampling offset are 0.)" AEIQA_ARGS_impairments)
        .def(py::init(&impairments::make),
             py::arg("frequency_offset") = 0.0,
             py::arg("sampling_offset_ppm") = 0.0,
             py::arg("phase_noise") = 0.0,
             py::arg("iq_gain_db") = 0.0,
             py::arg("iq_phase_deg") = 0.0,
             py::arg("clip") = std::numeric_limits<double>::infinity(),
             py::arg("delay") = 0,
             py::arg("gain_db") = 0.0,
             py::arg("seed") = 1);
}
