#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The benchmark's theory of payloads against the textbook's rates and simulated receivers."""

import numpy as np
import pytest

from gnuradio.aeiqa.air import AirConfig
from gnuradio.aeiqa.bench.air_theory import (
    data_gains,
    estimate_variance,
    loss,
    right_count,
    right_probability,
    wrong_bits,
)
from gnuradio.aeiqa.link import theory

CONFIG = AirConfig(payload_symbols=10)
BITS = 10 * 48 * 2


def gaussian(rng, *shape):
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2)


def channels(rng, n):
    taps = gaussian(rng, n, 4)
    return taps / np.linalg.norm(taps, axis=1, keepdims=True)


@pytest.mark.parametrize("snr_db", [5.0, 9.0, 12.0])
def test_one_path_is_the_textbooks_awgn(snr_db):
    gains = data_gains(np.array([[0.6 + 0.8j]]), CONFIG)
    ber = theory.awgn_ber("qpsk", "gray", snr_db)
    assert right_probability(gains, snr_db, CONFIG)[0] == pytest.approx((1 - ber) ** BITS)
    noisier = snr_db - 10 * np.log10(1 + estimate_variance(CONFIG))
    assert wrong_bits(gains, snr_db, CONFIG)[0] == pytest.approx(
        np.mean(theory.awgn_ber("qpsk", "gray", noisier)) * BITS
    )


def test_wrong_bits_are_those_of_a_receiver_that_estimates():
    rng = np.random.default_rng(5)
    taps, snr_db, known, payload = channels(rng, 3000), 14.0, 12, CONFIG.payload_symbols
    occupied = np.array(sorted(CONFIG.data_carriers + CONFIG.pilot_carriers))
    h = np.fft.fft(taps, 64)[:, occupied]
    deviation = 10 ** (-snr_db / 20)
    basis = np.exp(-2j * np.pi * np.outer(occupied, np.arange(-2, 17)) / 64)
    projection = basis @ np.linalg.pinv(basis)
    estimate = (h + deviation * gaussian(rng, *h.shape) / np.sqrt(known)) @ projection.T
    sent = rng.choice([-1, 1], (2, payload, *h.shape))
    received = h * (sent[0] + 1j * sent[1]) / np.sqrt(2) + deviation * gaussian(rng, payload, *h.shape)
    points = (received / estimate)[..., np.isin(occupied, CONFIG.data_carriers)]
    sent = sent[..., np.isin(occupied, CONFIG.data_carriers)]
    wrong = np.sum(points.real * sent[0] < 0) + np.sum(points.imag * sent[1] < 0)
    expected = wrong_bits(data_gains(taps, CONFIG), snr_db, CONFIG).sum()
    assert expected > 10_000
    assert wrong == pytest.approx(expected, rel=0.02)
    assert wrong > 1.01 * wrong_bits(data_gains(taps, CONFIG), snr_db + 0.13, CONFIG).sum()


@pytest.mark.parametrize("true", [0.0, 0.5])
def test_a_loss_is_found_and_its_interval_holds_it(true):
    rng = np.random.default_rng(6)
    gains = data_gains(channels(rng, 300), CONFIG)
    p = right_probability(gains, 20.0 - true, CONFIG)
    results = [loss(int((rng.random(300) < p).sum()), gains, 20.0, CONFIG) for _ in range(200)]
    assert np.mean([result.db for result in results]) == pytest.approx(true, abs=0.1)
    held = sum(result.low <= true <= result.high for result in results)
    assert 180 <= held <= 199  # of 200, at 95 %


def test_counts_that_no_loss_explains_have_none():
    gains = data_gains(channels(np.random.default_rng(7), 100), CONFIG)
    assert np.isnan(loss(100, gains, 20.0, CONFIG).db)
    assert right_count(gains, -10.0, CONFIG).mean < 1e-6
