#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Rayleigh taps: power, Gaussian statistics, delay profile, Jakes' autocorrelation, independence.

Expected values and the variances of their estimates are those of CN(0, 1): E|h|^2 = 1 with variance 1,
E|h|^4 = 2 with variance 20, and a product of two independent taps has variance 1.
"""

import numpy as np
import pytest
from honest import CONFIDENCE, margin_of_mean
from scipy import special, stats
from sounding import img_tags, send, taps_of_symbols

SIGMAS = stats.norm.isf((1 - CONFIDENCE) / 2)
DRAWS = 200_000


def profile(n_taps):
    power = np.exp(-np.arange(n_taps))
    return power / power.sum()


@pytest.fixture(scope="module", params=["symbol", "image"])
def taps(request):
    """Independent draws of four taps, scaled to unit mean power each: per OFDM symbol, per image."""
    if request.param == "symbol":
        drawn = taps_of_symbols(DRAWS, 4, fading="symbol", seed=11)
    else:
        drawn = taps_of_symbols(DRAWS, 4, indices=range(DRAWS), fading="image", seed=11)
    return drawn / np.sqrt(profile(4))


def test_power_follows_the_exponential_profile(taps):
    power = (np.abs(taps) ** 2).mean(axis=0)
    np.testing.assert_allclose(power, 1, atol=SIGMAS / np.sqrt(DRAWS))


def test_mean_power_of_the_channel_is_one(taps):
    total = (np.abs(taps * np.sqrt(profile(4))) ** 2).sum(axis=1)
    assert total.mean() == pytest.approx(1, abs=margin_of_mean(total))


def test_fourth_moment_is_two(taps):
    np.testing.assert_allclose((np.abs(taps) ** 4).mean(axis=0), 2, atol=SIGMAS * np.sqrt(20 / DRAWS))


def test_i_and_q_are_uncorrelated_and_alike(taps):
    i, q = taps.real.astype(float), taps.imag.astype(float)
    # E[iq] = 0 with variance 1/4, E[i^2 - q^2] = 0 with variance 1.
    correlation = 2 * (i * q).mean(axis=0)
    assert np.all(np.abs(correlation) < min(0.02, SIGMAS / np.sqrt(DRAWS)))
    np.testing.assert_allclose((i**2 - q**2).mean(axis=0), 0, atol=SIGMAS / np.sqrt(DRAWS))


def test_the_mean_is_zero(taps):
    np.testing.assert_allclose(np.abs(taps.mean(axis=0)), 0, atol=SIGMAS / np.sqrt(DRAWS))


def test_envelope_and_phase_have_their_distributions(taps):
    for tap in taps.T:
        assert stats.kstest(np.abs(tap) ** 2, "expon").pvalue > 1 - CONFIDENCE
        assert stats.kstest(np.angle(tap), "uniform", (-np.pi, 2 * np.pi)).pvalue > 1 - CONFIDENCE


def test_deep_fades_are_as_frequent_as_they_should_be(taps):
    # P(|h|^2 < x) = 1 - exp(-x); these decide the error rate at high SNR.
    for depth in (1e-2, 1e-3):
        deep = np.count_nonzero(np.abs(taps) ** 2 < depth)
        low, high = stats.binom.interval(CONFIDENCE, taps.size, -np.expm1(-depth))
        assert low <= deep <= high


def test_taps_and_successive_draws_are_independent(taps):
    def correlation(a, b):
        return abs(np.mean(a * np.conj(b)))

    bound = SIGMAS / np.sqrt(DRAWS - 8)
    for tap in range(3):
        assert correlation(taps[:, tap], taps[:, tap + 1]) < bound
    for lag in range(1, 9):
        assert correlation(taps[:-lag, 0], taps[lag:, 0]) < bound


def test_seeds_are_independent():
    first, second = (taps_of_symbols(DRAWS, 1, fading="symbol", seed=seed)[:, 0] for seed in (1, 2))
    assert abs(np.mean(first * np.conj(second))) < SIGMAS / np.sqrt(DRAWS)


@pytest.mark.parametrize("n_taps", [1, 2, 8])
def test_every_profile_sums_to_one(n_taps):
    drawn = taps_of_symbols(50_000, n_taps, fading="symbol", seed=5)
    power = (np.abs(drawn) ** 2).mean(axis=0)
    np.testing.assert_allclose(power, profile(n_taps), rtol=SIGMAS / np.sqrt(50_000))


def test_block_fading_holds_within_an_image_and_changes_with_it():
    # Three images of five symbols.
    out = send(
        np.ones(3 * 40),
        img_tags([4, 5, 4], 40),
        model="rayleigh",
        snr_db=np.inf,
        n_taps=1,
        fft_len=8,
        cp_len=0,
    )
    images = out.reshape(3, 40)
    assert np.all(images == images[:, :1])
    assert images[0, 0] != images[1, 0]
    # The index alone makes the draw, not what came before it.
    assert images[0, 0] == images[2, 0]


def test_symbol_fading_changes_at_each_symbol_and_only_there():
    out = send(
        np.ones(10 * 12), model="rayleigh", snr_db=np.inf, n_taps=1, fft_len=8, cp_len=4, fading="symbol"
    ).reshape(10, 12)
    assert np.all(out == out[:, :1])
    assert np.unique(out[:, 0]).size == 10


def test_an_image_hears_nothing_of_the_one_before():
    # The echo of an impulse in the last sample of image 0 does not reach into image 1.
    samples = np.zeros(32)
    samples[15] = 1
    out = send(samples, img_tags([0, 1], 16), model="rayleigh", snr_db=np.inf, n_taps=8, fft_len=8, cp_len=8)
    assert out[15] != 0
    assert not out[16:].any()


def test_the_channel_is_a_convolution_across_symbols():
    rng = np.random.default_rng(3)
    samples = (rng.standard_normal(160) + 1j * rng.standard_normal(160)).astype(np.complex64)
    settings = {"model": "rayleigh", "snr_db": np.inf, "n_taps": 5, "fft_len": 8, "cp_len": 2, "seed": 9}
    impulse = np.zeros(160)
    impulse[0] = 1
    taps = send(impulse, **settings)[:5]
    np.testing.assert_allclose(send(samples, **settings), np.convolve(samples, taps)[:160], atol=2e-6)


# Jakes' spectrum. A node of the moving taps lies at most 16 samples from the next.
DOPPLER = 0.06
JAKES = {
    "model": "rayleigh",
    "snr_db": np.inf,
    "fading": "jakes",
    "doppler": DOPPLER,
    "fft_len": 64,
    "cp_len": 16,
}


@pytest.fixture(scope="module")
def jakes_paths():
    """One tap over 25 OFDM symbols in 1500 images, at every 8th sample: [1500, 250]."""
    images, length = 1500, 25 * 80
    out = send(np.ones(images * length), img_tags(range(images), length), n_taps=1, seed=6, **JAKES)
    return out.reshape(images, length)[:, ::8].astype(np.complex128)


@pytest.mark.parametrize("lag_symbols", [0.1, 0.5, 1, 2, 3, 5, 6.4, 9.2, 15, 24])
def test_jakes_autocorrelation_is_j0(jakes_paths, lag_symbols):
    lag = round(lag_symbols * 10)
    # Each image gives one independent value: its average over positions.
    products = (jakes_paths[:, lag:] * np.conj(jakes_paths[:, : jakes_paths.shape[1] - lag])).mean(axis=1)
    expected = special.j0(2 * np.pi * DOPPLER * lag_symbols)
    assert products.real.mean() == pytest.approx(expected, abs=margin_of_mean(products.real))
    assert products.imag.mean() == pytest.approx(0, abs=margin_of_mean(products.imag))


def test_jakes_fading_is_rayleigh_at_any_moment(jakes_paths):
    for moment in (0, 5, 249):
        power = np.abs(jakes_paths[:, moment]) ** 2
        assert stats.kstest(power, "expon").pvalue > 1 - CONFIDENCE
        assert (power**2).mean() == pytest.approx(2, abs=margin_of_mean(power**2))


def test_jakes_spectrum_ends_at_the_doppler_frequency(jakes_paths):
    window = np.hanning(jakes_paths.shape[1])
    spectrum = (np.abs(np.fft.fft(jakes_paths * window, 2048)) ** 2).mean(axis=0)
    cycles_per_symbol = np.abs(np.fft.fftfreq(2048, d=0.1))
    # The window's main lobe is two of its 25 symbols to either side.
    beyond = spectrum[cycles_per_symbol > DOPPLER + 0.16].sum() / spectrum.sum()
    assert beyond < 1e-4


def test_jakes_moves_without_jumps():
    path = send(np.ones(20 * 80), n_taps=1, **JAKES).astype(np.complex128)
    # |dh/dn| is at most the Doppler rate times the sum of 32 wave amplitudes (of mean square 1/32 each).
    steepest = 2 * np.pi * DOPPLER / 80 * np.sqrt(32) * 2
    assert np.abs(np.diff(path)).max() < steepest


def test_jakes_without_doppler_stands_still():
    path = send(np.ones(400), n_taps=1, **(JAKES | {"doppler": 0.0}))
    assert np.unique(path).size == 1


def test_jakes_taps_follow_the_profile():
    images, length = 3000, 16
    impulses = np.zeros((images, length))
    impulses[:, 0] = 1
    settings = JAKES | {"fft_len": 8, "cp_len": 8}
    out = send(impulses.ravel(), img_tags(range(images), length), n_taps=4, seed=8, **settings)
    taps = out.reshape(images, length)[:, :4]
    np.testing.assert_allclose((np.abs(taps) ** 2).mean(axis=0), profile(4), rtol=SIGMAS / np.sqrt(images))
    assert abs(np.mean(taps[:, 0] * np.conj(taps[:, 1]))) < SIGMAS * np.sqrt(np.prod(profile(4)[:2]) / images)
