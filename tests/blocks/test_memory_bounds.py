#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A receiver's memory grows with what comes, not with what headers claim, and has a limit."""

import subprocess
import sys

import numpy as np
import pytest
from one_block import bytes_of, make_tag, run

from gnuradio.aeiqa import image_queue_source, image_sink

HOSTILE = """
import resource
import numpy as np
import pmt
from gnuradio import blocks, gr
from gnuradio.aeiqa import image_sink, quality_sink
from one_block import bytes_of, make_tag, run_to_end, source_of, to_pmt

KIND = {kind!r}
rng = np.random.default_rng(47)
images = rng.integers(0, 256, (1000, 28, 28), dtype=np.uint8)
fragment = dict(label=-1, rows=4096, cols=4096, channels=1, nbytes=1, bits=2, gray=1, columns=0, copies=1)
fragment |= dict(copy=0, stream=5, payload_crc=0, start=0)
count = 4000
tags = []
for i in range(count):
    if KIND == "images":  # 64 MiB each, by one byte
        fields = dict(index=i, label=-1, rows=4096, cols=4096, channels=4, nbytes=1 << 26)
    elif KIND == "fragments":  # the last byte of 16 MiB each
        fields = dict(fragment, index=i, sequence=i, fragment_nbytes=1, frame_nbytes=1, offset=2**24 - 1 - i)
    elif KIND == "large frames":  # of one frame, by one byte
        fields = dict(fragment, index=i, sequence=i, fragment_nbytes=1 << 24, frame_nbytes=1 << 24, offset=0)
    elif KIND == "one image":  # in fragments of one byte each, all over it
        offset = int(rng.integers(1 << 24))
        fields = dict(fragment, index=0, sequence=i, fragment_nbytes=1, frame_nbytes=1, offset=offset)
    else:
        fields = dict((name, int(rng.choice([0, 1, 28, 784, 4096, 1 << 24, 1 << 30, 1 << 62]))) for name in (
            "index rows cols channels nbytes offset fragment_nbytes frame_nbytes bits").split())
    value = pmt.make_dict()
    for name, number in fields.items():
        value = pmt.dict_add(value, pmt.intern(name), to_pmt(number))
    tags.append(make_tag(i, value=value))
data, genuine = bytes_of(images)
for tag in genuine:
    tag.offset += count
data = np.concatenate([rng.integers(0, 256, count, dtype=np.uint8), data])
source = source_of(data, tags + genuine)
sinks = [image_sink(), image_sink(order="column"), quality_sink(images)]
top = gr.top_block()
for sink in sinks:
    top.connect(source, sink)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
run_to_end(top)
taken = sinks[0].take()
last = [image for image in taken if image.stream < 0 and image.pixels.shape == (28, 28)][-1000:]
assert all(np.array_equal(image.pixels, sent) for image, sent in zip(last, images, strict=True))
assert len(sinks[1].take()) == len(taken)
# Looking at an image of which little came takes little, too.
for image in taken[:20]:
    assert image.pixels.any() or not image.pixels.any()
assert sinks[2].scored() >= 1000
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.mark.parametrize("kind", ["images", "fragments", "large frames", "one image", "random tags"])
def test_a_hostile_transmitter_costs_little(kind):
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE.format(kind=kind)],
        capture_output=True,
        text=True,
        check=False,
        cwd=__file__.rsplit("/", 2)[0],
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[-1]) < 300


def test_images_that_wait_have_a_limit_in_bytes():
    images = np.arange(100, dtype=np.uint8)[:, None, None] * np.ones((1, 64, 64), np.uint8)
    sink = image_sink(max_waiting_bytes=50000)
    run(sink, bytes_of(images), outputs=())
    left = sink.take()
    assert 5 <= len(left) <= 12
    assert [image.index for image in left] == list(range(100 - len(left), 100))
    assert sink.overflowed() == 100 - len(left)
    assert sink.received() == 100
    # What was taken makes room.
    sink = image_sink(max_waiting_bytes=50000)
    for image in images[:20]:
        run(sink, bytes_of([image]), outputs=())
        assert len(sink.take()) == 1
    assert sink.overflowed() == 0


def test_one_image_waits_however_large_it_is():
    image = np.ones((100, 100), np.uint8)
    sink = image_sink(max_waiting_bytes=1)
    run(sink, bytes_of([image] * 3), outputs=())
    (left,) = sink.take()
    np.testing.assert_array_equal(left.pixels, image)
    assert sink.overflowed() == 2


def test_small_images_count_with_what_they_cost():
    sink = image_sink(max_waiting_bytes=10000)
    run(sink, bytes_of([np.ones((1, 1), np.uint8)] * 1000), outputs=())
    assert len(sink.take()) < 100


def test_a_queue_has_a_limit_in_bytes():
    queue = image_queue_source(max_waiting=1000, max_waiting_bytes=1000)
    large, small = np.zeros((100, 100), np.uint8), np.zeros((10, 10), np.uint8)
    assert queue.send(large)
    assert not queue.send(small)
    queue = image_queue_source(max_waiting=1000, max_waiting_bytes=1000)
    assert [queue.send(small) for _ in range(12)] == [True] * 10 + [False] * 2
    assert not queue.send(large)


@pytest.mark.parametrize("fill", [0, 9])
def test_missing_bytes_have_the_fill_value(fill):
    tag = make_tag(0, index=0, label=-1, rows=3, cols=2, channels=2, nbytes=12)
    for order, expected in (
        ("raster", [1, 2, 3, 4, 5] + [fill] * 7),
        ("column", [1, fill, 4, fill, 2, fill, 5, fill, 3, fill, fill, fill]),
    ):
        sink = image_sink(order, fill=fill)
        run(sink, (np.arange(1, 6, dtype=np.uint8), [tag]), outputs=())
        (image,) = sink.take()
        assert image.missing == 7
        assert image.pixels.ravel().tolist() == expected


@pytest.mark.parametrize(
    ("make", "name"), [(image_sink, "image_sink"), (image_queue_source, "image_queue_source")]
)
def test_no_room_at_all_is_refused(make, name):
    with pytest.raises(ValueError, match=f"{name}: max_waiting_bytes must be 1 or more, got 0"):
        make(max_waiting_bytes=0)
