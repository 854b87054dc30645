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

MAX_IMAGE_BYTES = 1 << 30
"""No image is larger."""

# A tag may come from any block: what it announces is not allocated before it comes, and no more of its fields
# are looked at, or of its text shown, than these.
_FIRST_BYTES = 1 << 16
_MOST_FIELDS = 256
_MOST_TEXT = 300
_MOST_LEVELS = 8
_MOST_LABEL = 2**31 - 1
_BURST_FIELDS = 4  # of each image: rows, cols, channels, label
_MOST_SIDE = 1 << 20


def checked_order(order: str) -> str:
    """Return ``order`` if pixels may travel like that, else raise ``InputError``."""
    if order not in ORDERS:
        raise InputError(f"order must be {' or '.join(ORDERS)}, got {order!r}")
    return order


@dataclass
class ImageFrame:
    """An image on its way in: the tag's ``index``, ``label``, ``shape`` (H, W, C), and its bytes so far.

    ``pixels`` grow with the bytes that come, to ``nbytes``. ``order`` is how they travel, as in image_source;
    ``sent``, if known, what the image was, uint8 [H, W, C]; ``misaligned``, whether its training stood
    elsewhere than its tag says, as ls_equalizer marks it.
    """

    index: int
    label: int
    shape: tuple[int, int, int]
    pixels: np.ndarray
    order: str = "raster"
    filled: int = 0
    sent: np.ndarray | None = None
    misaligned: bool = False

    @classmethod
    def _of_fields(cls, fields: dict[str, object], order: str) -> "ImageFrame":
        index, rows, cols, channels, nbytes = (
            _number(fields.get(name), name) for name in ("index", "rows", "cols", "channels", "nbytes")
        )
        if rows * cols * channels != nbytes or nbytes == 0:
            raise InputError(f"img tag: shape {rows}x{cols}x{channels} does not make nbytes = {nbytes}")
        if nbytes > MAX_IMAGE_BYTES:
            raise InputError(f"img tag: an image of {nbytes} bytes is more than {MAX_IMAGE_BYTES}")
        label = fields.get("label")
        known = label is not None and pmt.is_integer(label) and 0 <= pmt.to_long(label) <= _MOST_LABEL
        return cls(
            index,
            pmt.to_long(label) if known else UNKNOWN_LABEL,
            (rows, cols, channels),
            np.empty(min(nbytes, _FIRST_BYTES), np.uint8),
            order,
            misaligned=_is_misaligned(fields),
        )

    @classmethod
    def of_tag(cls, value: object, order: str = "raster") -> Iterator["ImageFrame"]:
        """Return the images that an ``img`` tag announces, one or those of a burst, each made as it begins.

        A label that is no whole number from 0 up is unknown. ``InputError`` if the tag makes no sense.
        """
        fields = tag_fields(value)
        burst = fields.get("images")
        if burst is None:
            return iter([cls._of_fields(fields, order)])
        numbers = np.array(pmt.s32vector_elements(burst) if pmt.is_s32vector(burst) else [], np.int64)
        if not numbers.size or numbers.size % _BURST_FIELDS:
            raise InputError("img tag: images must be an s32vector of 4 numbers for each image of a burst")
        index, nbytes = (_number(fields.get(name), name) for name in ("index", "nbytes"))
        images = numbers.reshape(-1, _BURST_FIELDS)
        shapes, labels = images[:, :3], images[:, 3]
        fitting = shapes.min() >= 1 and shapes.max() <= _MOST_SIDE
        if not fitting or shapes.prod(axis=1).sum() != nbytes or nbytes > MAX_IMAGE_BYTES:
            raise InputError(f"img tag: the {len(images)} images of a burst do not make nbytes = {nbytes}")
        mark = _is_misaligned(fields)
        return (
            cls(
                index + number, max(int(label), UNKNOWN_LABEL), (rows, cols, channels),
                np.empty(min(rows * cols * channels, _FIRST_BYTES), np.uint8), order, misaligned=mark,
            )
            for number, ((rows, cols, channels), label) in enumerate(
                zip(shapes.tolist(), labels, strict=True)
            )
        )  # fmt: skip

    @classmethod
    def from_pdu(cls, message: object, next_index: int = 0) -> "ImageFrame":
        """Return the whole image of a PDU: metadata and a u8 vector, pixels in raster order.

        The metadata are a dict of ``rows``, ``cols`` and, if known, ``channels`` (else 1), ``index`` (else
        ``next_index``) and ``label``, whole numbers. ``InputError`` names what is missing or does not fit.
        """
        if not pmt.is_pair(message) or not pmt.is_dict(pmt.car(message)):
            raise InputError("PDU must be a pair of a dict and a u8 vector")
        metadata, data = tag_fields(pmt.car(message)), pmt.cdr(message)
        if not pmt.is_u8vector(data):
            raise InputError("PDU: pixels must be a u8 vector")
        known = {"channels": 1, "index": next_index, "label": UNKNOWN_LABEL}
        rows, cols, channels, index, label = (
            known[name]
            if name in known and name not in metadata
            else _number(metadata.get(name), name, "PDU", -1 if name == "label" else 0)
            for name in ("rows", "cols", "channels", "index", "label")
        )
        pixels = np.array(pmt.u8vector_elements(data), np.uint8)
        if rows * cols * channels != pixels.size or pixels.size == 0:
            raise InputError(f"PDU: an image of {rows}x{cols}x{channels} has not {pixels.size} bytes")
        shape, mark = (rows, cols, channels), _is_misaligned(metadata)
        return cls(index, label, shape, pixels, filled=pixels.size, misaligned=mark)

    def take(self, data: np.ndarray) -> int:
        """Copy in as much of ``data`` as belongs to this image and return how much that was."""
        count = min(len(data), self.nbytes - self.filled)
        end = self.filled + count
        if end > len(self.pixels):
            grown = np.empty(min(self.nbytes, max(end, 2 * len(self.pixels))), np.uint8)
            grown[: self.filled] = self.pixels[: self.filled]
            self.pixels = grown
        self.pixels[self.filled : end] = data[:count]
        self.filled = end
        return count

    @property
    def nbytes(self) -> int:
        """Bytes of the whole image."""
        rows, cols, channels = self.shape
        return rows * cols * channels

    @property
    def complete(self) -> bool:
        """True once all its bytes have come."""
        return self.filled == self.nbytes

    def image(self) -> np.ndarray:
        """Return uint8 [H, W, C]."""
        if self.order == "raster":
            return self.pixels.reshape(self.shape)
        return self.pixels.reshape(self.shape[::-1]).transpose(2, 1, 0)


