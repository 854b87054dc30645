#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""table2_channel: measured signal power, noise first, the eight taps and their alignment, framing by tags."""

import numpy as np
import pytest
from one_block import make_tag, run

from gnuradio.aeiqa import table2_channel

rng = np.random.default_rng(19)
TAPS = np.exp(-np.arange(8.0))
TAPS /= np.sqrt(np.sum(TAPS**2))


def gaussian(count):
    return (rng.standard_normal(count) + 1j * rng.standard_normal(count)).astype(np.complex64)


def through(block, samples, tags, max_items=None):
    return run(block, (samples, tags), outputs=[("complex64", 1)], max_items=max_items)[0]


def bursts(*symbols, symbol_len=80):
    """Tags of bursts of so many OFDM symbols, one after the other."""
    starts = np.cumsum([0, *symbols]) * symbol_len
    return [
        make_tag(int(start), index=i, symbols=count)
        for i, (start, count) in enumerate(zip(starts[:-1], symbols, strict=True))
    ]


def test_rayleigh_is_numpys_same_convolution_shifted():
    samples = gaussian(10 * 80)
    out = through(table2_channel("rayleigh", np.inf), samples, bursts(3, 7))
    for start, end in ((0, 240), (240, 800)):
        expected = np.convolve(samples[start:end], TAPS)[4 : 4 + end - start]
        np.testing.assert_allclose(out.items[start:end], expected, atol=3e-6)


def test_bursts_shorter_than_the_taps():
    samples = gaussian(3 * 8)
    out = through(table2_channel("rayleigh", np.inf, 8, 0), samples, bursts(1, 2, symbol_len=8))
    np.testing.assert_allclose(out.items[:8], np.convolve(samples[:8], TAPS)[4:12], atol=3e-6)
    np.testing.assert_allclose(out.items[8:], np.convolve(samples[8:], TAPS)[4:20], atol=3e-6)


def test_awgn_without_noise_is_a_wire():
    samples = gaussian(800)
    np.testing.assert_array_equal(
        through(table2_channel("awgn", np.inf), samples, bursts(4, 6)).items, samples
    )


@pytest.mark.parametrize("amplitude", [0.01, 1.0, 30.0])
def test_noise_follows_each_bursts_own_power(amplitude):
    # Mean square of 80,000 complex samples: 99.9 % within 3.3 / sqrt(80,000) = 1.2 %.
    samples = gaussian(160_000) * np.float32(amplitude)
    samples[80_000:] *= 3
    out = through(table2_channel("awgn", 7.0), samples, bursts(1000, 1000))
    for part in (slice(0, 80_000), slice(80_000, None)):
        noise = out.items[part] - samples[part]
        snr = np.mean(np.abs(samples[part]) ** 2) / np.mean(np.abs(noise) ** 2)
        assert snr == pytest.approx(10**0.7, rel=0.012)


def test_noise_goes_through_the_taps_too():
    samples = gaussian(800)
    noisy = through(table2_channel("awgn", 5.0), samples, bursts(10)).items
    out = through(table2_channel("rayleigh", 5.0), samples, bursts(10)).items
    np.testing.assert_allclose(out, np.convolve(noisy, TAPS)[4:804], atol=1e-5)


@pytest.mark.parametrize("model", ["awgn", "rayleigh"])
@pytest.mark.parametrize("max_items", [1, 7, 1000])
def test_chunks_make_no_difference(model, max_items):
    samples, tags = gaussian(2400), bursts(1, 12, 1, 16)
    out = through(table2_channel(model, 3.0), samples, tags, max_items)
    whole = through(table2_channel(model, 3.0), samples, tags)
    np.testing.assert_array_equal(out.items, whole.items)
    assert out.tags == whole.tags
    assert list(out.values()) == [0, 80, 1040, 1120]


def test_samples_outside_bursts_are_dropped():
    samples = gaussian(1000)
    tags = [make_tag(100, index=0, symbols=2), make_tag(500, index=1, symbols=3)]
    out = through(table2_channel("awgn", np.inf), samples, tags)
    np.testing.assert_array_equal(out.items, np.concatenate([samples[100:260], samples[500:740]]))
    assert list(out.values()) == [0, 160]
    assert through(table2_channel(), samples, []).items.size == 0


def test_a_burst_that_never_ends_gives_nothing():
    out = through(table2_channel("awgn", np.inf), gaussian(700), bursts(3, 100))
    assert out.items.size == 240


def test_a_new_snr_counts_from_the_next_image():
    block = table2_channel("awgn", 0.0)
    block.set_snr_db(np.inf)
    assert block.snr_db() == np.inf
    samples = gaussian(160)
    np.testing.assert_array_equal(through(block, samples, bursts(2)).items, samples)


def test_a_silent_burst_stays_silent():
    assert not through(table2_channel("rayleigh", 0.0), np.zeros(160, np.complex64), bursts(2)).items.any()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"model": "rician"}, "model must be awgn or rayleigh, got 'rician'"),
        ({"snr_db": np.nan}, "snr_db must be"),
        ({"snr_db": -np.inf}, "snr_db must be"),
        ({"fft_len": 63}, "fft_len must be a multiple of 8 from 8 to 8192, got 63"),
        ({"cp_len": -1}, "cp_len must be from 0 to fft_len = 64, got -1"),
    ],
)
def test_wrong_arguments_are_named(arguments, says):
    with pytest.raises(ValueError) as caught:
        table2_channel(**arguments)
    assert says in str(caught.value)
    with pytest.raises(ValueError, match=r"snr_db must be .*got"):
        table2_channel().set_snr_db(np.nan)
