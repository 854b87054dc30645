#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Images out of a stream of bytes with ``img`` tags, for the blocks that are written in Python."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pmt
from gnuradio import gr

from .errors import InputError

TAG = pmt.intern("img")
UNKNOWN_LABEL = -1
ORDERS = ("raster", "column")

# A tag may come from any block; what it announces is not allocated unseen.
MAX_IMAGE_BYTES = 1 << 30


def checked_order(order: str) -> str:
    """Return ``order`` if pixels may travel like that, else raise ``InputError``."""
    if order not in ORDERS:
        raise InputError(f"order must be {' or '.join(ORDERS)}, got {order!r}")
    return order


@dataclass
class ImageFrame:
    """An image on its way in: the tag's ``index``, ``label``, ``shape`` (H, W, C), and its bytes so far."""

    index: int
    label: int
    shape: tuple[int, int, int]
    pixels: np.ndarray
    filled: int = 0

    @classmethod
    def from_tag(cls, value: object) -> "ImageFrame":
        """Start the image that an ``img`` tag announces; ``InputError`` if the tag makes no sense."""
        if not pmt.is_dict(value):
            raise InputError(f"img tag must be a dict, got {pmt.write_string(value)}")
        index, rows, cols, channels, nbytes = (
            tag_number(value, name) for name in ("index", "rows", "cols", "channels", "nbytes")
        )
        if rows * cols * channels != nbytes:
            raise InputError(f"img tag: shape {rows}x{cols}x{channels} does not make nbytes = {nbytes}")
        if nbytes > MAX_IMAGE_BYTES:
            raise InputError(f"img tag: an image of {nbytes} bytes is more than {MAX_IMAGE_BYTES}")
        label = pmt.dict_ref(value, pmt.intern("label"), pmt.from_long(UNKNOWN_LABEL))
        return cls(index, pmt.to_long(label), (rows, cols, channels), np.empty(nbytes, np.uint8))

    def take(self, data: np.ndarray) -> int:
        """Copy in as much of ``data`` as belongs to this image and return how much that was."""
        count = min(len(data), len(self.pixels) - self.filled)
        self.pixels[self.filled : self.filled + count] = data[:count]
        self.filled += count
        return count

    @property
    def complete(self) -> bool:
        """Whether all its bytes have come."""
        return self.filled == len(self.pixels)

    def image(self, order: str) -> np.ndarray:
        """Return uint8 [H, W, C]; ``order`` is how the pixels travelled, as in image_source."""
        if order == "raster":
            return self.pixels.reshape(self.shape)
        return self.pixels.reshape(self.shape[::-1]).transpose(2, 1, 0)


def tag_number(tag: object, name: str) -> int:
    """Return a field of an ``img`` tag; ``InputError`` unless it is a whole number from 0 up."""
    value = pmt.dict_ref(tag, pmt.intern(name), pmt.PMT_NIL)
    if not pmt.is_integer(value) or pmt.to_long(value) < 0:
        raise InputError(f"img tag: {name} must be a whole number from 0 up, got {pmt.write_string(value)}")
    return pmt.to_long(value)


def img_tags(block: gr.block, length: int, port: int = 0) -> list[tuple[int, object]]:
    """Return position and value of each ``img`` tag on the next ``length`` items of a block's input."""
    tags = sorted(block.get_tags_in_window(port, 0, length, TAG), key=lambda tag: tag.offset)
    return [(tag.offset - block.nitems_read(port), tag.value) for tag in tags]


class ImageFramer:
    """Puts a stream's bytes together into images.

    An image that the next one cuts short is dropped and counted in ``truncated``; bytes outside images are
    dropped and counted in ``stray_bytes``.
    """

    def __init__(self) -> None:
        self._frame: ImageFrame | None = None
        self.truncated = self.stray_bytes = 0

    def feed(self, data: np.ndarray, tags: list[tuple[int, object]]) -> Iterator[ImageFrame]:
        """Take in bytes and their ``img_tags``, and yield each image as it becomes complete."""
        before, *parts = np.split(data, [position for position, _ in tags])
        yield from self._take(before)
        for (_, value), part in zip(tags, parts, strict=True):
            self.drop_partial()
            self._frame = ImageFrame.from_tag(value)
            yield from self._take(part)

    def drop_partial(self) -> None:
        """Give up the image that is on its way in, if there is one."""
        if self._frame is not None:
            self._frame = None
            self.truncated += 1

    def forget(self) -> None:
        """Begin afresh, as at the start of a run; the counts stay."""
        self._frame = None

    def _take(self, data: np.ndarray) -> Iterator[ImageFrame]:
        """Give bytes up to the next tag to the current image; what is beyond its end is stray."""
        frame = self._frame
        if frame is not None:
            data = data[frame.take(data) :]
            if frame.complete:
                self._frame = None
                yield frame
        self.stray_bytes += len(data)
