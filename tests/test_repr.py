#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Public objects print as one short line, without pixels."""

import numpy as np
import pytest
from gnuradio import aeiqa, blocks, gr
from hypothesis import given
from hypothesis import strategies as st

from gnuradio.aeiqa import AirConfig, LinkConfig, air, images

IMAGES = np.arange(2 * 4 * 6, dtype=np.uint8).reshape(2, 4, 6)


def test_a_data_set():
    labelled = images.Dataset("four", IMAGES, np.array([0, 3]), tuple("abcd"), 20)
    assert repr(labelled) == "<Dataset four: 2 images of 4 x 6, 4 classes, background 20>"
    mixed = images.Dataset("mixed", [IMAGES[0], np.zeros((5, 5, 3), np.uint8)])
    assert repr(mixed) == "<Dataset mixed: 2 images of 2 shapes, no labels, background None>"


def test_a_transmission():
    config = LinkConfig(snr_db=float("inf"))
    assert repr(aeiqa.transmit(IMAGES, config)) == "<Transmission: 2 images of 4 x 6, 0 of 384 bits wrong>"
    mixed = [IMAGES[0], np.zeros((5, 5, 3), np.uint8)]
    assert repr(aeiqa.transmit(mixed, config)) == "<Transmission: 2 images of 2 shapes, 0 of 792 bits wrong>"


def test_a_received_image():
    link = aeiqa.Link([IMAGES[0], np.zeros((5, 5, 3), np.uint8)], LinkConfig(snr_db=float("inf")))
    link.run()
    first, second = link.sink.take()
    assert repr(first) == "<received_image 0: 4 x 6, label -1, 0 bytes missing>"
    assert repr(second) == "<received_image 1: 5 x 5 x 3, label -1, 0 bytes missing>"


def test_an_image_that_came_over_the_air():
    config = AirConfig(payload_symbols=4, stream=1)
    top, receiver = gr.top_block(), air.AirReceiver(config)
    sent = air.AirTransmitter(config, [np.zeros((20, 20), np.uint8)], labels=[7])
    top.connect(sent, blocks.head(gr.sizeof_gr_complex, 10**6), receiver)
    top.run()
    (image,) = receiver.take()
    said = repr(image)
    assert said.startswith("<AirImage 0: 20 x 20, label 7, 9 of 9 frames right, SNR ")
    assert len(said) < 100


def test_a_config_is_the_shortest_call_that_makes_it():
    assert repr(LinkConfig()) == "LinkConfig()"
    assert repr(LinkConfig(preset="table2", snr_db=5.0)) == "LinkConfig(preset='table2', snr_db=5.0)"
    assert repr(AirConfig(fft_len=128)) == "AirConfig(fft_len=128)"
    jakes = LinkConfig(channel="rayleigh", fading="jakes", doppler=0.01)
    assert repr(jakes) == "LinkConfig(channel='rayleigh', doppler=0.01, fading='jakes')"


@given(
    st.sampled_from(["physical", "table2"]),
    st.sampled_from(["awgn", "rayleigh"]),
    st.sampled_from(["bpsk", "qam64"]),
    st.sampled_from([None, "natural", "gray"]),
    st.floats(-10, 30),
    st.integers(0, 5),
)
def test_a_config_comes_back_from_what_it_prints(preset, channel, modulation, labels, snr_db, seed):
    config = LinkConfig(modulation, labels, channel, preset, snr_db, seed=seed)
    assert eval(repr(config), {"LinkConfig": LinkConfig}) == config


@pytest.mark.parametrize("name", ["LinkConfig", "AirConfig"])
def test_none_of_them_takes_more_than_a_line(name):
    assert "\n" not in repr(getattr(aeiqa, name)())
