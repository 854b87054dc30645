/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "frame_layout.h"
#include "ofdm.h"
#include "simd.h"
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <mutex>
#include <new>
#include <utility>

namespace gr {
namespace aeiqa {
namespace dsp {

namespace {

size_t checked_fft_len(int fft_len, int cp_len)
{
    check_fft_len(fft_len);
    check_cp_len(cp_len, fft_len);
    return static_cast<size_t>(fft_len);
}

AEIQA_SIMD void
scale(const float* __restrict in, size_t n, float factor, float* __restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = in[i] * factor;
}

fftwf_complex* as_fftw(const std::complex<float>* x)
{
    // A transform that is not in place leaves its input as it is.
    return reinterpret_cast<fftwf_complex*>(const_cast<std::complex<float>*>(x));
}

using shared_plan = std::shared_ptr<std::remove_pointer_t<fftwf_plan>>;

/*
 * The same plan in every process, and one for all transforms alike, since planning takes
 * longer than hundreds of them. Even a plan made without measuring follows what GNU
 * Radio's own FFT blocks have measured in this process (FFTW's "wisdom"), and would then
 * round differently; so that is put aside meanwhile.
 */
shared_plan plan_alike(size_t length, fftwf_complex* in, fftwf_complex* out, int sign)
{
    static std::once_flag once;
    std::call_once(once, fftwf_make_planner_thread_safe);
    static std::mutex mutex; // flowgraphs may be built in several threads
    static std::map<std::pair<size_t, int>, std::weak_ptr<shared_plan::element_type>>
        plans;
    const std::lock_guard<std::mutex> lock(mutex);
    auto& kept = plans[{ length, sign }];
    if (auto plan = kept.lock())
        return plan;
    char* wisdom = fftwf_export_wisdom_to_string();
    fftwf_forget_wisdom();
    shared_plan plan(
        fftwf_plan_dft_1d(static_cast<int>(length), in, out, sign, FFTW_ESTIMATE),
        [](fftwf_plan unused) {
            const std::lock_guard<std::mutex> meanwhile(mutex);
            fftwf_destroy_plan(unused);
        });
    if (wisdom)
        fftwf_import_wisdom_from_string(wisdom);
    std::free(wisdom);
    kept = plan;
    return plan;
}

bool is_aligned(const std::complex<float>* x)
{
    return fftwf_alignment_of(reinterpret_cast<float*>(as_fftw(x))) == 0;
}

std::complex<float>* allocate(size_t n)
{
    auto* p = reinterpret_cast<std::complex<float>*>(fftwf_alloc_complex(n));
    if (!p)
        throw std::bad_alloc();
    return p;
}

} // namespace

unitary_dft::unitary_dft(size_t length, direction way)
    : d_length(length),
      d_scale(static_cast<float>(1.0 / std::sqrt(static_cast<double>(length)))),
      d_in(allocate(length)),
      d_out(allocate(length))
{
    d_plan = plan_alike(length,
                        as_fftw(d_in),
                        as_fftw(d_out),
                        way == direction::forward ? FFTW_FORWARD : FFTW_BACKWARD);
}

unitary_dft::~unitary_dft()
{
    fftwf_free(d_in);
    fftwf_free(d_out);
}

void unitary_dft::transform(const std::complex<float>* in, std::complex<float>* out)
{
    // The plan's SIMD code wants aligned arrays; what lies otherwise takes a detour. What
    // comes out always does: the plan writes it twice, here and there, and the scaled
    // result goes to memory once and in order.
    const std::complex<float>* from = in;
    if (!is_aligned(in))
        from = std::copy_n(in, d_length, d_in) - d_length;
    fftwf_execute_dft(d_plan.get(), as_fftw(from), as_fftw(d_out));
    scale(reinterpret_cast<const float*>(d_out),
          2 * d_length,
          d_scale,
          reinterpret_cast<float*>(out));
}

ofdm_modulator::ofdm_modulator(int fft_len, int cp_len)
    : d_cp_len(cp_len),
      d_dft(checked_fft_len(fft_len, cp_len), unitary_dft::direction::inverse)
{
}

void ofdm_modulator::modulate(const std::complex<float>* carriers,
                              std::complex<float>* samples)
{
    d_dft.transform(carriers, samples + d_cp_len);
    std::copy_n(samples + d_dft.length(), d_cp_len, samples);
}

ofdm_demodulator::ofdm_demodulator(int fft_len, int cp_len)
    : d_cp_len(cp_len),
      d_dft(checked_fft_len(fft_len, cp_len), unitary_dft::direction::forward)
{
}

void ofdm_demodulator::demodulate(const std::complex<float>* samples,
                                  std::complex<float>* carriers)
{
    d_dft.transform(samples + d_cp_len, carriers);
}

} // namespace dsp
} // namespace aeiqa
} // namespace gr
