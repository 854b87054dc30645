/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "awgn.h"
#include "carrier_plan.h"
#include "channel.h"
#include "channel_estimator.h"
#include "constellation.h"
#include "convolutional_code.h"
#include "equalizer.h"
#include "fading.h"
#include "kernels.h"
#include "ofdm.h"
#include "phase_tracker.h"
#include "rng.h"
#include "simd_results.h"
#include <complex>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

using complex = std::complex<float>;

// n values, the first of which lies `offset` values behind a 64-byte boundary.
template <typename T>
class array
{
public:
    array(size_t n, size_t offset) : d_size(n), d_storage(n + offset + 64 / sizeof(T))
    {
        void* start = d_storage.data();
        size_t space = d_storage.size() * sizeof(T);
        std::align(64, 1, start, space);
        d_data = static_cast<T*>(start) + offset;
    }
    array(size_t n, size_t offset, unsigned seed) : array(n, offset)
    {
        std::mt19937 random(seed);
        std::normal_distribution<float> normal;
        for (size_t i = 0; i < n; i++)
            draw(normal, random, d_data[i]);
    }
    array(const array&) = delete;
    array& operator=(const array&) = delete;
    T* data() { return d_data; }
    T& operator[](size_t i) { return d_data[i]; }
    std::string bits() const
    {
        return { reinterpret_cast<const char*>(d_data), d_size * sizeof(T) };
    }

private:
    template <typename Normal, typename Random>
    static void draw(Normal& normal, Random& random, float& x)
    {
        x = normal(random);
    }
    template <typename Normal, typename Random>
    static void draw(Normal& normal, Random& random, complex& x)
    {
        const float re = normal(random);
        x = { re, normal(random) };
    }

    size_t d_size;
    std::vector<T> d_storage;
    T* d_data;
};

template <typename T>
std::string bits_of(const std::vector<T>& x)
{
    return { reinterpret_cast<const char*>(x.data()), x.size() * sizeof(T) };
}

std::string kernel_results(size_t n, size_t offset)
{
    constexpr size_t count = 3, length = 33;
    std::string bits;

    array<float> in(2 * n, offset, 1), re(n, offset), im(n, offset);
    in[n] = 2e15f; // silenced
    bits += std::to_string(split(in.data(), n, re.data(), im.data()));
    bits += re.bits() + im.bits();

    array<float> turn_re(n, offset, 2), turn_im(n, offset, 3), turned(2 * n, offset);
    turn(re.data(),
         im.data(),
         turn_re.data(),
         turn_im.data(),
         0.6f,
         -0.8f,
         n,
         turned.data());
    bits += turned.bits();

    array<float> x_re((count + 1) * n, offset, 4), x_im((count + 1) * n, offset, 5);
    array<float> c(count, 0), s(count, 0), e(count, 0);
    block_correlations(x_re.data(), x_im.data(), count, n, c.data(), s.data(), e.data());
    bits += c.bits() + s.bits() + e.bits();

    project_blocks(x_re.data(),
                   x_im.data(),
                   count,
                   n,
                   turn_re.data(),
                   turn_im.data(),
                   c.data(),
                   s.data());
    subtract_blocks(c.data(),
                    s.data(),
                    count,
                    n,
                    turn_re.data(),
                    turn_im.data(),
                    x_re.data(),
                    x_im.data());
    bits += c.bits() + s.bits() + x_re.bits() + x_im.bits();

    array<float> known_re(length, offset, 6), known_im(length, offset, 7);
    array<float> r_re(length + n, offset, 8), r_im(length + n, offset, 9);
    cross_correlate(known_re.data(),
                    known_im.data(),
                    length,
                    r_re.data(),
                    r_im.data(),
                    n,
                    re.data(),
                    im.data());
    return bits + re.bits() + im.bits();
}

std::string noise_results(size_t n, size_t offset)
{
    array<complex> in(n, offset, 1), out(n, offset);
    normal_sequence noise(1, rng_use::noise);
    add_noise(noise, 0.3, in.data(), n, out.data());
    array<float> re(counter_rng::block_len, offset), im(counter_rng::block_len, offset);
    counter_rng(n, rng_use::noise).normal_block(5, 7, re.data(), im.data());
    return out.bits() + re.bits() + im.bits();
}

