#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Streams of images for one block in a flowgraph, which ``aeiqa.testing`` runs."""

import numpy as np
import pmt
from gnuradio import gr

from gnuradio.aeiqa.testing.blocks import HANGS_AFTER_S, Stream, run_to_end, source_of, stream_of
from gnuradio.aeiqa.testing.blocks import run_block as run

__all__ = [
    "HANGS_AFTER_S",
    "Stream",
    "bytes_of",
    "image_tag",
    "make_tag",
    "run",
    "run_to_end",
    "source_of",
    "stream_of",
]


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
