#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""image_tagger: plain bytes get the tags that image_source would have made, in any chunks."""

import numpy as np
import pytest
from gnuradio import blocks, gr
from one_block import image_tag, make_tag, run, source_of, stream_of

from gnuradio.aeiqa import image_sink, image_source, image_tagger

rng = np.random.default_rng(31)


def of_source(images):
    top, sink = gr.top_block(), blocks.vector_sink_b()
    top.connect(image_source(images), sink)
    top.run()
    return stream_of(sink, "uint8", 1)


@pytest.mark.parametrize("max_items", [None, 1, 7, 105])
@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (1, 1)])
def test_makes_what_image_source_makes(shape, max_items):
    images = rng.integers(0, 256, (6, *shape), dtype=np.uint8)
    (out,) = run(image_tagger(*shape), images.ravel(), max_items=max_items)
    expected = of_source(images)
    np.testing.assert_array_equal(out.items, expected.items)
    assert out.tags == expected.tags
    assert [value["index"] for value in out.values().values()] == [0, 1, 2, 3, 4, 5]


def test_own_tags_replace_those_that_come_and_others_pass():
    image = np.zeros((2, 5), np.uint8)
    tags = [image_tag(3, image, index=9), make_tag(4, key="colour", value=7)]
    (out,) = run(image_tagger(2, 5, first_index=40), (np.zeros(20, np.uint8), tags))
    assert [(offset, tag["index"]) for offset, tag in out.values().items()] == [(0, 40), (10, 41)]
    assert out.values("colour") == {4: 7}


def test_a_last_image_that_is_cut_off_is_known_as_such():
    top, sink = gr.top_block(), image_sink()
    top.connect(source_of(rng.integers(0, 256, 25, dtype=np.uint8)), image_tagger(2, 5), sink)
    top.run()
    assert (sink.received(), sink.truncated(), sink.stray_bytes()) == (3, 1, 0)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"rows": 0}, "rows, cols and channels must be 1 or more, got 0 x 28 x 1"),
        ({"cols": -1}, "rows, cols and channels must be 1 or more, got 28 x -1 x 1"),
        ({"channels": 0}, "rows, cols and channels must be 1 or more, got 28 x 28 x 0"),
        ({"rows": 2**20 + 1}, "at most 2^20 rows, cols and channels and 2^30 bytes, got 1048577 x 28 x 1"),
        ({"rows": 2**20, "cols": 2**20, "channels": 2}, "2^30 bytes, got 1048576 x 1048576 x 2"),
    ],
)
def test_wrong_arguments_are_named(arguments, says):
    with pytest.raises(ValueError) as caught:
        image_tagger(**arguments)
    assert "image_tagger: " in str(caught.value)
    assert says in str(caught.value)
