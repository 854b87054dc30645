#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""qam_demapper: hard and soft decisions against a search over all points, packing, framing, EVM."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from one_block import bytes_of, make_tag, run

from gnuradio.aeiqa import qam_demapper, qam_mapper

BITS = {"bpsk": 1, "qpsk": 2, "qam16": 4, "qam64": 6, "qam256": 8, "qam1024": 10}
EVERY = [(m, labels) for m in BITS for labels in ("natural", "gray")]
each = pytest.mark.parametrize(("modulation", "labels"), EVERY)
rng = np.random.default_rng(29)


def points_of(modulation, labels):
    return np.array(qam_mapper(64, modulation, labels).points())


def noisy(symbols, spread=0.7):
    """Points all over the plane, some far outside."""
    return (spread * (rng.standard_normal((symbols, 64)) + 1j * rng.standard_normal((symbols, 64)))).astype(
        np.complex64
    )


def hard(symbols, modulation, labels, nbytes, max_items=None):
    block = qam_demapper(64, modulation, labels)
    return run(block, (symbols, [make_tag(0, nbytes=nbytes)]), max_items=max_items)[0]


def soft(symbols, modulation, labels, nbytes, noise=None, noise_variance=1.0, max_items=None):
    block = qam_demapper(64, modulation, labels, soft=True, noise_variance=noise_variance)
    inputs = [(symbols, [make_tag(0, nbytes=nbytes)])] + ([] if noise is None else [noise])
    return run(block, *inputs, outputs=[("float32", 1)], max_items=max_items)[0]


def label_bits(labels, bits):
    """MSB first, [..., bits]."""
    return (np.asarray(labels)[..., None] >> np.arange(bits)[::-1]) & 1


@each
@pytest.mark.parametrize("max_items", [None, 1, 50])
def test_hard_decisions_take_the_nearest_point(modulation, labels, max_items):
    symbols, bits = noisy(20), BITS[modulation]
    nbytes = 20 * 64 * bits // 8 - 3
    nearest = np.abs(symbols.ravel()[:, None] - points_of(modulation, labels)).argmin(axis=1)
    expected = np.packbits(label_bits(nearest, bits).ravel())[:nbytes]
    out = hard(symbols, modulation, labels, nbytes, max_items)
    np.testing.assert_array_equal(out.items, expected)
    assert out.values()[0]["nbytes"] == nbytes


def max_log(symbols, noise, points, bits):
    """ln(P(1)/P(0)) with each sum replaced by its largest term, by search; float64 [n * bits]."""
    distance = np.abs(symbols.ravel()[:, None].astype(complex) - points) ** 2
    ones = label_bits(np.arange(points.size), bits).astype(bool)
    llr = [distance[:, ~ones[:, b]].min(axis=1) - distance[:, ones[:, b]].min(axis=1) for b in range(bits)]
    return (np.stack(llr, axis=1) / noise.ravel()[:, None]).ravel()


@each
@pytest.mark.parametrize("max_items", [None, 1, 100])
def test_soft_decisions_are_max_log(modulation, labels, max_items):
    symbols, bits = noisy(4), BITS[modulation]
    noise = rng.uniform(0.01, 2, (4, 64)).astype(np.float32)
    nbytes = 4 * 64 * bits // 8 - 1
    expected = max_log(symbols, noise, points_of(modulation, labels), bits)[: 8 * nbytes]
    out = soft(symbols, modulation, labels, nbytes, noise, max_items=max_items)
    np.testing.assert_allclose(out.items, expected, rtol=1e-3, atol=1e-3)


@each
def test_soft_signs_are_the_hard_decisions(modulation, labels):
    symbols = noisy(4)
    nbytes = 4 * 64 * BITS[modulation] // 8
    signs = soft(symbols, modulation, labels, nbytes).items > 0
    np.testing.assert_array_equal(np.packbits(signs), hard(symbols, modulation, labels, nbytes).items)


def test_without_noise_input_its_own_variance_counts():
    symbols = noisy(2)
    unit = soft(symbols, "qam16", "gray", 64).items
    np.testing.assert_allclose(
        soft(symbols, "qam16", "gray", 64, noise_variance=0.25).items, 4 * unit, rtol=1e-5
    )


def test_bpsk_and_gray_qpsk_llrs_in_closed_form():
    symbols, noise = noisy(2), np.full((2, 64), 0.3, np.float32)
    y = symbols.ravel().astype(complex)
    np.testing.assert_allclose(
        soft(symbols, "bpsk", "gray", 16, noise).items, -4 * y.real / 0.3, rtol=1e-4, atol=1e-4
    )
    llr = soft(symbols, "qpsk", "gray", 32, noise).items.reshape(-1, 2)
    scale = 4 / np.sqrt(2) / 0.3
    np.testing.assert_allclose(llr, scale * np.stack([y.real, y.imag], axis=1), rtol=1e-4, atol=1e-4)


@each
def test_the_exact_points_carry_every_byte(modulation, labels):
    image = np.arange(256, dtype=np.uint8).reshape(16, 16)
    (sent,) = run(
        qam_mapper(64, modulation, labels, training_symbols=0), bytes_of([image]), outputs=[("complex64", 64)]
    )
    np.testing.assert_array_equal(hard(sent.items, modulation, labels, 256).items, image.ravel())


