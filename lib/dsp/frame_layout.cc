/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "checked.h"
#include "frame_layout.h"
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace gr {
namespace aeiqa {
namespace dsp {

void check_fft_len(int fft_len)
{
    if (fft_len < 8 || fft_len > 8192 || fft_len % 8 != 0)
        throw std::invalid_argument(
            "fft_len must be a multiple of 8 from 8 to 8192, got " +
            std::to_string(fft_len));
}

void check_cp_len(int cp_len, int fft_len)
{
    if (cp_len < 0 || cp_len > fft_len)
        throw std::invalid_argument(
            "cp_len must be from 0 to fft_len = " + std::to_string(fft_len) + ", got " +
            std::to_string(cp_len));
}

frame_layout::frame_layout(int training_symbols, int training_period)
    : d_training(static_cast<uint64_t>(training_symbols)),
      d_period(static_cast<uint64_t>(training_period))
{
    if (training_symbols < 0)
        throw std::invalid_argument("training_symbols must be 0 or more, got " +
                                    std::to_string(training_symbols));
    if (training_period < 0)
        throw std::invalid_argument(
            "training_period must be 0 (once per image) or more, got " +
            std::to_string(training_period));
    if (training_period > 0 && training_symbols == 0)
        throw std::invalid_argument(
            "training_period needs training_symbols of 1 or more");
}

uint64_t frame_layout::position_in_group(uint64_t index) const
{
    return d_period > 0 ? index % (d_training + d_period) : index;
}

bool frame_layout::is_training(uint64_t index) const
{
    return position_in_group(index) < d_training;
}

bool frame_layout::ends_training(uint64_t index) const
{
    return position_in_group(index) + 1 == d_training;
}

uint64_t frame_layout::burst_symbols(uint64_t data_symbols) const
{
    uint64_t groups = 1;
    if (d_period > 0)
        groups = data_symbols / d_period + (data_symbols % d_period > 0);
    const auto training = checked_product({ groups, d_training });
    const auto all = training ? checked_sum({ data_symbols, *training }) : std::nullopt;
    return all.value_or(std::numeric_limits<uint64_t>::max());
}

std::vector<std::complex<float>> training_symbol(size_t fft_len)
{
    std::vector<std::complex<float>> x(fft_len);
    for (size_t k = 0; k < fft_len; k++) {
        // exp(-j pi k^2 / N), reduced modulo its period 2N to keep the phase exact.
        const double phase =
            -M_PI * static_cast<double>((k * k) % (2 * fft_len)) / fft_len;
        x[k] = std::complex<float>(std::polar(1.0, phase));
    }
    return x;
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
