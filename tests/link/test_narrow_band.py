#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Images through narrow-band energy: carrier leakage, spurs, tones beside and on the carriers."""

import numpy as np
import pytest
from gnuradio import blocks, gr

from gnuradio.aeiqa.air import AirConfig, AirReceiver
from gnuradio.aeiqa.bench.air import tone_statistics

CARRIERS = (0.0, -26.5, 26.5, 30.2)


def received(samples):
    receiver = AirReceiver(AirConfig())
    top = gr.top_block(catch_exceptions=False)
    top.connect(blocks.vector_source_c(samples.astype(np.complex64).tolist()), receiver)
    top.run()
    return receiver


@pytest.mark.parametrize("pauses", [False, True])
@pytest.mark.parametrize("carrier", CARRIERS)
def test_every_image_arrives_error_free_beside_a_tone_10_db_below_the_signal(carrier, pauses):
    got = tone_statistics(40, -10.0, carrier, pauses)
    assert (got.error_free, got.wrong_headers) == (40, 0)


# On a carrier a tone has 64 times its power: at -20 dB as much as one half of what a point may be off by.
@pytest.mark.parametrize("level_db", [-15.0, -20.0, -25.0])
def test_weaker_tones_do_no_harm_either(level_db):
    assert tone_statistics(40, level_db, 26.5, pauses=True).error_free == 40


@pytest.mark.parametrize("carrier", CARRIERS)
def test_19_of_20_images_arrive_error_free_beside_a_tone_as_strong_as_the_signal(carrier):
    assert tone_statistics(40, 0.0, carrier, pauses=True).error_free >= 38


def test_a_tone_alone_is_neither_frame_nor_try():
    rng = np.random.default_rng(1)
    n = 100_000
    noise = 0.03 * (rng.standard_normal(n) + 1j * rng.standard_normal(n))
    stats = received(0.5 * np.exp(0.3j * np.arange(n)) + noise).stats()
    assert (stats["headers_ok"], stats["headers_bad"]) == (0, 0)
    assert stats["tone_samples"] > 0.98 * n - 1024
    assert stats["level_db"] == pytest.approx(10 * np.log10(0.25 + 2 * 0.03**2), abs=0.05)


def test_the_receiver_tells_what_it_hears_where_it_reads_nothing():
    rng = np.random.default_rng(2)
    quiet = 0.001 * (rng.standard_normal(102400) + 1j * rng.standard_normal(102400))
    stats = received(quiet).stats()
    assert (stats["loud_samples"], stats["tone_samples"], stats["frames_inverted"]) == (0, 0, 0)
    loud = quiet.copy()
    loud[40960:61440] *= 100
    stats = received(loud).stats()
    assert 20480 <= stats["loud_samples"] <= 20480 + 2048


def test_frames_in_an_inverted_spectrum_are_counted_as_such():
    from gnuradio.aeiqa.air import AirTransmitter

    rng = np.random.default_rng(3)
    images = rng.integers(0, 256, (10, 28, 28), dtype=np.uint8)
    sink = blocks.vector_sink_c()
    top = gr.top_block(catch_exceptions=False)
    top.connect(AirTransmitter(AirConfig(stream=1), images), sink)
    top.run()
    sent = np.array(sink.data())
    sent += 0.01 * (rng.standard_normal(len(sent)) + 1j * rng.standard_normal(len(sent)))
    upright, inverted = received(sent).stats(), received(sent.conj()).stats()
    assert (upright["headers_ok"], upright["frames_inverted"]) == (10, 0)
    assert (inverted["headers_ok"], inverted["frames_inverted"]) == (0, 10)
