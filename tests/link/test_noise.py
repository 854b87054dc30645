#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Channel noise: the first four moments, distribution, tails, whiteness, independence, level."""

import numpy as np
import pytest
from honest import CONFIDENCE
from scipy import stats
from sounding import img_tags, send

SIGMAS = stats.norm.isf((1 - CONFIDENCE) / 2)
SAMPLES = 1_000_000


def noise(count, tags=(), snr_db=0.0, **settings):
    return send(np.zeros(count), tags, model="awgn", snr_db=snr_db, **settings).astype(np.complex128)


@pytest.fixture(scope="module")
def axes():
    """A million samples' I and Q, each scaled to unit variance: float64 [2, SAMPLES]."""
    samples = noise(SAMPLES, seed=21) * np.sqrt(2)
    return np.stack([samples.real, samples.imag])


def test_mean_is_zero(axes):
    np.testing.assert_allclose(axes.mean(axis=1), 0, atol=SIGMAS / np.sqrt(SAMPLES))


def test_variance_is_one(axes):
    np.testing.assert_allclose((axes**2).mean(axis=1), 1, atol=SIGMAS * np.sqrt(2 / SAMPLES))


def test_skewness_is_zero_and_kurtosis_three(axes):
    # Variances of the third and fourth moment of N(0, 1): 15 and 96.
    np.testing.assert_allclose((axes**3).mean(axis=1), 0, atol=SIGMAS * np.sqrt(15 / SAMPLES))
    np.testing.assert_allclose((axes**4).mean(axis=1), 3, atol=SIGMAS * np.sqrt(96 / SAMPLES))


def test_distribution_is_normal(axes):
    for axis in axes:
        assert stats.kstest(axis, "norm").pvalue > 1 - CONFIDENCE


def test_power_is_exponential_and_phase_uniform(axes):
    power = (axes**2).sum(axis=0) / 2
    assert stats.kstest(power, "expon").pvalue > 1 - CONFIDENCE
    phase = np.arctan2(axes[1], axes[0])
    assert stats.kstest(phase, "uniform", (-np.pi, 2 * np.pi)).pvalue > 1 - CONFIDENCE


@pytest.mark.parametrize("sigmas", [3.0, 4.0, 4.5])
def test_tails_are_normal(axes, sigmas):
    for side in (axes > sigmas, axes < -sigmas):
        low, high = stats.binom.interval(CONFIDENCE, axes.size, stats.norm.sf(sigmas))
        assert low <= np.count_nonzero(side) <= high


def test_i_and_q_are_independent(axes):
    assert abs((axes[0] * axes[1]).mean()) < SIGMAS / np.sqrt(SAMPLES)
    # Beyond correlation: their squares as well; the product of two chi-square(1) less 1 has variance 4.
    assert abs(((axes[0] ** 2 - 1) * (axes[1] ** 2 - 1)).mean()) < SIGMAS * np.sqrt(4 / SAMPLES)


def test_noise_is_white(axes):
    samples = axes[0] + 1j * axes[1]
    spectrum = np.fft.fft(samples, 2 * SAMPLES)
    correlation = np.fft.ifft(np.abs(spectrum) ** 2)[1:20_001] / (2 * SAMPLES)
    # 20,000 lags at once: none beyond the level that all together exceed with probability 0.1 %.
    worst = -np.log((1 - CONFIDENCE) / correlation.size)
    assert (np.abs(correlation) ** 2).max() < worst / SAMPLES
    # The generator's blocks of 64 leave no trace.
    assert np.abs(correlation[63::64]).mean() * np.sqrt(SAMPLES) == pytest.approx(np.sqrt(np.pi) / 2, rel=0.1)


def test_spectrum_is_flat(axes):
    samples = (axes[0] + 1j * axes[1])[: 15_625 * 64].reshape(-1, 64)
    power = (np.abs(np.fft.fft(samples, axis=1)) ** 2).mean(axis=0) / 128
    np.testing.assert_allclose(power, 1, atol=stats.norm.isf((1 - CONFIDENCE) / 128) / np.sqrt(len(samples)))


def test_images_have_independent_noise():
    length = 1000
    # Neighbours, and indices that agree in their low words.
    indices = [0, 1, 2, 3, 2**31, 2**32, 2**32 + 1, 2**62]
    images = noise(length * len(indices), img_tags(indices, length), seed=4).reshape(-1, length)
    correlation = np.abs(images @ images.conj().T) / length
    np.fill_diagonal(correlation, 0)
    pairs = len(indices) * (len(indices) - 1) / 2
    assert correlation.max() ** 2 < -np.log((1 - CONFIDENCE) / pairs) / length


def test_seeds_have_independent_noise():
    length = 100_000
    seeds = [0, 1, 2, 2**32, 2**63, 2**64 - 1]
    streams = np.stack([noise(length, seed=seed) for seed in seeds])
    correlation = np.abs(streams @ streams.conj().T) / length
    np.fill_diagonal(correlation, 0)
    pairs = len(seeds) * (len(seeds) - 1) / 2
    assert correlation.max() ** 2 < -np.log((1 - CONFIDENCE) / pairs) / length


def test_noise_depends_on_index_and_position_alone():
    first = noise(300, img_tags([7, 8], 150), seed=3)
    again = noise(450, img_tags([9, 8, 7], 150), seed=3)
    np.testing.assert_array_equal(first[:150], again[300:])
    np.testing.assert_array_equal(first[150:], again[150:300])


def test_fading_and_noise_draw_from_different_sequences():
    length, images = 8, 50_000
    tags = img_tags(range(images), length)
    alone = noise(length * images, tags, seed=5).reshape(images, length)
    taps = send(
        np.ones(length * images), tags, model="rayleigh", n_taps=1, snr_db=np.inf, fft_len=8, cp_len=0, seed=5
    ).reshape(images, length)[:, 0]
    for position in range(length):
        assert abs(np.mean(taps * alone[:, position].conj())) < SIGMAS / np.sqrt(images)


@pytest.mark.parametrize("snr_db", [-30.0, -3.0, 10.0, 40.0, 100.0])
def test_level_is_the_snr(snr_db):
    samples = noise(100_000, snr_db=snr_db)
    power = np.mean(np.abs(samples) ** 2) * 10 ** (snr_db / 10)
    assert power == pytest.approx(1, abs=SIGMAS / np.sqrt(samples.size))


def test_noise_of_two_levels_differs_by_its_scale_alone():
    np.testing.assert_allclose(noise(500, snr_db=0.0), 10 * noise(500, snr_db=20.0), rtol=1e-6)


def test_without_noise_samples_pass_untouched():
    samples = np.random.default_rng(2).standard_normal(1000).astype(np.complex64)
    np.testing.assert_array_equal(send(samples, model="awgn", snr_db=np.inf), samples)
