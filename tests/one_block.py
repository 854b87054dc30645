#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""One block in a flowgraph of GNU Radio's own vector sources and sinks."""

import threading
from typing import NamedTuple

import numpy as np
import pmt
import pytest
from gnuradio import blocks, gr

# A graph of these tests takes milliseconds. One still running after this long never ends.
HANGS_AFTER_S = 30

_SUFFIX = {"uint8": "b", "float32": "f", "complex64": "c"}


class Stream(NamedTuple):
    """What came out of one port: items and [(offset, key, value)] of their tags."""

    items: np.ndarray
    tags: list

    def values(self, key="img"):
        """{offset: value} of the tags of one key."""
        return {offset: value for offset, name, value in self.tags if name == key}


def make_tag(offset: int, key: str = "img", value=None, **fields) -> gr.tag_t:
    """A tag; its value a dict of the fields, unless given."""
    tag = gr.tag_t()
    tag.offset, tag.key = offset, pmt.intern(key)
    if value is None:
        value = pmt.make_dict()
        for name, field in fields.items():
            value = pmt.dict_add(value, pmt.intern(name), to_pmt(field))
    tag.value = to_pmt(value)
    return tag


def to_pmt(value) -> pmt.pmt_base:
    """Integers, complex vectors and strings as PMTs."""
    if isinstance(value, np.ndarray):
        return pmt.init_c32vector(value.size, [complex(x) for x in value])
    if isinstance(value, int):
        return pmt.from_long(value)
    return pmt.intern(value) if isinstance(value, str) else value


def image_tag(offset: int, image: np.ndarray, index: int = 0, label: int = -1, **more) -> gr.tag_t:
    """The tag image_source puts on an image."""
    rows, cols, channels = (*image.shape, 1)[:3]
    return make_tag(
        offset, index=index, label=label, rows=rows, cols=cols, channels=channels, nbytes=image.size, **more
    )


def bytes_of(images, **more) -> tuple[np.ndarray, list]:
    """Images end to end in raster order, and their tags: an input for `run`."""
    starts = np.cumsum([0] + [image.size for image in images])
    tags = [
        image_tag(int(start), image, i, **more)
        for i, (start, image) in enumerate(zip(starts[:-1], images, strict=True))
    ]
    return np.concatenate([image.ravel() for image in images]), tags


def source_of(items: np.ndarray, tags=()) -> gr.sync_block:
    """Items [n] or [n, vector length] of uint8, float32 or complex64."""
    vlen = items.shape[1] if items.ndim == 2 else 1
    source = getattr(blocks, f"vector_source_{_SUFFIX[str(items.dtype)]}")
    return source(items.ravel(), False, vlen, list(tags))


def run(block, *inputs, outputs=(("uint8", 1),), max_items=None) -> list[Stream]:
    """What a block makes of its inputs, each items or (items, tags); outputs are (dtype, vector length)."""
    top = gr.top_block()
    if max_items is not None:
        block.set_max_noutput_items(max_items)
    for port, given in enumerate(inputs):
        items, tags = given if isinstance(given, tuple) else (given, ())
        top.connect(source_of(items, tags), (block, port))
    sinks = [getattr(blocks, f"vector_sink_{_SUFFIX[dtype]}")(vlen) for dtype, vlen in outputs]
    for port, sink in enumerate(sinks):
        top.connect((block, port), sink)
    run_to_end(top)
    return [stream_of(sink, *output) for sink, output in zip(sinks, outputs, strict=True)]


def run_to_end(top: gr.top_block) -> None:
    """Run a finite flowgraph; fail if it never ends."""
    top.start()
    waiter = threading.Thread(target=top.wait, daemon=True)
    waiter.start()
    waiter.join(HANGS_AFTER_S)
    if waiter.is_alive():
        top.stop()
        waiter.join()
        pytest.fail("the flowgraph never ended")


def stream_of(sink, dtype: str, vlen: int) -> Stream:
    """Contents of a vector sink."""
    items = np.array(sink.data(), dtype)
    tags = [(tag.offset, pmt.symbol_to_string(tag.key), pmt.to_python(tag.value)) for tag in sink.tags()]
    return Stream(items.reshape(-1, vlen) if vlen > 1 else items, tags)
