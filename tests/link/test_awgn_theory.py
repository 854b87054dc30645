#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Bit error rate over AWGN against the exact closed forms: every modulation, both labellings, three SNRs."""

import numpy as np
import pytest
from honest import assert_mean_is, error_rates, random_images
from scipy import stats

from gnuradio.aeiqa import LinkConfig, transmit
from gnuradio.aeiqa.link import theory

# Chosen for error rates between 1e-3 and 0.3.
SNRS_DB = {
    "bpsk": (0, 4, 6.5),
    "qpsk": (0, 5, 9),
    "qam16": (4, 10, 15),
    "qam64": (8, 15, 21),
    "qam256": (13, 20, 26),
    "qam1024": (18, 25, 32),
}
ALL = [(m, labels, snr) for m, snrs in SNRS_DB.items() for labels in theory.LABELS for snr in snrs]


@pytest.fixture(scope="module")
def images():
    return random_images(2000)


@pytest.mark.parametrize(("modulation", "labels", "snr_db"), ALL)
def test_ber_is_the_closed_form(images, modulation, labels, snr_db):
    expected = theory.awgn_ber(modulation, labels, snr_db)
    assert 1e-3 < expected < 0.3
    config = LinkConfig(modulation=modulation, labels=labels, snr_db=snr_db, estimation="none", seed=2)
    assert_mean_is(error_rates(transmit(images, config)), expected)


@pytest.mark.parametrize(("fft_len", "cp_len"), [(8, 0), (24, 6), (256, 256), (2048, 1)])
def test_neither_the_transform_nor_the_prefix_changes_es_n0(images, fft_len, cp_len):
    config = LinkConfig(
        modulation="qam16", snr_db=8, fft_len=fft_len, cp_len=cp_len, estimation="none", seed=3
    )
    expected = theory.awgn_ber("qam16", "gray", 8)
    assert_mean_is(error_rates(transmit(images, config)), expected)


@pytest.mark.parametrize("estimation", ["perfect", "none"])
def test_awgn_needs_no_estimate(images, estimation):
    config = LinkConfig(modulation="qam64", snr_db=12, estimation=estimation, seed=4)
    reference = transmit(images, LinkConfig(modulation="qam64", snr_db=12, estimation="none", seed=4))
    # A response of exactly 1 costs nothing, not even a rounding.
    np.testing.assert_array_equal(transmit(images, config).images, reference.images)


def noisy_reference_bpsk_ber(es_n0_db, training_symbols):
    """BPSK whose phase and gain come from T training symbols of the same energy, over AWGN.

    The sign of Re(y conj(h)), h with 1/T of the noise (Stein, IEEE Trans. Inf. Theory 10(1), 1964);
    T = 1 is differential BPSK, exp(-g)/2.
    """
    g, reference = 10 ** (es_n0_db / 10), training_symbols
    a, b = g / 2 * (np.sqrt(reference) - 1) ** 2, g / 2 * (np.sqrt(reference) + 1) ** 2

    def marcum_q(x, y):
        return stats.ncx2.sf(y, 2, x) if x > 0 else np.exp(-y / 2)

    return (1 - marcum_q(b, a) + marcum_q(a, b)) / 2 if a > 0 else np.exp(-g) / 2


@pytest.mark.parametrize("training_symbols", [1, 2, 5])
@pytest.mark.parametrize("snr_db", [2, 5])
def test_the_ls_estimate_costs_bpsk_what_a_noisy_reference_does(training_symbols, snr_db):
    # 64 bits an image: one OFDM symbol, so each bit has an estimate of its own.
    images = random_images(8000, (1, 8))
    config = LinkConfig("bpsk", snr_db=snr_db, training_symbols=training_symbols, estimation="ls", seed=5)
    assert_mean_is(error_rates(transmit(images, config)), noisy_reference_bpsk_ber(snr_db, training_symbols))


def test_training_again_and_again_is_a_new_estimate_each_time():
    images = random_images(1500, (1, 64))  # eight OFDM symbols
    config = LinkConfig("bpsk", snr_db=4, training_period=1, estimation="ls", seed=6)
    assert_mean_is(error_rates(transmit(images, config)), np.exp(-(10**0.4)) / 2)
