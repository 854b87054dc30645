#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A program that uses the public names, for the type checker alone: ``mypy`` in the root reads it."""

from typing import assert_type

import numpy as np
from gnuradio import aeiqa

from gnuradio.aeiqa import air, images, iqa, metrics

dataset = images.load_dataset("mnist", "test", background=None)
assert_type(dataset, images.Dataset)
assert_type(dataset.take(10).name, str)

config = aeiqa.LinkConfig(modulation="qpsk", snr_db=10.0)
sent = np.zeros((2, 8, 8), np.uint8)
arrived = aeiqa.transmit(sent, config)
assert_type(arrived, aeiqa.Transmission)
print(metrics.psnr(sent, arrived.images).mean(), metrics.ber(sent, arrived.images).sum())
print(arrived.bit_errors.sum() / arrived.bits.sum(), config.eb_n0_db)

link = aeiqa.Link(sent, config)
assert_type(link.sink.received(), int)
assert_type([image.pixels.shape for image in link.sink.take()], list[tuple[int, ...]])
assert_type(aeiqa.quality_sink(sent).mean(), dict[str, float])

receiver = air.AirReceiver(air.AirConfig(copies=2))
assert_type([(image.index, image.label) for image in receiver.take()], list[tuple[int, int]])

target = iqa.load_target("paper")
score = iqa.load_score("reference", target="paper")
assert_type(score(sent, reference=sent, answer=target.predict(sent)).error_pct, float)
