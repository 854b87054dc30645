#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""check_block over the blocks of a link, each fed by the one before, and over broken blocks."""

import numpy as np
import pmt
import pytest
from gnuradio import aeiqa, gr
from one_block import bytes_of

from gnuradio.aeiqa import testing

POINTS, SAMPLES, BYTES = (("complex64", 64),), (("complex64", 1),), (("uint8", 1),)


def images():
    rng = np.random.default_rng(2)
    return bytes_of([rng.integers(0, 256, (9, 11), np.uint8) for _ in range(3)])


def again(stream):
    """Output of one block, as the input of the next."""
    tags = []
    for offset, key, value in stream.tags:
        tag = gr.tag_t()
        tag.offset, tag.key, tag.value = offset, pmt.intern(key), pmt.to_pmt(value)
        tags.append(tag)
    return stream.items, tags


def through(given, make, outputs=BYTES, wrong=()):
    (found,) = testing.check_block(make, given, outputs=outputs, wrong=wrong)
    assert len(found.items)
    return again(found)


def test_the_blocks_of_a_link():
    data = images()

    def mapper(**more):
        return aeiqa.qam_mapper(64, "qam16", **more)

    def fading(**more):
        return aeiqa.channel(**{"model": "rayleigh", "snr_db": 30.0, "seed": 3, **more})

    points = through(data, mapper, POINTS, [{"labels": "grey"}, {"training_symbols": -1}])
    samples = through(points, lambda: aeiqa.ofdm_modulator(64, 16), SAMPLES)
    through(samples, fading, SAMPLES, [{"snr_db": float("nan")}, {"model": "copper"}])
    through(
        samples, lambda **more: aeiqa.table2_channel("rayleigh", seed=3, **more), SAMPLES, [{"fft_len": 0}]
    )
    noisy = through(samples, lambda: aeiqa.channel("awgn", 60.0, seed=3), SAMPLES)
    received = through(noisy, lambda: aeiqa.ofdm_demodulator(64, 16), POINTS)
    equal = through(received, aeiqa.ls_equalizer, POINTS, [{"estimation": "magic"}, {"fft_len": -1}])
    found, _ = through(
        equal, lambda **more: aeiqa.qam_demapper(64, "qam16", **more), BYTES, [{"labels": "?"}]
    )
    np.testing.assert_array_equal(found, data[0])


def test_blocks_beside_the_link():
    data, _ = images()
    through(data, lambda **more: aeiqa.image_tagger(**{"rows": 9, "cols": 11, **more}), BYTES, [{"rows": 0}])
    samples = np.exp(0.1j * np.arange(3000)).astype(np.complex64)
    rough = {"frequency_offset": 0.01, "phase_noise": 1e-4, "iq_gain_db": 0.5, "seed": 2}
    through(samples, lambda **more: aeiqa.impairments(**rough, **more), SAMPLES, [{"clip": -1.0}])
    through(
        images(),
        lambda **more: aeiqa.frame_mapper(stream=1, **more),  # else each has a number of its own
        POINTS,
        [{"copies": 0}, {"modulation": "qam3"}],
    )


class Repeats(gr.sync_block):
    """Copies; broken in the way that its name says."""

    def __init__(self, kind="", gain=1):
        gr.sync_block.__init__(self, "broken", [np.uint8], [np.uint8])
        self.kind, self.calls = kind, 0

    def work(self, input_items, output_items):
        self.calls += 1
        output_items[0][:] = input_items[0]
        if self.kind == "by call":
            output_items[0][0] ^= self.calls & 0xFF
        if self.kind == "tags by call":
            self.add_item_tag(0, self.nitems_written(0), pmt.intern("call"), pmt.from_long(self.calls))
        return len(output_items[0])


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("by call", "output 0 differs: entry"),
        ("tags by call", "output 0: its tags differ"),
    ],
)
def test_a_broken_block_is_caught(kind, message):
    with pytest.raises(AssertionError, match=message) as raised:
        testing.check_block(lambda: Repeats(kind), np.arange(200, dtype=np.uint8))
    assert "\n" not in str(raised.value)


def test_arguments_that_are_taken_are_caught():
    with pytest.raises(AssertionError, match="must raise ValueError, and was taken"):
        testing.check_block(Repeats, np.arange(200, dtype=np.uint8), wrong=[{"gain": -1}])
    with pytest.raises(AssertionError, match="must raise ValueError, raised TypeError"):
        testing.check_block(Repeats, np.arange(200, dtype=np.uint8), wrong=[{"volume": 1}])


def test_a_block_that_is_none_is_caught():
    with pytest.raises(AssertionError, match="a block must be GNU Radio's, got int"):
        testing.check_block(lambda: 3, np.arange(200, dtype=np.uint8))


def test_a_block_that_is_not_broken_passes():
    (found,) = testing.check_block(Repeats, np.arange(200, dtype=np.uint8))
    assert found.items.tolist() == list(range(200))
