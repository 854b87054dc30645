#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""image_source: bytes in raster or column order, a tag for each image, repetition."""

import numpy as np
import pytest
from gnuradio import blocks, gr
from one_block import run, run_to_end, stream_of

from gnuradio.aeiqa import LinkConfig, image_sink, image_source, image_tagger, image_transmitter

rng = np.random.default_rng(5)
MIXED = [
    rng.integers(0, 256, shape, dtype=np.uint8) for shape in ((4, 3), (1, 1), (5, 2, 3), (2, 7, 1), (1, 6, 2))
]


def test_raster_order_is_numpys_own():
    (out,) = run(image_source(MIXED))
    np.testing.assert_array_equal(out.items, np.concatenate([image.ravel() for image in MIXED]))


def test_column_order_is_matlabs():
    # numpy's order "F" on [rows, cols, channels]: rows run fastest, then columns, then channels.
    (out,) = run(image_source(MIXED, order="column"))
    np.testing.assert_array_equal(out.items, np.concatenate([image.ravel(order="F") for image in MIXED]))


@pytest.mark.parametrize("order", ["raster", "column"])
@pytest.mark.parametrize("max_items", [None, 1, 5, 4096])
def test_each_image_bears_its_tag(order, max_items):
    (out,) = run(
        image_source(MIXED, labels=[3, -1, 0, 9, 7], first_index=2**40, order=order), max_items=max_items
    )
    starts = np.cumsum([0] + [image.size for image in MIXED[:-1]])
    expected = {}
    for i, (image, label) in enumerate(zip(MIXED, [3, -1, 0, 9, 7], strict=True)):
        rows, cols, channels = (*image.shape, 1)[:3]
        expected[int(starts[i])] = {
            "index": 2**40 + i,
            "label": label,
            "rows": rows,
            "cols": cols,
            "channels": channels,
            "nbytes": image.size,
        }
    assert out.values() == expected


def test_without_labels_they_are_unknown():
    (out,) = run(image_source(MIXED))
    assert [value["label"] for value in out.values().values()] == [-1] * 5


@pytest.mark.parametrize("shape", [(6, 4, 5), (6, 4, 5, 3), (1, 1, 1, 1)])
def test_an_array_is_a_list_of_its_images(shape):
    images = rng.integers(0, 256, shape, dtype=np.uint8)
    (array,) = run(image_source(images))
    (listed,) = run(image_source(list(images)))
    np.testing.assert_array_equal(array.items, listed.items)
    assert array.tags == listed.tags


def test_what_is_not_contiguous_is_sent_as_it_looks():
    image = MIXED[2]
    for view in (image[::-1], image[:, ::2], image.transpose(1, 0, 2), np.asfortranarray(image)):
        (out,) = run(image_source([view]))
        np.testing.assert_array_equal(out.items, view.ravel())


def test_the_source_keeps_its_own_copy():
    image = MIXED[0].copy()
    source = image_source([image])
    image[:] = 0
    (out,) = run(source)
    np.testing.assert_array_equal(out.items, MIXED[0].ravel())


def test_repeat_starts_again_with_the_index_going_on():
    source, head, sink = (
        image_source(MIXED, first_index=10, repeat=True),
        blocks.head(1, 200),
        blocks.vector_sink_b(),
    )
    top = gr.top_block()
    top.connect(source, head, sink)
    run_to_end(top)
    out = stream_of(sink, "uint8", 1)
    once = np.concatenate([image.ravel() for image in MIXED])
    np.testing.assert_array_equal(out.items, np.resize(once, 200))
    indices = [value["index"] for value in out.values().values()]
    assert indices == list(range(10, 10 + len(indices)))
    assert out.values()[once.size]["rows"] == 4
    assert source.sent() >= len(indices) - 1


def test_sent_counts_images():
    source = image_source(MIXED)
    assert source.sent() == 0
    run(source)
    assert source.sent() == 5


@pytest.mark.parametrize(
    ("images", "says"),
    [
        ([], "at least one image"),
        (np.zeros((0, 2, 2), np.uint8), "at least one image"),
        (np.zeros((2, 0, 2), np.uint8), "1 or more, got 0 x 2 x 1"),
        (np.zeros((2, 2), np.uint8), "got 1 dimension"),
        (np.zeros((1, 2, 2, 2, 2), np.uint8), "got 4 dimensions"),
        (np.zeros((1, 2, 2)), "uint8 arrays, got float64"),
        (np.zeros((1, 2, 2), bool), "uint8 arrays, got bool"),
        ([np.zeros((2, 2), np.uint8), np.zeros((2, 2), np.int16)], "uint8 arrays, got int16"),
        ([[1, 2], [3, 4]], "uint8 arrays"),
        (["a.png"], "uint8 arrays"),
    ],
)
def test_what_is_no_image(images, says):
    with pytest.raises(ValueError, match=r"^image_source: ") as caught:
        image_source(images)
    assert says in str(caught.value)


def test_labels_are_one_an_image():
    with pytest.raises(ValueError, match=r"^image_source: 5 images need as many labels, got 2"):
        image_source(MIXED, labels=[1, 2])


def test_numpy_labels_will_do():
    (out,) = run(image_source(MIXED, labels=np.arange(5, dtype=np.int64)))
    assert [value["label"] for value in out.values().values()] == list(range(5))


def test_unknown_order():
    with pytest.raises(ValueError, match="order must be raster or column, got 'diagonal'"):
        image_source(MIXED, order="diagonal")


@pytest.mark.parametrize("first", [2**62 + 1, 2**63, 2**64 - 1])
def test_an_index_that_a_tag_cannot_hold_is_refused(first):
    message = rf"first_index must be at most 2\^62, got {first}"
    with pytest.raises(ValueError, match=f"^image_source: {message}"):
        image_source(MIXED, first_index=first)
    with pytest.raises(ValueError, match=f"^image_tagger: {message}"):
        image_tagger(2, 5, first_index=first)
    with pytest.raises(ValueError, match=message):
        image_transmitter(MIXED, LinkConfig(), first_index=first)


def test_the_highest_index_arrives():
    graph, source, sink = gr.top_block(), image_source(MIXED, first_index=2**62), image_sink()
    graph.connect(source, sink)
    graph.run()
    assert [image.index for image in sink.take()] == [2**62 + i for i in range(len(MIXED))]
