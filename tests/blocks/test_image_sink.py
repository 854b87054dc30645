#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""image_sink: images by their tags, missing and stray bytes, memory bound, PDUs, column order."""

import threading

import numpy as np
import pmt
import pytest
from gnuradio import blocks, gr
from one_block import bytes_of, image_tag, run, run_to_end, source_of

from gnuradio.aeiqa import image_sink, image_source

rng = np.random.default_rng(31)
SHAPES = ((4, 3), (1, 1), (5, 2, 3), (2, 7, 1), (28, 28))
MIXED = [rng.integers(0, 256, shape, dtype=np.uint8) for shape in SHAPES]
DATA, TAGS = bytes_of(MIXED, label=4)


def into(sink, data, tags=(), max_items=None):
    run(sink, (data, tags), outputs=(), max_items=max_items)
    return sink.take()


@pytest.mark.parametrize("max_items", [None, 1, 5])
def test_images_come_back_by_their_tags(max_items):
    sink = image_sink()
    images = into(sink, DATA, TAGS, max_items)
    assert [image.index for image in images] == [0, 1, 2, 3, 4]
    assert all(image.label == 4 and image.missing == 0 for image in images)
    for image, sent in zip(images, MIXED, strict=True):
        # One channel is no dimension of its own.
        np.testing.assert_array_equal(image.pixels, sent[..., 0] if sent.shape[2:] == (1,) else sent)
        assert image.pixels.dtype == np.uint8
    assert (sink.received(), sink.truncated(), sink.stray_bytes()) == (5, 0, 0)


def test_what_was_taken_is_gone():
    sink = image_sink()
    assert sink.take() == []
    assert len(into(sink, DATA, TAGS)) == 5
    assert sink.take() == []
    assert sink.take_pixels().size == 0
    assert sink.received() == 5


def test_all_pixels_in_a_row():
    sink = image_sink()
    run(sink, (DATA, TAGS), outputs=())
    np.testing.assert_array_equal(sink.take_pixels(), DATA)
    assert sink.take() == []


def test_column_order_is_undone():
    sink, top = image_sink(order="column"), gr.top_block()
    top.connect(image_source(MIXED, order="column"), sink)
    run_to_end(top)
    np.testing.assert_array_equal(sink.take_pixels(), DATA)
    # And what came columns first, taken for rows, is numpy's order "F".
    sink, top = image_sink(), gr.top_block()
    top.connect(image_source(MIXED, order="column"), sink)
    run_to_end(top)
    np.testing.assert_array_equal(
        sink.take_pixels(), np.concatenate([image.ravel(order="F") for image in MIXED])
    )


@pytest.mark.parametrize("max_items", [None, 1, 7])
@pytest.mark.parametrize("order", ["raster", "column"])
def test_an_image_cut_short_by_the_next_keeps_what_came(max_items, order):
    first, second = MIXED[2], MIXED[0]
    data = np.concatenate([first.ravel()[:17], second.ravel()])
    tags = [image_tag(0, first, 0), image_tag(17, second, 1)]
    sink = image_sink(order)
    images = into(sink, data, tags, max_items)
    assert [image.missing for image in images] == [13, 0]
    assert (sink.received(), sink.truncated(), sink.stray_bytes()) == (2, 1, 0)
    expected = np.zeros(30, np.uint8)
    expected[:17] = first.ravel()[:17]
    if order == "column":
        expected = expected.reshape(3, 2, 5).transpose(2, 1, 0)
    np.testing.assert_array_equal(images[0].pixels, expected.reshape(5, 2, 3))


def test_an_image_cut_short_by_the_end_counts():
    sink = image_sink()
    images = into(sink, DATA[:-100], TAGS)
    assert [image.missing for image in images] == [0, 0, 0, 0, 100]
    np.testing.assert_array_equal(images[-1].pixels.ravel()[:-100], MIXED[-1].ravel()[:-100])
    assert not images[-1].pixels.ravel()[-100:].any()
    assert (sink.received(), sink.truncated()) == (5, 1)


def test_stray_bytes_are_counted_and_dropped():
    image = MIXED[0]
    junk = np.full(50, 200, np.uint8)
    data = np.concatenate([junk, image.ravel(), junk[:9]])
    sink = image_sink()
    (only,) = into(sink, data, [image_tag(50, image)])
    np.testing.assert_array_equal(only.pixels, image)
    assert sink.stray_bytes() == 59
    sink = image_sink()
    assert into(sink, junk) == []
    assert (sink.received(), sink.stray_bytes()) == (0, 50)


@pytest.mark.parametrize(
    ("keep", "left"), [(-1, [0, 1, 2, 3, 4]), (0, []), (1, [4]), (3, [2, 3, 4]), (9, [0, 1, 2, 3, 4])]
)
def test_the_oldest_give_way(keep, left):
    sink = image_sink(keep=keep)
    assert [image.index for image in into(sink, DATA, TAGS)] == left
    assert sink.received() == 5


def test_each_image_is_a_pdu():
    sink, debug, top = image_sink(keep=0), blocks.message_debug(False), gr.top_block()
    data = np.concatenate([DATA, DATA[:5]])
    cut = image_tag(DATA.size, MIXED[0], index=7)
    top.connect(source_of(data, [*TAGS, cut]), sink)
    top.msg_connect(sink, "images", debug, "store")
    run_to_end(top)
    # A message sent as the graph stops may come late or, GNU Radio being what it is, not at all.
    assert debug.num_messages() in (5, 6)
    for i, image in enumerate(MIXED):
        message = debug.get_message(i)
        rows, cols, channels = (*image.shape, 1)[:3]
        assert pmt.to_python(pmt.car(message)) == {
            "index": i,
            "label": 4,
            "rows": rows,
            "cols": cols,
            "channels": channels,
            "missing": 0,
        }
        np.testing.assert_array_equal(pmt.u8vector_elements(pmt.cdr(message)), image.ravel())


def test_two_sinks_on_one_stream_see_the_same():
    source, first, second, top = image_source(MIXED), image_sink(), image_sink(keep=2), gr.top_block()
    top.connect(source, first)
    top.connect(source, second)
    run_to_end(top)
    np.testing.assert_array_equal(first.take_pixels(), DATA)
    assert [image.index for image in second.take()] == [3, 4]


def test_images_may_be_taken_while_they_come():
    source, sink, top = image_source(MIXED[:1] * 2000), image_sink(), gr.top_block()
    top.connect(source, sink)
    waiter = threading.Thread(target=run_to_end, args=(top,))
    waiter.start()
    taken = []
    while waiter.is_alive():
        taken += [image.index for image in sink.take()]
    taken += [image.index for image in sink.take()]
    assert taken == list(range(2000))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"order": "rows"}, "order must be raster or column, got 'rows'"),
        ({"keep": -2}, "keep must be -1 (all) or more, got -2"),
    ],
)
def test_wrong_arguments_are_named(arguments, says):
    with pytest.raises(ValueError) as caught:
        image_sink(**arguments)
    assert says in str(caught.value)
