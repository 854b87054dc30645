/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_DSP_TRAINING_FIT_H
#define INCLUDED_AEIQA_DSP_TRAINING_FIT_H

#include <complex>
#include <cstddef>
#include <optional>
#include <vector>

namespace gr {
namespace aeiqa {
namespace dsp {

/*!
 * \brief Tests whether the training of bursts lies where it is expected.
 *
 * The impulse response that least squares estimate from a training symbol holds the
 * channel in its taps 0 ... cp_len if the burst is on time; the taps beyond hold white
 * noise, of whatever power. Samples that moved by s put the channel into the taps from s
 * on, modulo fft_len.
 *
 * In each burst runs of 1, 2, 4 ... taps beyond the prefix are compared with the others
 * there. Of white noise the share of w out of m taps is distributed as Beta(w, m - w)
 * (Fisher, "Tests of significance in harmonic analysis", 1929, for w = 1), whose tail is
 * at most exp(-m D(w/m || share)), D the divergence of two coins (Chernoff). A run must
 * exceed what noise does once in 10^9 bursts, and hold so much of the signal that neither
 * a Doppler shift nor half a sample's delay explains it.
 *
 * Where noise hides a single burst's training, the mean over 32 bursts is tested alike,
 * and whether there is training at all, as of a tag that is off by symbols: by a
 * sequential test that takes training at -10 dB for none once in 10^9 times, and tells
 * after 32 to 96 bursts (A. Wald, "Sequential tests of statistical hypotheses", 1945;
 * E. S. Page, "Continuous inspection schemes", 1954).
 */
class training_fit
{
public:
    enum class verdict {
        fits,
        moved,  //!< by offset() samples
        unseen, //!< nothing but noise shows in this burst, which may have faded
        absent  //!< nothing but noise shows in many bursts, or all is 0 or not finite
    };

    training_fit(size_t fft_len, int cp_len);

    //! Whether the prefix is long enough, and leaves enough taps, to tell.
    bool is_possible() const { return d_within >= 5 && d_beyond >= 8; }

    //! \p taps impulse response of the next burst, fft_len taps, of any scale
    verdict check(const std::complex<float>* taps);

    //! Forget the bursts so far.
    void restart();

    //! Samples from where the training of a moved burst was expected to where it is,
    //! negative if it came early, by its strongest path.
    int offset() const { return d_offset; }

    //! A run of taps, wherever it is, that noise does not explain.
    struct peak {
        int tap;       //!< the strongest, from -fft_len/2 up
        double energy; //!< of the run
    };
    std::optional<peak> find(const std::complex<float>* taps) const;

private:
    struct run {
        size_t width;
        double single; //!< most that the run's share may be in noise, of one burst
        double pooled; //!< and in the mean of several
        double whole;  //!< of one burst, among all taps
    };

    bool is_moved(const double* beyond, double beyond_sum, double total, bool pooled);
    void pool(double total, double beyond_sum);
    void judge_pool();

    const size_t d_fft_len;
    const size_t d_within; // taps that the prefix can hold
    const size_t d_beyond; // the others
    double d_seen = 1.0;   // the least share within the prefix that noise seldom has
    std::vector<run> d_runs;
    std::vector<double> d_energy; // of the taps beyond the prefix, scratch
    int d_offset = 0;

    size_t d_pooled = 0;          // bursts in what follows
    std::vector<double> d_shares; // sums of each tap's share of what lies beyond
    double d_total = 0.0;         // sum of whole energies, in the same unit
    double d_within_shares = 0.0; // sum of the shares of the energy within the prefix
    double d_doubt = 0.0; // log likelihood ratio of noise alone to the weakest training
    verdict d_pool_verdict = verdict::fits;
    int d_pool_offset = 0;
};

} // namespace dsp
} // namespace aeiqa
} // namespace gr

#endif /* INCLUDED_AEIQA_DSP_TRAINING_FIT_H */
