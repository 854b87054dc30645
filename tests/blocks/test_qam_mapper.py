#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""qam_mapper: points against tables written out here, bit order, padding, training, tags, stray bytes."""

import numpy as np
import pytest
from one_block import bytes_of, image_tag, run

from gnuradio.aeiqa import qam_mapper

BITS = {"bpsk": 1, "qpsk": 2, "qam16": 4, "qam64": 6, "qam256": 8, "qam1024": 10}
EVERY = [(m, labels) for m in BITS for labels in ("natural", "gray")]
rng = np.random.default_rng(6)
A, B, C = 1 / np.sqrt(2), 1 / np.sqrt(10), 3 / np.sqrt(10)


def image(nbytes):
    return rng.integers(0, 256, (1, nbytes), dtype=np.uint8)


def gray_axis(bits):
    """Level of each Gray code, by reflection: the list, then the list backwards with a leading one."""
    codes = ["0", "1"]
    for _ in range(bits - 1):
        codes = ["0" + code for code in codes] + ["1" + code for code in reversed(codes)]
    return {int(code, 2): level for level, code in enumerate(codes)}


def table(modulation, labels):
    """Point of each label."""
    bits = BITS[modulation]
    if modulation == "bpsk":
        return np.array([1, -1])
    if modulation == "qpsk" and labels == "natural":
        return np.array([A - 1j * A, -A - 1j * A, -A + 1j * A, A + 1j * A])
    half = bits // 2
    level = gray_axis(half) if labels == "gray" else {n: n for n in range(2**half)}
    points = []
    for label in range(2**bits):
        text = format(label, f"0{bits}b")
        points.append(complex(level[int(text[:half], 2)], level[int(text[half:], 2)]))
    points = np.array(points) - np.mean(points)
    return points / np.sqrt(np.mean(np.abs(points) ** 2))


def mapped(block, images, max_items=None, fft_len=64):
    return run(block, bytes_of(images), outputs=[("complex64", fft_len)], max_items=max_items)[0]


@pytest.mark.parametrize(("modulation", "labels"), EVERY)
def test_points_are_the_table(modulation, labels):
    points = np.array(qam_mapper(64, modulation, labels).points())
    np.testing.assert_allclose(points, table(modulation, labels), atol=1e-6)
    assert np.mean(np.abs(points) ** 2) == pytest.approx(1, abs=1e-6)


def test_known_points():
    # 16-QAM from the paper's page: I the high half, Q the low half, levels rising with the value.
    natural = qam_mapper(64, "qam16", "natural").points()
    np.testing.assert_allclose(natural[0b0000], -C - 1j * C, atol=1e-6)
    np.testing.assert_allclose(natural[0b0011], -C + 1j * C, atol=1e-6)
    np.testing.assert_allclose(natural[0b1001], B - 1j * B, atol=1e-6)
    gray = qam_mapper(64, "qam16", "gray").points()
    np.testing.assert_allclose(gray[0b1011], C + 1j * B, atol=1e-6)
    np.testing.assert_allclose(
        qam_mapper(64, "qpsk", "gray").points(), [-A - 1j * A, -A + 1j * A, A - 1j * A, A + 1j * A], atol=1e-6
    )


@pytest.mark.parametrize("modulation", ["qpsk", "qam16", "qam64", "qam256", "qam1024"])
def test_gray_neighbours_differ_in_one_bit(modulation):
    points = np.array(qam_mapper(64, modulation, "gray").points())
    distance = np.abs(points[:, None] - points)
    np.fill_diagonal(distance, np.inf)
    for a, b in np.argwhere(distance < distance.min() * 1.01):
        assert bin(a ^ b).count("1") == 1


@pytest.mark.parametrize(("modulation", "labels"), EVERY)
@pytest.mark.parametrize("max_items", [None, 1])
def test_bits_go_msb_first_and_the_last_symbol_is_padded(modulation, labels, max_items):
    images = [image(n) for n in (1, 7, 160, 161, 333)]
    block = qam_mapper(64, modulation, labels, training_symbols=0)
    out = mapped(block, images, max_items)
    expected = []
    for each in images:
        bits = np.unpackbits(each.ravel())
        bits = np.concatenate([bits, np.zeros(-bits.size % BITS[modulation], np.uint8)])
        values = bits.reshape(-1, BITS[modulation]) @ (1 << np.arange(BITS[modulation])[::-1])
        points = table(modulation, labels)[values]
        expected.append(np.concatenate([points, np.zeros(-points.size % 64)]).reshape(-1, 64))
    np.testing.assert_allclose(out.items, np.concatenate(expected), atol=1e-6)
    starts = np.cumsum([0] + [len(e) for e in expected])
    tags = out.values()
    assert list(tags) == list(starts[:-1])
    assert [tag["symbols"] for tag in tags.values()] == [len(e) for e in expected]
    assert [tag["index"] for tag in tags.values()] == [0, 1, 2, 3, 4]
    assert [tag["nbytes"] for tag in tags.values()] == [1, 7, 160, 161, 333]


def layout(data, training, period):
    """'T' and 'D' of a burst, spelt out."""
    burst = "T" * training
    for i in range(data):
        if period and i and i % period == 0:
            burst += "T" * training
        burst += "D"
    return burst


