#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""ofdm_modulator and ofdm_demodulator: unitary transforms against numpy.fft, the prefix, tags on symbols."""

import numpy as np
import pytest
from one_block import make_tag, run

from gnuradio.aeiqa import ofdm_demodulator, ofdm_modulator

rng = np.random.default_rng(9)
LENGTHS = [(8, 0), (8, 8), (24, 5), (64, 16), (256, 1), (2048, 512), (8192, 8192)]


def gaussian(*shape):
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(np.complex64)


def modulate(carriers, cp_len, tags=(), max_items=None):
    block = ofdm_modulator(carriers.shape[1], cp_len)
    return run(block, (carriers, tags), outputs=[("complex64", 1)], max_items=max_items)[0]


def demodulate(samples, fft_len, cp_len, tags=(), max_items=None):
    block = ofdm_demodulator(fft_len, cp_len)
    return run(block, (samples, tags), outputs=[("complex64", fft_len)], max_items=max_items)[0]


@pytest.mark.parametrize(("fft_len", "cp_len"), LENGTHS)
@pytest.mark.parametrize("max_items", [None, 1])
def test_modulator_is_the_unitary_ifft_behind_its_own_end(fft_len, cp_len, max_items):
    carriers = gaussian(5, fft_len)
    body = np.fft.ifft(carriers, norm="ortho")
    expected = np.concatenate([body[:, fft_len - cp_len :], body], axis=1)
    np.testing.assert_allclose(
        modulate(carriers, cp_len, max_items=max_items).items, expected.ravel(), atol=3e-6
    )


@pytest.mark.parametrize(("fft_len", "cp_len"), LENGTHS)
@pytest.mark.parametrize("max_items", [None, 1])
def test_demodulator_drops_the_prefix_and_is_the_unitary_fft(fft_len, cp_len, max_items):
    samples = gaussian(5 * (fft_len + cp_len))
    expected = np.fft.fft(samples.reshape(5, -1)[:, cp_len:], norm="ortho")
    np.testing.assert_allclose(
        demodulate(samples, fft_len, cp_len, max_items=max_items).items, expected, atol=3e-6
    )


def test_energy_is_kept():
    carriers = gaussian(50, 64)
    samples = modulate(carriers, 0).items
    assert np.sum(np.abs(samples) ** 2) == pytest.approx(np.sum(np.abs(carriers) ** 2), rel=1e-6)


def test_carriers_are_in_dft_order():
    carriers = np.zeros((3, 16), np.complex64)
    carriers[0, 0] = carriers[1, 1] = carriers[2, 15] = 1
    samples = modulate(carriers, 0).items.reshape(3, 16)
    turn = 2j * np.pi * np.arange(16) / 16
    np.testing.assert_allclose(samples[0], np.full(16, 0.25), atol=1e-7)
    np.testing.assert_allclose(samples[1], np.exp(turn) / 4, atol=1e-6)
    np.testing.assert_allclose(samples[2], np.exp(-turn) / 4, atol=1e-6)


@pytest.mark.parametrize("max_items", [None, 1, 1000])
@pytest.mark.parametrize(("fft_len", "cp_len"), [(64, 16), (24, 5), (128, 9)])
def test_tags_stay_on_their_symbols(fft_len, cp_len, max_items):
    marked = (0, 1, 7, 100, 299)
    tags = [make_tag(offset, index=offset) for offset in marked]
    sent = modulate(gaussian(300, fft_len), cp_len, tags, max_items)
    symbol = fft_len + cp_len
    assert {offset: value["index"] for offset, value in sent.values().items()} == {
        m * symbol: m for m in marked
    }
    back = [make_tag(offset, **value) for offset, value in sent.values().items()]
    received = demodulate(sent.items, fft_len, cp_len, back, max_items)
    assert {offset: value["index"] for offset, value in received.values().items()} == {m: m for m in marked}


def test_a_partial_last_symbol_is_left_out():
    assert len(demodulate(gaussian(3 * 80 + 79), 64, 16).items) == 3


@pytest.mark.parametrize("block", [ofdm_modulator, ofdm_demodulator])
@pytest.mark.parametrize(
    ("fft_len", "cp_len", "says"),
    [
        (63, 0, "fft_len must be a multiple of 8 from 8 to 8192, got 63"),
        (0, 0, "fft_len must be a multiple of 8 from 8 to 8192, got 0"),
        (-8, 0, "fft_len must be a multiple of 8 from 8 to 8192, got -8"),
        (8200, 0, "fft_len must be a multiple of 8 from 8 to 8192, got 8200"),
        (64, 65, "cp_len must be from 0 to fft_len = 64, got 65"),
        (64, -1, "cp_len must be from 0 to fft_len = 64, got -1"),
    ],
)
def test_wrong_arguments_are_named(block, fft_len, cp_len, says):
    with pytest.raises(ValueError) as caught:
        block(fft_len, cp_len)
    assert says in str(caught.value)
