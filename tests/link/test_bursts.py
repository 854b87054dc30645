#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Bursts of many images: one tag, one padding, one fading, and single images again at the sinks."""

import numpy as np
import pmt
import pytest
from gnuradio import blocks, gr
from honest import random_images
from one_block import image_tag, make_tag, run
from table2_numpy import BITS, carriers_of, receive

from gnuradio.aeiqa import (
    LinkConfig,
    image_sink,
    image_source,
    image_transmitter,
    metrics,
    quality_sink,
    transmit,
)
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.images import load_dataset
from gnuradio.aeiqa.link.simulated import Link

rng = np.random.default_rng(5)
SHAPES = ((4, 3), (1, 1), (5, 2, 3), (2, 7), (28, 28), (9, 4), (3, 3, 3))
MIXED = [rng.integers(0, 256, shape, dtype=np.uint8) for shape in SHAPES]


def tags_of(source, max_items=None):
    top, sink = gr.top_block(), blocks.vector_sink_b()
    if max_items is not None:
        source.set_max_noutput_items(max_items)
    top.connect(source, sink)
    top.run()
    return sink.data(), [(tag.offset, pmt.to_python(tag.value)) for tag in sink.tags()]


@pytest.mark.parametrize("per_burst", [1, 2, 3, 7, 8, 0])
def test_each_burst_has_one_tag_that_tells_of_all(per_burst):
    data, tags = tags_of(image_source(MIXED, list(range(7)), 100, images_per_burst=per_burst), 5)
    np.testing.assert_array_equal(data, np.concatenate([image.ravel() for image in MIXED]))
    starts = np.cumsum([0, *(image.size for image in MIXED)])
    firsts = range(0, 7, per_burst or 7)
    assert [offset for offset, _ in tags] == [starts[first] for first in firsts]
    for first, (_, tag) in zip(firsts, tags, strict=True):
        end = min(first + (per_burst or 7), 7)
        assert (tag["index"], tag["nbytes"]) == (100 + first, starts[end] - starts[first])
        if per_burst == 1:
            assert tag["label"] == first
            continue
        images = np.reshape(tag["images"], (-1, 4)).tolist()
        assert images == [[*(*SHAPES[i], 1)[:3], i] for i in range(first, end)]


@pytest.mark.parametrize("order", ["raster", "column"])
@pytest.mark.parametrize(("per_burst", "max_items"), [(2, 1), (3, None), (0, 7), (0, None)])
def test_the_sink_takes_them_apart(per_burst, max_items, order):
    top, sink = gr.top_block(), image_sink(order)
    source = image_source(MIXED, [3, 1, 4, 1, 5, 9, 2], 10, order=order, images_per_burst=per_burst)
    if max_items is not None:
        source.set_max_noutput_items(max_items)
    top.connect(source, sink)
    top.run()
    images = sink.take()
    assert [image.index for image in images] == list(range(10, 17))
    assert [image.label for image in images] == [3, 1, 4, 1, 5, 9, 2]
    for image, sent in zip(images, MIXED, strict=True):
        np.testing.assert_array_equal(image.pixels, sent)
    assert (sink.received(), sink.truncated(), sink.missed(), sink.stray_bytes()) == (7, 0, 0, 0)


def test_sinks_in_python_take_them_apart_as_well():
    top, sink = gr.top_block(), quality_sink(MIXED, batch=2)
    top.connect(image_source(MIXED, images_per_burst=3), sink)
    top.run()
    sink.check()
    assert sink.results()["index"].tolist() == list(range(7))
    assert (sink.results()["ber"] == 0).all()
    assert (sink.truncated(), sink.stray_bytes(), sink.refused_tags()) == (0, 0, 0)


IMAGE = np.zeros((3, 4), np.uint8)


@pytest.mark.parametrize("sink", ["image_sink", "quality_sink"])
@pytest.mark.parametrize("at", [1, 10, 12, 14, 36, 47])
def test_a_burst_that_the_next_cuts_short(sink, at):
    """Of four images of 12 bytes: those that had begun are kept or counted, those that had not are missed."""
    images = pmt.init_s32vector(16, [3, 4, 1, -1] * 4)
    tags = [make_tag(0, index=0, nbytes=48, images=images), image_tag(at, IMAGE, 4)]
    data = rng.integers(0, 256, at + 12, dtype=np.uint8)
    block = image_sink() if sink == "image_sink" else quality_sink([IMAGE] * 5)
    run(block, (data, tags), outputs=())
    complete, begun = at // 12, bool(at % 12)
    assert block.truncated() == begun
    if sink == "quality_sink":
        assert block.results()["index"].tolist() == [*range(complete), 4]
        return
    found = block.take()
    assert [image.index for image in found] == [*range(complete + begun), 4]
    assert [image.missing for image in found[: complete + begun]] == [0] * complete + [12 - at % 12] * begun


@pytest.mark.parametrize(
    "images",
    [
        [3, 4, 1],
        [3, 4, 1, -1, 3],
        [0, 4, 1, -1],
        [-3, -4, 1, -1],
        [1 << 21, 1, 1, -1],
        [],
        "text",
        [3, 4, 2, 0],
    ],
)
@pytest.mark.parametrize("make", [image_sink, lambda: quality_sink([IMAGE])])
def test_tags_of_bursts_that_make_no_sense_are_refused(images, make):
    field = pmt.intern("text") if images == "text" else pmt.init_s32vector(len(images), images)
    block = make()
    tag = make_tag(0, index=0, label=-1, rows=3, cols=4, channels=1, nbytes=12, images=field)
    run(block, (np.zeros(12, np.uint8), [tag]), outputs=())
    assert (block.refused_tags(), block.stray_bytes()) == (1, 12)


