#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""gr-digital's blocks on our constellation against our mapper and demapper."""

import numpy as np
import pytest
from gnuradio import digital
from one_block import bytes_of, make_tag, run

from gnuradio.aeiqa import constellation, qam_demapper, qam_mapper

BITS = {"bpsk": 1, "qpsk": 2, "qam16": 4, "qam64": 6, "qam256": 8, "qam1024": 10}
EVERY = [(modulation, labels) for modulation in BITS for labels in ("natural", "gray")]
FITS_A_BYTE = [(modulation, labels) for modulation, labels in EVERY if modulation != "qam1024"]
SYMBOLS, FFT_LEN = 30, 64
rng = np.random.default_rng(17)


def labels_of(data, bits):
    """Whole labels that bytes are made of, most significant bit first."""
    return np.unpackbits(data).reshape(-1, bits) @ (1 << np.arange(bits)[::-1])


def noisy(modulation, labels, noise_variance):
    """Random points in noise, complex64 [SYMBOLS, FFT_LEN], and their tag."""
    points = np.array(qam_mapper(FFT_LEN, modulation, labels).points())
    noise = rng.normal(0, np.sqrt(noise_variance / 2), (2, SYMBOLS, FFT_LEN))
    received = points[rng.integers(0, points.size, (SYMBOLS, FFT_LEN))] + noise[0] + 1j * noise[1]
    return received.astype(np.complex64), [make_tag(0, nbytes=SYMBOLS * FFT_LEN * BITS[modulation] // 8)]


@pytest.mark.parametrize(("modulation", "labels"), EVERY)
def test_points_labels_and_energy_are_the_mappers(modulation, labels):
    theirs = constellation(modulation, labels)
    assert list(theirs.points()) == list(qam_mapper(modulation=modulation, labels=labels).points())
    assert theirs.bits_per_symbol() == BITS[modulation]
    assert np.mean(np.abs(theirs.points()) ** 2) == pytest.approx(1, abs=1e-6)
    assert not theirs.apply_pre_diff_code()


@pytest.mark.parametrize(("modulation", "labels"), FITS_A_BYTE)
def test_chunks_to_symbols_maps_alike(modulation, labels):
    bits = BITS[modulation]
    data = rng.integers(0, 256, SYMBOLS * FFT_LEN * bits // 8, dtype=np.uint8)
    mapper = qam_mapper(FFT_LEN, modulation, labels, training_symbols=0)
    (ours,) = run(mapper, bytes_of([data.reshape(1, -1)]), outputs=[("complex64", FFT_LEN)])
    chunks = labels_of(data, bits).astype(np.uint8)
    to_symbols = digital.chunks_to_symbols_bc(constellation(modulation, labels).points())
    (theirs,) = run(to_symbols, chunks, outputs=[("complex64", 1)])
    np.testing.assert_array_equal(ours.items.ravel(), theirs.items)


@pytest.mark.parametrize(("modulation", "labels"), FITS_A_BYTE)
def test_constellation_decoder_decides_alike(modulation, labels):
    received, tags = noisy(modulation, labels, 0.05)
    (ours,) = run(qam_demapper(FFT_LEN, modulation, labels), (received, tags))
    decoder = digital.constellation_decoder_cb(constellation(modulation, labels).base())
    (theirs,) = run(decoder, received.ravel())
    decided = labels_of(ours.items, BITS[modulation])
    assert len(np.unique(decided)) > 2 ** BITS[modulation] / 2
    np.testing.assert_array_equal(decided, theirs.items)


def soft_pair(modulation, labels, noise_variance):
    """Ratios of our demapper and of gr-digital's soft decoder, [points, bits], and the points."""
    received, tags = noisy(modulation, labels, noise_variance)
    bits = BITS[modulation]
    ours = qam_demapper(FFT_LEN, modulation, labels, soft=True, noise_variance=1.0)
    (mine,) = run(ours, (received, tags), outputs=[("float32", 1)])
    decoder = digital.constellation_soft_decoder_cf(constellation(modulation, labels).base())
    (theirs,) = run(decoder, received.ravel(), outputs=[("float32", 1)])
    return mine.items.reshape(-1, bits), theirs.items.reshape(-1, bits), received.ravel()


def log_ratios(points, received, exponent):
    """Log of the sum of exp(-distance**exponent) over points with bit 1, less that over those with 0."""
    weight = np.exp(-(np.abs(received[:, None] - points) ** exponent))
    one = (np.arange(points.size) >> np.arange(points.size.bit_length() - 1)[::-1, None]) & 1 == 1
    return np.stack([np.log(weight[:, b].sum(1) / weight[:, ~b].sum(1)) for b in one], axis=1)


@pytest.mark.parametrize(("modulation", "labels"), FITS_A_BYTE)
def test_soft_decoder_has_our_order_and_sign_and_its_own_scale(modulation, labels):
    mine, theirs, received = soft_pair(modulation, labels, 0.05)
    points = np.array(constellation(modulation, labels).points())
    # True ratios for noise variance 1; up to 3.10.5 at least the distance is not squared.
    forms = [log_ratios(points, received, exponent) for exponent in (1, 2)]
    assert min(np.abs(theirs - form).max() for form in forms) < 1e-4
    # Max-log: off by the logarithm of the number of points left out at most, and not at all with one left.
    exact = modulation == "bpsk" or (modulation, labels) == ("qpsk", "gray")
    left_out = 0 if exact else np.log(points.size / 2)
    assert np.abs(mine - forms[1]).max() < left_out + 1e-4
    if modulation in ("bpsk", "qpsk"):
        np.testing.assert_array_equal(theirs > 0, mine > 0)


@pytest.mark.parametrize(("modulation", "labels"), FITS_A_BYTE)
def test_told_of_little_noise_it_agrees_with_our_signs(modulation, labels):
    mine, _, received = soft_pair(modulation, labels, 0.05)
    told = constellation(modulation, labels)
    first, *others = told.points()
    spacing = np.abs(np.array(others) - first).min()
    theirs = np.array([told.calc_soft_dec(complex(z), spacing / 10) for z in received])
    clear = np.abs(mine) > 0.05 * spacing**2  # no doubt about the nearest point
    assert clear.mean() > 0.9
    np.testing.assert_array_equal((theirs > 0)[clear], (mine > 0)[clear])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [({"modulation": "psk8"}, "got 'psk8'"), ({"labels": "grey"}, "labels must be gray or natural")],
)
def test_wrong_names_are_named(arguments, says):
    with pytest.raises(ValueError) as caught:
        constellation(**arguments)
    assert says in str(caught.value)