def tag_fields(value: object) -> dict[str, object]:
    """Return an ``img`` tag's fields by name, the values as PMTs; ``InputError`` if the tag is no dict."""
    if not pmt.is_dict(value):
        raise InputError(f"img tag must be a dict, got {describe(value)}")
    fields: dict[str, object] = {}
    for _ in range(_MOST_FIELDS):
        if not pmt.is_pair(value):
            break
        item, value = pmt.car(value), pmt.cdr(value)
        if pmt.is_pair(item) and pmt.is_symbol(pmt.car(item)):
            fields.setdefault(pmt.symbol_to_string(pmt.car(item)), pmt.cdr(item))
    return fields


def describe(value: object) -> str:
    """Return a PMT as text of a bounded length, however large it is or deep its lists are nested."""
    text = _text(value, _MOST_LEVELS, _MOST_TEXT)
    return text if len(text) <= _MOST_TEXT else text[:_MOST_TEXT] + "..."


def _text(value: object, levels: int, room: int) -> str:
    if pmt.is_uniform_vector(value) or pmt.is_vector(value):
        return f"a vector of {pmt.length(value)}"
    if pmt.is_tuple(value):
        return "a tuple"
    if not pmt.is_pair(value):
        return pmt.write_string(value)
    if levels == 0:
        return "(...)"
    parts: list[str] = []
    while pmt.is_pair(value) and room > 0:
        parts.append(_text(pmt.car(value), levels - 1, room))
        room -= len(parts[-1]) + 1
        value = pmt.cdr(value)
    if not pmt.is_null(value):
        parts += [".", _text(value, levels - 1, room)]
    return f"({' '.join(parts)})"


def _is_misaligned(fields: dict[str, object]) -> bool:
    mark = fields.get("misaligned")
    return mark is not None and pmt.is_bool(mark) and pmt.to_bool(mark)


def _number(value: object, name: str, what: str = "img tag", least: int = 0) -> int:
    """Return a field's value; ``InputError`` unless it is a whole number from ``least`` up."""
    if value is None or not pmt.is_integer(value) or pmt.to_long(value) < least:
        got = "nothing" if value is None else describe(value)
        raise InputError(f"{what}: {name} must be a whole number from {least} up, got {got}")
    return pmt.to_long(value)


def img_tags(block: gr.block, length: int, port: int = 0) -> list[tuple[int, object]]:
    """Return position and value of each ``img`` tag on the next ``length`` items of a block's input."""
    tags = sorted(block.get_tags_in_window(port, 0, length, TAG), key=lambda tag: tag.offset)
    return [(tag.offset - block.nitems_read(port), tag.value) for tag in tags]


class ImageDeframer:
    """Puts a stream's bytes together into images.

    An image that the next one cuts short is dropped and counted in ``truncated``; bytes outside images are
    dropped and counted in ``stray_bytes``; an image whose tag makes no sense is dropped and counted in
    ``refused_tags``, as the blocks in C++ do, and ``error`` tells of the first since ``forget``.
    """

    def __init__(self, order: str = "raster") -> None:
        self._order = checked_order(order)
        self._within_burst = False  # behind its first image
        self._frame: ImageFrame | None = None
        self._burst: Iterator[ImageFrame] = iter(())
        self.truncated = self.stray_bytes = self.refused_tags = 0
        self.error: InputError | None = None

    def feed(self, data: np.ndarray, tags: list[tuple[int, object]]) -> Iterator[ImageFrame]:
        """Take in bytes and their ``img_tags``, and yield each image as it becomes complete."""
        before, *parts = np.split(data, [position for position, _ in tags])
        yield from self._take(before)
        for (_, value), part in zip(tags, parts, strict=True):
            self.drop_partial()
            try:
                self._burst = ImageFrame.of_tag(value, self._order)
                self._frame = next(self._burst)
            except InputError as error:
                self.refused_tags += 1
                self.error = self.error or error
            yield from self._take(part)

    def drop_partial(self) -> None:
        """Give up the image that is on its way in, if there is one, and those behind it in its burst."""
        if self._frame is not None and (self._frame.filled or not self._within_burst):
            self.truncated += 1
        self._frame, self._burst, self._within_burst = None, iter(()), False

    def forget(self) -> None:
        """Begin afresh, as at the start of a run; the counts stay."""
        self._frame = self.error = None
        self._burst, self._within_burst = iter(()), False

    def _take(self, data: np.ndarray) -> Iterator[ImageFrame]:
        """Give bytes up to the next tag to the current image; what is beyond its end is stray."""
        while (frame := self._frame) is not None:
            data = data[frame.take(data) :]
            if not frame.complete:
                break
            self._frame = next(self._burst, None)
            self._within_burst = self._frame is not None
            yield frame
        self.stray_bytes += len(data)
