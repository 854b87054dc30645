#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The receiver's counters have the same names in the blocks, in `AirReceiver.stats` and in the documents."""

import re
from pathlib import Path

import numpy as np
import pytest
from gnuradio import aeiqa, blocks, gr

from gnuradio.aeiqa import AirConfig
from gnuradio.aeiqa.air import AirReceiver, AirTransmitter

PAGE = (Path(__file__).parents[2] / "docs" / "air.md").read_text()
# Other people's scripts read these.
OF_FRAMES = (
    "samples",
    "bad_samples",
    "tone_samples",
    "loud_samples",
    "headers_ok",
    "headers_bad",
    "frames_inverted",
    "frames_cut",
)
OF_IMAGES = (
    "payloads_ok",
    "payloads_bad",
    "frames_repeated",
    "frames_refused",
    "frames_lost",
    "images_complete",
    "images_damaged",
    "images_with_gaps",
    "images_missed",
    "streams",
)
MEASURED = ("snr_db", "cfo", "level_db")


@pytest.fixture(scope="module")
def receiver():
    config = AirConfig(payload_symbols=4, copies=2, stream=5)
    top, receiver, sent = gr.top_block(), AirReceiver(config), blocks.vector_sink_c()
    images = np.random.default_rng(1).integers(0, 256, (3, 20, 20), np.uint8)
    transmitter = gr.top_block()
    transmitter.connect(AirTransmitter(config, images), sent)
    transmitter.run()
    samples = np.array(sent.data(), np.complex64)
    samples[:7] = np.nan  # of the first gap
    top.connect(blocks.vector_source_c(samples.tolist()), receiver)
    top.run()
    return receiver


def test_stats_has_the_counters_and_the_measurements(receiver):
    stats = receiver.stats()
    assert tuple(stats) == OF_FRAMES + OF_IMAGES + MEASURED
    assert stats["images_complete"] == 3
    assert stats["streams"] == 1
    assert stats["bad_samples"] == 7
    assert stats["payloads_ok"] == stats["headers_ok"] > 3
    counters = receiver.sync.counters() + receiver.sink.counters()
    assert counters.as_dict() == {name: stats[name] for name in OF_FRAMES + OF_IMAGES}
    for name, value in counters.as_dict().items():
        assert type(value) is int
        assert getattr(counters, name) == value


def test_each_block_fills_its_own_part(receiver):
    of_frames, of_images = receiver.sync.counters().as_dict(), receiver.sink.counters().as_dict()
    assert not any(of_frames[name] for name in OF_IMAGES)
    assert not any(of_images[name] for name in OF_FRAMES)


def test_counters_are_a_copy_that_nobody_can_write(receiver):
    counters = receiver.sync.counters()
    with pytest.raises(AttributeError):
        counters.samples = 0
    assert (counters + counters).samples == 2 * counters.samples
    with pytest.raises(TypeError):
        counters + 1


def test_they_print_as_one_line(receiver):
    assert repr(aeiqa.receiver_counters()) == "<receiver_counters: all 0>"
    counters = receiver.sink.counters()
    shown = ", ".join(f"{name} {value}" for name, value in counters.as_dict().items() if value)
    assert repr(counters) == f"<receiver_counters: {shown}>"


def test_the_page_has_every_counter_with_the_meaning_that_python_gives():
    section = PAGE.split("## What the receiver counts\n")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", section, re.MULTILINE))
    assert tuple(rows) == OF_FRAMES + OF_IMAGES + MEASURED
    for name in OF_FRAMES + OF_IMAGES:
        assert rows[name] == getattr(aeiqa.receiver_counters, name).__doc__
