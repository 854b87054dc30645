#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Images out of bytes with ``img`` tags, or out of PDUs, for the blocks that are written in Python."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pmt
from gnuradio import gr

from ..errors import InputError

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
    """An image on its way in: the tag's ``index``, ``label``, ``shape`` (H, W, C), and its bytes so far.

    ``order`` is how its pixels travel, as in image_source; ``sent``, if known, what it was, uint8 [H, W, C].
    """

    index: int
    label: int
    shape: tuple[int, int, int]
    pixels: np.ndarray
    order: str = "raster"
    filled: int = 0
    sent: np.ndarray | None = None

    @classmethod
    def from_tag(cls, value: object, order: str = "raster") -> "ImageFrame":
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
        return cls(index, pmt.to_long(label), (rows, cols, channels), np.empty(nbytes, np.uint8), order)

    @classmethod
    def from_pdu(cls, message: object, next_index: int = 0) -> "ImageFrame":
        """Return the whole image of a PDU: metadata and a u8 vector, pixels in raster order.

        The metadata are a dict of ``rows``, ``cols`` and, if known, ``channels`` (else 1), ``index`` (else
        ``next_index``) and ``label``, whole numbers. ``InputError`` names what is missing or does not fit.
        """
        if not pmt.is_pair(message) or not pmt.is_dict(pmt.car(message)):
            raise InputError("PDU must be a pair of a dict and a u8 vector")
        metadata, data = pmt.car(message), pmt.cdr(message)
        if not pmt.is_u8vector(data):
            raise InputError("PDU: pixels must be a u8 vector")
        known = {"channels": 1, "index": next_index, "label": UNKNOWN_LABEL}
        rows, cols, channels, index, label = (
            known[name]
            if name in known and not pmt.dict_has_key(metadata, pmt.intern(name))
            else tag_number(metadata, name, "PDU", -1 if name == "label" else 0)
            for name in ("rows", "cols", "channels", "index", "label")
        )
        pixels = np.array(pmt.u8vector_elements(data), np.uint8)
        if rows * cols * channels != pixels.size or pixels.size == 0:
            raise InputError(f"PDU: an image of {rows}x{cols}x{channels} has not {pixels.size} bytes")
        return cls(index, label, (rows, cols, channels), pixels, filled=pixels.size)

    def take(self, data: np.ndarray) -> int:
        """Copy in as much of ``data`` as belongs to this image and return how much that was."""
        count = min(len(data), len(self.pixels) - self.filled)
        self.pixels[self.filled : self.filled + count] = data[:count]
        self.filled += count
        return count

    @property
    def complete(self) -> bool:
        """True once all its bytes have come."""
        return self.filled == len(self.pixels)

    def image(self) -> np.ndarray:
        """Return uint8 [H, W, C]."""
        if self.order == "raster":
            return self.pixels.reshape(self.shape)
        return self.pixels.reshape(self.shape[::-1]).transpose(2, 1, 0)


def tag_number(tag: object, name: str, what: str = "img tag", least: int = 0) -> int:
    """Return a field of an ``img`` tag; ``InputError`` unless it is a whole number from ``least`` up."""
    value = pmt.dict_ref(tag, pmt.intern(name), pmt.PMT_NIL)
    if not pmt.is_integer(value) or pmt.to_long(value) < least:
        got = "nothing" if pmt.is_null(value) else pmt.write_string(value)
        raise InputError(f"{what}: {name} must be a whole number from {least} up, got {got}")
    return pmt.to_long(value)


def img_tags(block: gr.block, length: int, port: int = 0) -> list[tuple[int, object]]:
    """Return position and value of each ``img`` tag on the next ``length`` items of a block's input."""
    tags = sorted(block.get_tags_in_window(port, 0, length, TAG), key=lambda tag: tag.offset)
    return [(tag.offset - block.nitems_read(port), tag.value) for tag in tags]


class ImageDeframer:
    """Puts a stream's bytes together into images.

    An image that the next one cuts short is dropped and counted in ``truncated``; bytes outside images are
    dropped and counted in ``stray_bytes``.
    """

    def __init__(self, order: str = "raster") -> None:
        self._order = checked_order(order)
        self._frame: ImageFrame | None = None
        self.truncated = self.stray_bytes = 0

    def feed(self, data: np.ndarray, tags: list[tuple[int, object]]) -> Iterator[ImageFrame]:
        """Take in bytes and their ``img_tags``, and yield each image as it becomes complete."""
        before, *parts = np.split(data, [position for position, _ in tags])
        yield from self._take(before)
        for (_, value), part in zip(tags, parts, strict=True):
            self.drop_partial()
            self._frame = ImageFrame.from_tag(value, self._order)
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