@pytest.mark.parametrize(("training", "period"), [(0, 0), (1, 0), (1, 1), (2, 3), (3, 1), (4, 100)])
@pytest.mark.parametrize("data", [1, 2, 3, 6, 7])
@pytest.mark.parametrize("max_items", [None, 1, 3])
def test_training_stands_in_front_and_comes_again(training, period, data, max_items):
    # BPSK, 8 carriers: a byte is a symbol.
    block = qam_mapper(8, "bpsk", training_symbols=training, training_period=period)
    images = [image(data), image(1)]
    out = mapped(block, images, max_items, fft_len=8)
    expected = layout(data, training, period) + layout(1, training, period)
    known = np.exp(-1j * np.pi * np.arange(8) ** 2 / 8)
    values = iter(np.concatenate([i.ravel() for i in images]))
    assert len(out.items) == len(expected)
    for symbol, kind in zip(out.items, expected, strict=True):
        wanted = known if kind == "T" else 1 - 2.0 * np.unpackbits(np.uint8(next(values)))
        np.testing.assert_allclose(symbol, wanted, atol=1e-6)
    assert [tag["symbols"] for tag in out.values().values()] == [
        len(layout(data, training, period)),
        len(layout(1, training, period)),
    ]


@pytest.mark.parametrize("fft_len", [8, 24, 64, 2048])
def test_the_training_symbol_is_flat_in_time_and_frequency(fft_len):
    out = mapped(qam_mapper(fft_len, "bpsk"), [image(1)], fft_len=fft_len)
    training = out.items[0]
    np.testing.assert_allclose(np.abs(training), 1, atol=1e-6)
    np.testing.assert_allclose(np.abs(np.fft.ifft(training, norm="ortho")), 1, atol=1e-5)


def test_the_first_symbol_revealed():
    images = [image(100), image(3)]
    out = mapped(qam_mapper(64, "qpsk", training_symbols=0, reveal_first_symbol=True), images)
    tags = out.values()
    assert len(tags) == 2
    for offset, tag in tags.items():
        np.testing.assert_array_equal(tag["known_symbol"], out.items[offset])
    hidden = mapped(qam_mapper(64, "qpsk", training_symbols=0), images)
    assert all("known_symbol" not in tag for tag in hidden.values().values())


def test_fields_it_does_not_know_travel_on():
    data, _ = bytes_of([image(9)])
    tag = image_tag(0, data.reshape(1, 9), index=3, label=4, colour=77)
    (out,) = run(qam_mapper(), (data, [tag]), outputs=[("complex64", 64)])
    assert out.values()[0]["colour"] == 77
    assert out.values()[0]["label"] == 4


@pytest.mark.parametrize("max_items", [None, 1])
def test_bytes_outside_images_are_dropped(max_items):
    first, second = image(5), image(4)
    junk = image(7).ravel()
    data = np.concatenate([junk, first.ravel(), junk, second.ravel(), junk])
    tags = [image_tag(7, first, 0), image_tag(19, second, 1)]
    (out,) = run(
        qam_mapper(8, "bpsk", training_symbols=0),
        (data, tags),
        outputs=[("complex64", 8)],
        max_items=max_items,
    )
    expected = np.concatenate([first.ravel(), second.ravel()])
    np.testing.assert_array_equal(np.packbits(out.items.real < 0), expected)
    assert list(out.values()) == [0, 5]


def test_without_tags_nothing_comes():
    (out,) = run(qam_mapper(), image(500).ravel(), outputs=[("complex64", 64)])
    assert out.items.size == 0


@pytest.mark.parametrize("max_items", [None, 1, 3])
@pytest.mark.parametrize("arrived", [1, 13, 16, 31])
def test_an_image_cut_short_by_the_next_is_filled_up(arrived, max_items):
    # 32 bytes are four OFDM symbols of 8 bytes; the burst keeps its length and the next image its place.
    first, second = image(32), image(20)
    block = qam_mapper(64, "bpsk", training_symbols=1, training_period=2)
    sent = np.concatenate([first.ravel()[:arrived], second.ravel()])
    tags = [image_tag(0, first, 0), image_tag(arrived, second, 1)]
    (out,) = run(block, (sent, tags), outputs=[("complex64", 64)], max_items=max_items)
    filled = np.zeros_like(first)
    filled.ravel()[:arrived] = sent[:arrived]
    whole = mapped(qam_mapper(64, "bpsk", training_symbols=1, training_period=2), [filled, second])
    np.testing.assert_array_equal(out.items, whole.items)
    assert list(out.values()) == list(whole.values())


def test_an_image_cut_off_by_the_end_gives_its_whole_symbols():
    each = image(20)
    (out,) = run(
        qam_mapper(8, "bpsk", training_symbols=0),
        (each.ravel()[:13], [image_tag(0, each)]),
        outputs=[("complex64", 8)],
    )
    np.testing.assert_array_equal(np.packbits(out.items.real < 0), each.ravel()[:13])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"fft_len": 60}, "fft_len must be a multiple of 8 from 8 to 8192, got 60"),
        ({"fft_len": 0}, "fft_len must be a multiple of 8 from 8 to 8192, got 0"),
        (
            {"modulation": "psk8"},
            "modulation must be bpsk, qpsk, qam16, qam64, qam256 or qam1024, got 'psk8'",
        ),
        ({"labels": "grey"}, "labels must be gray or natural, got 'grey'"),
        ({"training_symbols": -1}, "training_symbols must be 0 or more, got -1"),
        ({"training_period": -2}, "training_period must be 0 (once per image) or more, got -2"),
        (
            {"training_symbols": 0, "training_period": 4},
            "training_period needs training_symbols of 1 or more",
        ),
        ({"reveal_first_symbol": True}, "reveal_first_symbol goes with training_symbols = 0, got 1"),
    ],
)
def test_wrong_arguments_are_named(arguments, says):
    with pytest.raises(ValueError) as caught:
        qam_mapper(**arguments)
    assert says in str(caught.value)