// Eleven taps: two times four, and three by themselves.
std::string channel_results(size_t n, size_t offset)
{
    std::string bits;
    array<complex> in(n, offset, 1), out(n, offset);
    for (const char* rate : { "image", "symbol", "jakes" })
        for (const double snr_db : { 20.0, std::numeric_limits<double>::infinity() }) {
            const auto how_fast = rayleigh_taps::parse_rate(rate);
            channel link(snr_db,
                         rayleigh_taps(exponential_profile(11), how_fast, 0.05, n, 1),
                         n,
                         2);
            for (int symbol = 0; symbol < 3; symbol++) {
                link.process(in.data(), n, out.data());
                bits += out.bits();
            }
        }
    return bits;
}

std::string decisions(size_t n, size_t offset)
{
    std::string bits;
    for (const char* modulation : { "qpsk", "qam16", "qam64", "qam256", "qam1024" })
        for (const char* labels : { "gray", "natural" }) {
            const constellation points(modulation, labels);
            const size_t count = points.symbols_for(n);
            array<complex> symbols(count, offset, 1);
            symbols[count / 2] = { std::numeric_limits<float>::quiet_NaN(), 1e30f };
            array<uint16_t> decided(count, offset), scratch(count, offset);
            array<uint8_t> bytes(n, offset);
            points.decide(symbols.data(), count, decided.data());
            points.demap(symbols.data(), n, bytes.data(), scratch.data());
            bits += decided.bits() + bytes.bits();
        }
    return bits;
}

std::string equalized(size_t n, size_t offset)
{
    array<complex> y(n, offset, 1), h(n, offset, 2), x(n, offset);
    equalizer taps(n, equalizer::kind::mmse);
    taps.set_response(h.data(), 0.1);
    taps.equalize(y.data(), x.data());
    return x.bits();
}

std::string transformed(size_t n, size_t offset)
{
    array<complex> in(n, offset, 1), out(n, offset);
    unitary_dft(n, unitary_dft::direction::forward).transform(in.data(), out.data());
    return out.bits();
}

std::string turns(size_t n, size_t offset)
{
    const int first = -static_cast<int>(n / 2);
    derotator turn(first, first + static_cast<int>(n) - 1);
    turn.set(0.7, 0.01);
    array<complex> values(n, offset);
    for (size_t k = 0; k < n; k++)
        values[k] = turn.at(first + static_cast<int>(k));
    return values.bits();
}

std::string channel_estimate(size_t fft_len, size_t offset)
{
    array<complex> y(fft_len, offset, 1), x(fft_len, offset, 2);
    x[fft_len / 2] = 0.0f; // unknown there
    channel_estimator estimator(carrier_plan(static_cast<int>(fft_len)),
                                static_cast<int>(fft_len / 8),
                                channel_estimator::method::ls);
    for (int symbol = 0; symbol < 3; symbol++)
        estimator.add(y.data(), x.data());
    estimator.estimate();
    return bits_of(estimator.response());
}

std::string decoded_bits(size_t n)
{
    array<float> soft(convolutional_code::coded_bits(n), 0, 1);
    return bits_of(convolutional_code().decode(soft.data(), n));
}

} // namespace

std::map<std::string, std::string> simd_results()
{
    std::map<std::string, std::string> bits;
    for (const size_t offset : { 0, 1, 3 }) {
        for (const size_t n : { 1, 7, 64, 1000 }) {
            const std::string where =
                ", " + std::to_string(n) + " values from " + std::to_string(offset);
            bits["kernels" + where] = kernel_results(n, offset);
            bits["noise" + where] = noise_results(n, offset);
            bits["channel" + where] = channel_results(n, offset);
            bits["decisions" + where] = decisions(n, offset);
            bits["equalizer" + where] = equalized(n, offset);
            bits["transform" + where] = transformed(n, offset);
            bits["derotator" + where] = turns(n, offset);
            bits["decoded bits" + where] = decoded_bits(n);
        }
        for (const size_t n : { 8, 64, 1024 })
            bits["channel estimate, " + std::to_string(n) + " carriers from " +
                 std::to_string(offset)] = channel_estimate(n, offset);
    }
    return bits;
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
