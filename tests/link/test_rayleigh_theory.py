#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Bit error rate over Rayleigh fading: closed forms, the order of the estimators, and the reference table.

What fades together errs together, so every interval is over images (see honest.py): with block fading an
image is one draw of the channel, however many bits it has.
"""

import numpy as np
import pytest
from honest import CONFIDENCE, assert_mean_is, error_rates, random_images
from scipy import stats

from gnuradio.aeiqa import LinkConfig, transmit
from gnuradio.aeiqa.images import load_dataset
from gnuradio.aeiqa.link import theory

SNRS_DB = (0, 5, 10, 15)


def link(images, **settings):
    return error_rates(transmit(images, LinkConfig(channel="rayleigh", **settings)))


@pytest.fixture(scope="module")
def one_symbol_images():
    """Images of one BPSK OFDM symbol each: as many fades as images."""
    return random_images(40000, (1, 8))


@pytest.mark.parametrize("snr_db", SNRS_DB)
def test_one_tap_bpsk_with_perfect_knowledge(one_symbol_images, snr_db):
    g = 10 ** (snr_db / 10)
    rates = link(one_symbol_images, modulation="bpsk", n_taps=1, estimation="perfect", snr_db=snr_db)
    assert_mean_is(rates, (1 - np.sqrt(g / (1 + g))) / 2)


@pytest.mark.parametrize("snr_db", SNRS_DB)
def test_one_tap_bpsk_with_one_training_symbol(one_symbol_images, snr_db):
    g = 10 ** (snr_db / 10)
    assert_mean_is(
        link(one_symbol_images, modulation="bpsk", n_taps=1, estimation="ls", snr_db=snr_db), 0.5 / (1 + g)
    )


@pytest.mark.parametrize("fading", ["symbol", "jakes"])
@pytest.mark.parametrize("n_taps", [1, 8])
def test_every_kind_of_fading_is_rayleigh_on_each_carrier(fading, n_taps):
    # Slow enough that what Jakes' fading does within a symbol is far below the noise.
    doppler = 0.002 if fading == "jakes" else 0.0
    images = random_images(6000, (8, 8))
    rates = link(
        images,
        modulation="qpsk",
        n_taps=n_taps,
        fading=fading,
        doppler=doppler,
        estimation="perfect",
        snr_db=8,
    )
    assert_mean_is(rates, theory.rayleigh_ber("qpsk", "gray", 8))


@pytest.mark.parametrize("modulation", ["qpsk", "qam16", "qam64"])
@pytest.mark.parametrize("labels", theory.LABELS)
@pytest.mark.parametrize("snr_db", [5, 15])
def test_eight_taps_with_perfect_knowledge(modulation, labels, snr_db):
    rates = link(
        random_images(6000, (8, 8)), modulation=modulation, labels=labels, estimation="perfect", snr_db=snr_db
    )
    assert_mean_is(rates, theory.rayleigh_ber(modulation, labels, snr_db))


@pytest.mark.parametrize(("fft_len", "cp_len", "n_taps"), [(8, 7, 8), (256, 16, 17), (1024, 32, 8)])
def test_any_channel_that_fits_the_prefix_is_flat_on_each_carrier(fft_len, cp_len, n_taps):
    rates = link(
        random_images(4000, (16, 16)),
        modulation="qpsk",
        fft_len=fft_len,
        cp_len=cp_len,
        n_taps=n_taps,
        estimation="perfect",
        snr_db=6,
    )
    assert_mean_is(rates, theory.rayleigh_ber("qpsk", "gray", 6))


def test_a_channel_longer_than_the_prefix_leaves_an_error_floor():
    images = random_images(300)
    settings = {"modulation": "qam16", "estimation": "perfect", "snr_db": np.inf}
    assert link(images, n_taps=8, cp_len=7, **settings).sum() == 0
    assert link(images, n_taps=8, cp_len=0, **settings).mean() > 0.01


@pytest.mark.parametrize("modulation", ["bpsk", "qpsk", "qam16", "qam64"])
@pytest.mark.parametrize("snr_db", [5, 15])
def test_better_estimates_give_fewer_errors(modulation, snr_db):
    # The same fades and the same noise for each: the differences are those of the estimators alone.
    images = random_images(1000)
    settings = {"modulation": modulation, "snr_db": snr_db, "seed": 3}

    def clearly_fewer(better, worse):
        saved = link(images, **settings, **worse) - link(images, **settings, **better)
        return stats.ttest_1samp(saved, 0, alternative="greater").pvalue < 1 - CONFIDENCE

    assert clearly_fewer({"estimation": "ls-dft"}, {"estimation": "ls"})
    assert clearly_fewer({"estimation": "perfect"}, {"estimation": "ls-dft"})
    assert clearly_fewer({"training_symbols": 4}, {"training_symbols": 1})


def test_the_mean_of_many_training_symbols_comes_close_to_perfect_knowledge():
    images = random_images(1000)
    settings = {"modulation": "qam16", "snr_db": 12}
    perfect = link(images, estimation="perfect", **settings).mean()
    assert link(images, estimation="ls", training_symbols=200, **settings).mean() == pytest.approx(
        perfect, rel=0.02
    )


@pytest.mark.parametrize("modulation", ["bpsk", "qpsk", "qam16", "qam64", "qam256", "qam1024"])
@pytest.mark.parametrize("estimation", ["ls", "ls-dft", "perfect"])
def test_mmse_decides_as_zero_forcing_does(modulation, estimation):
    # On one carrier MMSE without its bias is zero forcing; only a point within rounding of a boundary may
    # fall otherwise.
    images = random_images(300)
    config = {"channel": "rayleigh", "modulation": modulation, "estimation": estimation, "snr_db": 8}
    zf = transmit(images, LinkConfig(equalizer="zf", **config)).images
    mmse = transmit(images, LinkConfig(equalizer="mmse", **config)).images
    assert np.count_nonzero(zf != mmse) <= 2


# An independent Monte Carlo simulation of 250 images: LS from one training symbol, perfect knowledge.
REFERENCE = {
    "bpsk": ((0.243, 0.116, 0.043, 0.014), (0.142, 0.061, 0.022, 0.007)),
    "qpsk": ((0.357, 0.222, 0.101, 0.036), (0.254, 0.135, 0.055, 0.018)),
    "qam16": ((0.396, 0.311, 0.202, 0.102), (0.320, 0.235, 0.135, 0.059)),
    "qam64": ((0.416, 0.351, 0.274, 0.187), (0.348, 0.292, 0.219, 0.133)),
}
REFERENCE_IMAGES = 250


@pytest.fixture(scope="module")
def mnist():
    return load_dataset("mnist").images[::5]


@pytest.mark.parametrize("modulation", list(REFERENCE))
@pytest.mark.parametrize("estimation", ["ls", "perfect"])
@pytest.mark.parametrize("snr_db", SNRS_DB)
def test_mnist_errs_as_in_the_independent_simulation(mnist, modulation, estimation, snr_db):
    expected = REFERENCE[modulation][estimation == "perfect"][SNRS_DB.index(snr_db)]
    rates = link(mnist, modulation=modulation, labels="natural", estimation=estimation, snr_db=snr_db)
    # The difference of two means over images, one of them over 250 and printed to three digits.
    deviation = rates.std(ddof=1) * np.sqrt(1 / rates.size + 1 / REFERENCE_IMAGES)
    margin = stats.t.isf((1 - CONFIDENCE) / 2, REFERENCE_IMAGES - 1) * deviation + 0.0005
    assert rates.mean() == pytest.approx(expected, abs=margin)
