/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "delay_subspace_projection.h"
#include <algorithm>
#include <cmath>

namespace gr {
namespace aeiqa {
namespace dsp {

delay_subspace_projection::delay_subspace_projection(const carrier_plan& plan,
                                                     int first,
                                                     int n_taps)
    : d_occupied(plan.occupied())
{
    const size_t n = d_occupied.size();
    std::vector<std::vector<std::complex<double>>> basis;
    const double step = -2.0 * M_PI / static_cast<double>(plan.fft_len());
    for (int tap = first; tap < first + n_taps; tap++) {
        std::vector<std::complex<double>> v(n);
        for (size_t i = 0; i < n; i++)
            v[i] = std::polar(1.0 / std::sqrt(static_cast<double>(n)),
                              step * tap * plan.frequency(d_occupied[i]));
        // Gram-Schmidt, twice for the sake of rounding.
        for (int pass = 0; pass < 2; pass++)
            for (const auto& b : basis) {
                std::complex<double> inner = 0.0;
                for (size_t i = 0; i < n; i++)
                    inner += std::conj(b[i]) * v[i];
                for (size_t i = 0; i < n; i++)
                    v[i] -= inner * b[i];
            }
        double energy = 0.0;
        for (const auto& x : v)
            energy += std::norm(x);
        // What is left of a tap nearly within the space of the others is rounding.
        if (energy < 1e-8)
            continue;
        for (auto& x : v)
            x /= std::sqrt(energy);
        basis.push_back(std::move(v));
    }
    for (const auto& b : basis)
        d_basis.emplace_back(b.begin(), b.end());
}

void delay_subspace_projection::apply(std::complex<float>* response) const
{
    const size_t n = d_occupied.size();
    std::vector<std::complex<float>> projected(n);
    for (const auto& b : d_basis) {
        float re = 0.0f, im = 0.0f; // of <b, response>
        for (size_t i = 0; i < n; i++) {
            const auto h = response[d_occupied[i]];
            re += b[i].real() * h.real() + b[i].imag() * h.imag();
            im += b[i].real() * h.imag() - b[i].imag() * h.real();
        }
        for (size_t i = 0; i < n; i++)
            projected[i] += std::complex<float>(b[i].real() * re - b[i].imag() * im,
                                                b[i].real() * im + b[i].imag() * re);
    }
    for (size_t i = 0; i < n; i++)
        response[d_occupied[i]] = projected[i];
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
