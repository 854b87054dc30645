#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The table2 preset: every row of the reference simulation; bit for bit a second implementation's output."""

import csv

import numpy as np
import pytest
from honest import margin_of_mean, random_images
from table2_numpy import BITS, carriers_of, receive

from gnuradio.aeiqa import LinkConfig, metrics, transmit
from gnuradio.aeiqa.files import data_dir
from gnuradio.aeiqa.images import load_dataset

with open(data_dir() / "paper" / "table2_reference.csv", newline="") as file:
    ROWS = list(csv.DictReader(file))


@pytest.fixture(scope="module")
def mnist():
    """The 5,000 images of the reference: every second one.

    Not others: in the Rayleigh rows all hangs on each image's first OFDM symbol, and the two halves of the
    test set, from different writers, differ by 5 % in error rate.
    """
    return load_dataset("mnist").images[::2]


def config_of(row, **settings):
    return LinkConfig(
        row["modulation"], preset="table2", channel=row["channel"], snr_db=float(row["snr_db"]), **settings
    )


@pytest.mark.parametrize(
    "row", ROWS, ids=lambda row: "-".join((row["channel"], row["modulation"], row["snr_db"]))
)
def test_row_of_the_reference(mnist, row):
    result = transmit(mnist, config_of(row, seed=3))
    ber = result.bit_errors.sum() / result.bits.sum()
    expected = float(row["ber"])
    if expected > 0.001:
        assert ber == pytest.approx(expected, rel=0.05)
    else:
        assert ber < 0.001

    psnr = metrics.psnr(mnist, result.images)
    finite = psnr[np.isfinite(psnr)]
    share = 1 - finite.size / psnr.size
    # Two runs' shares of error-free images, each with its own noise, and printed to four digits.
    spread = np.sqrt(2 * max(share * (1 - share), 1e-4) / psnr.size)
    assert share == pytest.approx(float(row["error_free_share"]), abs=3.3 * spread + 0.0001)

    expected = float(row["psnr_finite_db"])
    if np.isinf(expected):
        # The reference saw no error in 5,000 images; ours may see a few.
        assert finite.size <= 5
        return
    tolerance = 0.25
    if share > 0.5:
        # Of 5,000 images only some fifty have an error, and most just one, whose bit alone makes the PSNR:
        # both means are so uncertain that the interval of their difference is what can be asked for.
        tolerance = np.sqrt(2) * margin_of_mean(finite)
    assert finite.mean() == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize("modulation", list(BITS))
def test_noiseless_rayleigh_is_numpy_bit_for_bit(modulation):
    # The taps' interference alone makes errors here, so all of it has to agree: order of pixels, labels,
    # padding, alignment and ends of the taps, the estimate from the first symbol.
    images = load_dataset("mnist").images[::50]
    config = LinkConfig(modulation, preset="table2", channel="rayleigh", snr_db=np.inf)
    result = transmit(images, config)
    expected = np.stack([receive(image, modulation, rayleigh=True) for image in images])
    np.testing.assert_array_equal(result.images, expected)
    assert modulation == "bpsk" or result.bit_errors.sum() > 1000


@pytest.mark.parametrize("modulation", list(BITS))
@pytest.mark.parametrize("shape", [(28, 28), (5, 7), (1, 9), (40, 3)])
def test_noiseless_rayleigh_of_random_images(modulation, shape):
    images = random_images(40, shape)
    config = LinkConfig(modulation, preset="table2", channel="rayleigh", snr_db=np.inf)
    expected = np.stack([receive(image, modulation, rayleigh=True) for image in images])
    np.testing.assert_array_equal(transmit(images, config).images, expected)


@pytest.mark.parametrize("modulation", list(BITS))
@pytest.mark.parametrize("channel", ["awgn", "rayleigh"])
def test_noisy_rows_agree_with_numpy_on_the_same_images(modulation, channel):
    # Noise of NumPy's own, so image by image only the statistics agree: the mean difference is zero.
    images, snr_db = load_dataset("mnist").images[::40], 7.0
    rng = np.random.default_rng(17)
    result = transmit(images, LinkConfig(modulation, preset="table2", channel=channel, snr_db=snr_db, seed=4))
    there = []
    for image in images:
        samples = np.fft.ifft(carriers_of(image, modulation), norm="ortho")
        samples = np.concatenate([samples[:, -16:], samples], axis=1).ravel()
        scale = np.sqrt(np.mean(np.abs(samples) ** 2) * 10 ** (-snr_db / 10) / 2)
        noise = scale * (rng.standard_normal(samples.size) + 1j * rng.standard_normal(samples.size))
        there.append(receive(image, modulation, channel == "rayleigh", noise))
    difference = (result.bit_errors - metrics.bit_errors(images, np.stack(there))) / result.bits
    assert difference.mean() == pytest.approx(0, abs=margin_of_mean(difference))