@each
def test_what_is_no_number_is_decided_all_the_same(modulation, labels):
    # Any decision will do for NaN, but it must be one, and the neighbours' must not change.
    symbols, bits = noisy(4), BITS[modulation]
    clean = hard(symbols, modulation, labels, 32 * bits).items
    spoilt = symbols.copy()
    places = {3: np.nan, 70: complex(0.1, np.nan), 100: complex(np.nan, -2)}
    for place, value in places.items():
        spoilt.ravel()[place] = value
    out = hard(spoilt, modulation, labels, 32 * bits).items
    changed = np.flatnonzero(np.unpackbits(out) != np.unpackbits(clean)) // bits
    assert set(changed) <= set(places)


@each
@pytest.mark.parametrize("angle", [0.2, 1.7, 3.9, 5.5])
def test_infinity_is_the_outermost_point_on_that_side(modulation, labels, angle):
    symbols = np.full((1, 64), np.exp(1j * angle), np.complex64)
    far = hard(symbols * 1e6, modulation, labels, 8).items
    re, im = np.sign(symbols.real) * np.inf, np.sign(symbols.imag) * np.inf
    infinite = np.empty_like(symbols)
    infinite.real, infinite.imag = re, im
    np.testing.assert_array_equal(hard(infinite, modulation, labels, 8).items, far)
    huge = (symbols * 3e37).astype(np.complex64)
    np.testing.assert_array_equal(hard(huge, modulation, labels, 8).items, far)


@each
def test_soft_decisions_of_the_impossible_stay_where_they_are(modulation, labels):
    symbols, bits = noisy(2), BITS[modulation]
    clean = soft(symbols, modulation, labels, 16 * bits).items
    spoilt = symbols.copy()
    spoilt[0, 5], spoilt[1, 7] = np.nan, np.inf
    out = soft(spoilt, modulation, labels, 16 * bits).items
    touched = np.isin(np.arange(out.size) // bits, (5, 71))
    np.testing.assert_array_equal(out[~touched], clean[~touched])


@each
def test_an_erased_carrier_gives_no_opinion(modulation, labels):
    noise = np.full((1, 64), np.inf, np.float32)
    out = soft(noisy(1), modulation, labels, 8 * BITS[modulation], noise).items
    np.testing.assert_array_equal(out, np.zeros(out.size))


@given(sizes=st.lists(st.integers(1, 300), min_size=1, max_size=5), max_items=st.sampled_from([None, 1, 33]))
def test_images_end_to_end_with_stray_symbols_between(sizes, max_items):
    images = [rng.integers(0, 256, (1, size), dtype=np.uint8) for size in sizes]
    symbols, tags, at = [], [], 0
    for i, image in enumerate(images):
        mapper = qam_mapper(64, "qam64", training_symbols=0)
        (sent,) = run(mapper, bytes_of([image]), outputs=[("complex64", 64)])
        tags.append(make_tag(at, index=i, nbytes=image.size))
        symbols += [sent.items, noisy(i % 3)]
        at += len(sent.items) + i % 3
    (out,) = run(qam_demapper(64, "qam64"), (np.concatenate(symbols), tags), max_items=max_items)
    np.testing.assert_array_equal(out.items, np.concatenate([image.ravel() for image in images]))
    starts = np.cumsum([0, *sizes[:-1]])
    assert {offset: tag["index"] for offset, tag in out.values().items()} == dict(
        zip(starts, range(len(sizes)), strict=True)
    )


def test_without_tags_nothing_comes():
    (out,) = run(qam_demapper(), noisy(10))
    assert out.items.size == 0


def test_an_image_cut_short_ends_where_the_next_begins():
    tags = [make_tag(0, index=0, nbytes=1000), make_tag(3, index=1, nbytes=32)]
    (out,) = run(qam_demapper(64, "qam16"), (noisy(6), tags))
    assert out.items.size == 3 * 32 + 32
    assert list(out.values()) == [0, 96]


def test_evm_is_that_of_the_latest_symbol():
    block = qam_demapper(64, "qam16")
    assert np.isnan(block.evm_percent())
    points = points_of("qam16", "gray")
    clean = points[rng.integers(0, 16, (3, 64))]
    error = 0.05 * np.exp(2j * np.pi * rng.random((3, 64)))
    symbols = (clean + error * np.array([[3], [2], [1]])).astype(np.complex64)
    run(block, (symbols, [make_tag(0, nbytes=96)]))
    assert block.evm_percent() == pytest.approx(5, rel=1e-4)


def test_evm_leaves_out_padding():
    block = qam_demapper(64, "qpsk")
    symbols = np.zeros((1, 64), np.complex64)
    symbols[0, :16] = points_of("qpsk", "gray")[0]
    run(block, (symbols, [make_tag(0, nbytes=4)]))
    assert block.evm_percent() == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"fft_len": 7}, "fft_len must be a multiple of 8 from 8 to 8192, got 7"),
        (
            {"modulation": "qam32"},
            "modulation must be bpsk, qpsk, qam16, qam64, qam256 or qam1024, got 'qam32'",
        ),
        ({"labels": ""}, "labels must be gray or natural, got ''"),
        ({"noise_variance": 0.0}, "noise_variance must be more than 0, got 0"),
        ({"noise_variance": np.nan}, "noise_variance must be more than 0, got nan"),
        ({"noise_variance": np.inf}, "noise_variance must be more than 0, got inf"),
    ],
)
def test_wrong_arguments_are_named(arguments, says):
    with pytest.raises(ValueError) as caught:
        qam_demapper(**arguments)
    assert says in str(caught.value)
