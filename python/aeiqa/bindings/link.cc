/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "block_args.h"
#include "blocks.h"
#include <gnuradio/aeiqa/channel.h>
#include <gnuradio/aeiqa/ls_equalizer.h>
#include <gnuradio/aeiqa/ofdm_demodulator.h>
#include <gnuradio/aeiqa/ofdm_modulator.h>
#include <gnuradio/aeiqa/qam_demapper.h>
#include <gnuradio/aeiqa/qam_mapper.h>
#include <gnuradio/aeiqa/table2_channel.h>
#include <pybind11/complex.h>
#include <pybind11/stl.h>

namespace py = pybind11;
using namespace gr::aeiqa;

namespace {

constexpr const char* from_next_image =
    "From any thread; holds from the next image on, whose first item carries the tag "
    "``setting``. Raises ValueError as the constructor does.";

template <typename Block, typename... Bases>
using block_class =
    py::class_<Block, Bases..., gr::block, gr::basic_block, std::shared_ptr<Block>>;

void bind_symbols(py::module& m)
{
    block_class<qam_mapper>(
        m, "qam_mapper", R"(Maps images' bytes onto OFDM symbols of M-QAM points.

Input: bytes, framed by ``img`` tags. Output: vectors of fft_len points in DFT order, unit mean
symbol energy; training symbols added, the last symbol padded with silent carriers. The tag
gains ``symbols``, the OFDM symbols of the burst.)" AEIQA_ARGS_qam_mapper)
        .def(py::init(&qam_mapper::make),
             py::arg("fft_len") = 64,
             py::arg("modulation") = "qam16",
             py::arg("labels") = "gray",
             py::arg("training_symbols") = 1,
             py::arg("training_period") = 0,
             py::arg("reveal_first_symbol") = false)
        .def("points", &qam_mapper::points, "Point of each label, complex [order].")
        .def("refused_tags",
             &qam_mapper::refused_tags,
             "img tags it could not use; their images were dropped.");

    block_class<qam_demapper>(
        m, "qam_demapper", R"(Decides M-QAM points back into images' bytes, or soft bits.

Input 0: vectors of fft_len equalised points, framed by ``img`` tags. Input 1, optional, soft
only: their noise variances. Output: bytes; or, soft, a float a bit, the max-log likelihood
ratio ln(P(1)/P(0)).)" AEIQA_ARGS_qam_demapper)
        .def(py::init(&qam_demapper::make),
             py::arg("fft_len") = 64,
             py::arg("modulation") = "qam16",
             py::arg("labels") = "gray",
             py::arg("soft") = false,
             py::arg("noise_variance") = 1.0)
        .def("refused_tags",
             &qam_demapper::refused_tags,
             "img tags it could not use; their images were dropped.")
        .def("evm_percent",
             &qam_demapper::evm_percent,
             "Decision-directed EVM of the latest OFDM symbol, rms, in percent.");

    block_class<ls_equalizer>(
        m,
        "ls_equalizer",
        R"(Least-squares channel estimate, one-tap equaliser; drops training.

Input: vectors of fft_len carriers, framed by ``img`` tags. Output 0: the data symbols,
equalised. Output 1, optional: mean squared error of each of their carriers, for soft decisions.)" AEIQA_ARGS_ls_equalizer)
        .def(py::init(&ls_equalizer::make),
             py::arg("fft_len") = 64,
             py::arg("cp_len") = 16,
             py::arg("estimation") = "ls",
             py::arg("equalizer") = "zf",
             py::arg("training_symbols") = 1,
             py::arg("training_period") = 0,
             py::arg("noise_variance") = 0.0,
             py::arg("data_carriers") = std::vector<int>{},
             py::arg("pilot_carriers") = std::vector<int>{})
        .def("set_estimation",
             &ls_equalizer::set_estimation,
             py::arg("estimation"),
             from_next_image)
        .def("set_equalizer",
             &ls_equalizer::set_equalizer,
             py::arg("equalizer"),
             from_next_image)
        .def("set_noise_variance",
             &ls_equalizer::set_noise_variance,
             py::arg("noise_variance"),
             from_next_image)
        .def("refused_tags",
             &ls_equalizer::refused_tags,
             "img tags it could not use; their images were dropped.")
        .def("estimation", &ls_equalizer::estimation, "As last set.")
        .def("equalizer", &ls_equalizer::equalizer, "As last set.")
        .def("noise_variance", &ls_equalizer::noise_variance, "As last set.")
        .def(
            "response", &ls_equalizer::response, "The channel in use, complex [fft_len].")
        .def("snr_db",
             &ls_equalizer::snr_db,
             "Mean |H|^2 over the noise variance, in dB; NaN while unknown.")
        .def("misaligned",
             &ls_equalizer::misaligned,
             "Images whose training was not where their tags say.");
}

void bind_samples(py::module& m)
{
    block_class<ofdm_modulator, gr::sync_interpolator, gr::sync_block>(
        m, "ofdm_modulator", R"(OFDM modulator: unitary inverse DFT and cyclic prefix.

Input: vectors of fft_len carriers in DFT order. Output: cp_len + fft_len samples for each.)" AEIQA_ARGS_ofdm_modulator)
        .def(py::init(&ofdm_modulator::make),
             py::arg("fft_len") = 64,
             py::arg("cp_len") = 16);

    block_class<ofdm_demodulator>(
        m, "ofdm_demodulator", R"(OFDM demodulator: drops the cyclic prefix, unitary DFT.

Input: samples; an OFDM symbol begins with the first of all and at every ``img`` tag. Output: vectors
of fft_len carriers in DFT order.)" AEIQA_ARGS_ofdm_demodulator)
        .def(py::init(&ofdm_demodulator::make),
             py::arg("fft_len") = 64,
             py::arg("cp_len") = 16,
             py::arg("align") = false)
        .def("offset",
             &ofdm_demodulator::offset,
             "Samples from where its tag announced the latest image to its strongest "
             "path; 0 "
             "unless they had to be followed.");

    block_class<channel, gr::sync_block>(
        m,
        "channel",
        R"(AWGN and Rayleigh channel, its randomness keyed by seed, image, position.

Input and output: samples. Rayleigh fading first, then noise of power 10^(-snr_db/10): Es/N0 per
carrier. Starts afresh at every ``img`` tag; a stream without tags is one image.)" AEIQA_ARGS_channel)
        .def(py::init(&channel::make),
             py::arg("model") = "awgn",
             py::arg("snr_db") = 10.0,
             py::arg("n_taps") = 8,
             py::arg("fading") = "image",
             py::arg("doppler") = 0.0,
             py::arg("fft_len") = 64,
             py::arg("cp_len") = 16,
             py::arg("seed") = 1,
             py::arg("tag_csi") = false)
        .def("set_snr_db", &channel::set_snr_db, py::arg("snr_db"), from_next_image)
        .def("set_fading", &channel::set_fading, py::arg("fading"), from_next_image)
        .def("set_doppler", &channel::set_doppler, py::arg("doppler"), from_next_image)
        .def("snr_db", &channel::snr_db, "Es/N0 as last set, in dB.")
        .def("fading", &channel::fading, "As last set.")
        .def("doppler", &channel::doppler, "As last set.")
        .def("refused_tags",
             &channel::refused_tags,
             "img tags it could not use; their images were dropped.");

    block_class<table2_channel>(
        m,
        "table2_channel",
        R"(The channel behind the paper's Table II, which is not a physical one.

Input and output: samples, framed by ``img`` tags. Noise first, its power the burst's own mean
|x|^2 over the SNR; then, for rayleigh, fixed taps exp(-l), y[n] = sum g[l] x[n + 4 - l].)" AEIQA_ARGS_table2_channel)
        .def(py::init(&table2_channel::make),
             py::arg("model") = "awgn",
             py::arg("snr_db") = 10.0,
             py::arg("fft_len") = 64,
             py::arg("cp_len") = 16,
             py::arg("seed") = 1)
        .def(
            "set_snr_db", &table2_channel::set_snr_db, py::arg("snr_db"), from_next_image)
        .def("snr_db", &table2_channel::snr_db, "Time-domain SNR as last set, in dB.")
        .def("refused_tags",
             &table2_channel::refused_tags,
             "img tags it could not use; their images were dropped.");
}

} // namespace

void bind_link(py::module& m)
{
    bind_symbols(m);
    bind_samples(m);
}
