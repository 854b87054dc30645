#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A flowgraph locked and unlocked while it runs, and run again: no image is mixed up or renumbered.

Unlocking empties all buffers and restarts GNU Radio's counts of items. What was on its way is lost; an image
that came in part says so, and one of which nothing came is counted.
"""

import time

import numpy as np
import pytest
from gnuradio import aeiqa, blocks, gr
from one_block import run_to_end

rng = np.random.default_rng(43)
IMAGES = rng.integers(0, 256, (20000, 8, 8), dtype=np.uint8)
PLACES = 50


def lock_at_random_places(top):
    """Run a flowgraph that does not end, and lock it 50 times."""
    top.start()
    pauses = np.random.default_rng(5).uniform(0, 0.02, PLACES)
    for pause in pauses:
        time.sleep(pause)
        top.lock()
        top.unlock()
    time.sleep(0.1)
    top.stop()
    top.wait()


def assert_right_or_marked(images, order="raster"):
    """Whole images are those sent, by their index; of others a part is there, and the rest is missing."""
    assert len(images) > PLACES
    for image in images:
        sent = IMAGES[image.index % len(IMAGES)]
        if not image.missing:
            np.testing.assert_array_equal(image.pixels, sent)
        elif len(image.fragments):
            continue
        else:
            came = 64 - image.missing
            np.testing.assert_array_equal(image.pixels.ravel()[:came], sent.ravel()[:came])
            assert not image.pixels.ravel()[came:].any()
    assert np.mean([image.missing == 0 for image in images]) > 0.5


@pytest.mark.parametrize("preset", ["table2", "physical"])
def test_a_simulated_link(preset):
    source, sink, top = aeiqa.image_source(IMAGES, repeat=True), aeiqa.image_sink(), gr.top_block()
    model = aeiqa.table2_channel(snr_db=np.inf) if preset == "table2" else aeiqa.channel(snr_db=np.inf)
    top.connect(
        source,
        aeiqa.qam_mapper(modulation="qam16"),
        aeiqa.ofdm_modulator(),
        model,
        aeiqa.ofdm_demodulator(),
        aeiqa.ls_equalizer(),
        aeiqa.qam_demapper(modulation="qam16"),
        sink,
    )
    lock_at_random_places(top)
    images = sink.take()
    assert_right_or_marked(images)
    indices = [image.index for image in images]
    assert (np.diff(indices) >= 0).all()  # an image that was torn may come again as a whole
    # Every image is there, or counted.
    assert sink.missed() == indices[-1] - indices[0] + 1 - len(set(indices))


def test_frames_in_the_air():
    config = aeiqa.air.AirConfig(payload_symbols=4)
    transmitter = aeiqa.air.AirTransmitter(config, IMAGES, repeat=True)
    receiver, top = aeiqa.air.AirReceiver(config), gr.top_block()
    top.connect(transmitter, receiver)
    lock_at_random_places(top)
    images = receiver.take()
    assert len(images) > PLACES
    whole = 0
    for image in images:
        if (image.fragments == 1).all():
            np.testing.assert_array_equal(image.image, IMAGES[image.index % len(IMAGES)])
            whole += 1
    assert whole > len(images) / 2
    assert receiver.stats()["streams"] == 1  # the stream goes on


def tagged(*between):
    """Images as plain bytes, tagged behind some blocks, cut into images again."""
    source = blocks.vector_source_b(IMAGES.ravel(), True)
    tagger, sink, top = aeiqa.image_tagger(8, 8), aeiqa.image_sink(), gr.top_block()
    top.connect(source, blocks.throttle(1, 2e6), *between, tagger, sink)
    lock_at_random_places(top)
    return sink.take(), sink


@pytest.mark.parametrize("number", [0, 1, 3])
def test_plain_bytes_stay_aligned(number):
    images, _ = tagged(*(blocks.copy(1) for _ in range(number)))
    assert_right_or_marked(images)
    assert (np.diff([image.index for image in images]) > 0).all()


def test_plain_bytes_of_which_nobody_knows_the_place_are_tagged_no_more():
    images, sink = tagged(
        blocks.packed_to_unpacked_bb(1, gr.GR_MSB_FIRST), blocks.unpacked_to_packed_bb(1, gr.GR_MSB_FIRST)
    )
    for image in images:
        if not image.missing:
            np.testing.assert_array_equal(image.pixels, IMAGES[image.index])
    assert sink.stray_bytes() > 0


@pytest.mark.parametrize("kind", ["image_source", "image_tagger"])
def test_a_second_run_goes_on_numbering(kind):
    sink = aeiqa.image_sink()
    if kind == "image_source":
        blocks_before = [aeiqa.image_source(IMAGES[:10], repeat=True), blocks.head(1, 650)]
    else:
        blocks_before = [blocks.vector_source_b(IMAGES[:10].ravel(), True), blocks.head(1, 650)]
        blocks_before.append(aeiqa.image_tagger(8, 8))
    top = gr.top_block()
    top.connect(*blocks_before, sink)
    run_to_end(top)
    first = sink.take()
    assert [image.index for image in first if not image.missing] == list(range(10))
    blocks_before[0].rewind() if kind == "image_tagger" else None
    blocks_before[1].reset()
    run_to_end(top)
    second = sink.take()
    whole = [image for image in second if not image.missing]
    assert whole[0].index >= 10
    assert len({image.index for image in whole}) == len(whole)
    for image in whole:
        place = (image.index - whole[0].index) if kind == "image_tagger" else image.index
        np.testing.assert_array_equal(image.pixels, IMAGES[place % 10])


def test_an_image_queue_sends_a_torn_image_again():
    queue, sink, top = aeiqa.image_queue_source(), aeiqa.image_sink(), gr.top_block()
    top.connect(queue, blocks.throttle(1, 20000), sink)
    top.start()
    sent = 0
    for _ in range(20):
        while queue.send(IMAGES[sent]):
            sent += 1
        time.sleep(0.02)
        top.lock()
        top.unlock()
    queue.finish()
    top.wait()
    images = sink.take()
    for image in images:
        came = 64 - image.missing
        np.testing.assert_array_equal(image.pixels.ravel()[:came], IMAGES[image.index].ravel()[:came])
    assert sink.missed() + len({image.index for image in images}) == images[-1].index - images[0].index + 1


def test_measures_are_of_right_images_alone():
    sink, top = aeiqa.quality_sink(IMAGES, batch=16, keep=1), gr.top_block()
    top.connect(aeiqa.image_source(IMAGES, repeat=True), blocks.throttle(1, 1e6), sink)
    lock_at_random_places(top)
    sink.check()
    assert sink.scored() > PLACES
    assert sink.mean()["ber"] == 0