@pytest.mark.parametrize("modulation", ["bpsk", "qam64", "qam1024"])
@pytest.mark.parametrize("per_burst", [1, 3, 0])
def test_a_good_link_loses_nothing(modulation, per_burst):
    config = LinkConfig(modulation, snr_db=np.inf, images_per_burst=per_burst)
    result = transmit(MIXED, config)
    for image, sent in zip(result.images, MIXED, strict=True):
        np.testing.assert_array_equal(image, sent)


def test_symbols_are_shared_and_trained_once():
    """Ten images of 10 bytes as 16-QAM: a symbol and a training each, or 100 bytes in 4 and one training."""
    images = random_images(10, (2, 5))
    for per_burst, symbols in ((1, 20), (0, 5)):
        link = Link(images, LinkConfig("qam16", snr_db=np.inf, images_per_burst=per_burst))
        probe = blocks.vector_sink_c(64)
        link.connect(link.mapper, probe)
        link.run()
        assert len(probe.data()) == 64 * symbols


@pytest.mark.parametrize("preset", ["physical", "table2"])
@pytest.mark.parametrize("max_items", [1, 7, 4096])
def test_whole_bursts_arrive_alike_by_themselves_and_in_any_chunks(preset, max_items):
    images = random_images(8, (6, 5))
    config = LinkConfig("qam16", channel="rayleigh", preset=preset, snr_db=9.0, images_per_burst=4)
    whole = transmit(images, config).images
    assert (whole != images).any()
    parts = [transmit(images[k : k + 4], config, first_index=k, max_noutput_items=max_items) for k in (0, 4)]
    np.testing.assert_array_equal(np.concatenate([part.images for part in parts]), whole)


def test_a_torn_burst_is_sent_again_whole():
    images = random_images(6, (128, 128))
    source, top = image_source(images, images_per_burst=3), gr.top_block()
    head, first = blocks.head(1, 3 * 128**2 + 20_000), blocks.null_sink(1)
    source.set_max_output_buffer(4096)  # of two and more images left
    top.connect(source, head, first)
    top.run()
    top.disconnect_all()
    sink = image_sink()
    top.connect(source, sink)
    top.run()
    assert [image.index for image in sink.take()] == [3, 4, 5]
    assert source.sent() == 6


def test_what_cannot_be_a_burst_is_named():
    with pytest.raises(InputError, match="images_per_burst: must be from 0 to"):
        LinkConfig(images_per_burst=-1)
    with pytest.raises(InputError, match="images: images_per_burst 4 needs all of them"):
        image_transmitter(None, LinkConfig(images_per_burst=4))


# The paper's stream: all images one burst. Images side by side, read column by column, are its bytes.
def stream_of(images):
    return np.hstack(list(images))


def apart(stream, count):
    return np.stack(np.hsplit(stream, count))


@pytest.mark.parametrize("modulation", list(BITS))
def test_the_papers_stream_is_numpys_bit_for_bit(modulation):
    images = load_dataset("mnist").images[::50]
    config = LinkConfig(modulation, preset="table2", channel="rayleigh", snr_db=np.inf)
    expected = apart(receive(stream_of(images), modulation, rayleigh=True), len(images))
    np.testing.assert_array_equal(transmit(images, config).images, expected)


@pytest.mark.parametrize("modulation", list(BITS))
@pytest.mark.parametrize("shape", [(5, 7), (1, 9), (40, 3)])
def test_the_stream_of_random_images(modulation, shape):
    images = random_images(40, shape)
    config = LinkConfig(modulation, preset="table2", channel="rayleigh", snr_db=np.inf)
    expected = apart(receive(stream_of(images), modulation, rayleigh=True), len(images))
    np.testing.assert_array_equal(transmit(images, config).images, expected)


def test_one_noise_power_for_all():
    """A bright and a dark image: their noise is that of the burst's mean power, not of their own."""
    images = np.stack([np.full((32, 32), value, np.uint8) for value in (0, 0x55)])
    config = LinkConfig("qam16", preset="table2", snr_db=3.0, seed=2)
    carriers = [carriers_of(image, "qam16") for image in images]
    bodies = [np.fft.ifft(each, norm="ortho") for each in carriers]
    powers = [np.mean(np.abs(np.concatenate([body[:, -16:], body], axis=1)) ** 2) for body in bodies]
    assert powers[0] > 3 * powers[1]
    link = Link(images, config)
    probe = blocks.vector_sink_c(1)
    link.connect(link.channel, probe)
    link.run()
    received = np.reshape(probe.data(), (-1, 80))[:, 16:]
    noise = np.fft.fft(received, norm="ortho") - np.concatenate(carriers)
    power = np.mean(np.abs(noise) ** 2, axis=1)
    # 2,048 carriers each: 99.9 % of means of their squares within 3.3 / sqrt(2,048) = 7.3 %.
    for part in np.split(power, 2):
        assert part.mean() == pytest.approx(np.mean(powers) * 10**-0.3, rel=0.1)


def test_the_stream_counts_the_bits_of_each_image():
    images = load_dataset("mnist").images[:30]
    result = transmit(images, LinkConfig("qam16", preset="table2", snr_db=5.0))
    np.testing.assert_array_equal(result.bit_errors, metrics.bit_errors(images, result.images))
    assert (result.bit_errors > 0).all()
