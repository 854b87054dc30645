#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Bring images that have come together with what they were when they were sent."""

from collections import OrderedDict

from ..errors import InputError
from .image_deframer import ImageFrame

PORT = "port"
"""As a reference: the images sent come as PDUs on the message port ``sent``."""

# So much is kept of images whose other half does not come, the oldest giving way.
_MAX_BYTES = 1 << 28


def check_sizes(received: ImageFrame, sent_shape: tuple[int, ...]) -> None:
    """Raise ``InputError`` if what was sent has another shape (H, W, C) than what has come."""
    if sent_shape != received.shape:
        sizes = ["x".join(map(str, shape)) for shape in (received.shape, sent_shape)]
        raise InputError(f"image {received.index} is {sizes[0]}, but its reference is {sizes[1]}")


class ImagePairs:
    """Matches images sent and received by their index, whichever comes first."""

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._sent, self._received = _Waiting(max_bytes), _Waiting(max_bytes)

    def take_received(self, frame: ImageFrame) -> ImageFrame | None:
        """Take an image that has come, and return it, with ``sent`` set, if it is known what was sent."""
        sent = self._sent.take(frame.index)
        if sent is None:
            self._received.put(frame)
            return None
        return _joined(frame, sent)

    def take_sent(self, frame: ImageFrame) -> ImageFrame | None:
        """Take an image that was sent, and return what has come of it, if it has, with ``sent`` set."""
        received = self._received.take(frame.index)
        if received is None:
            self._sent.put(frame)
            return None
        return _joined(received, frame)

    @property
    def unmatched(self) -> int:
        """Number of received images without an image sent to compare with, or not yet."""
        return self._received.gone + len(self._received.frames)


def _joined(received: ImageFrame, sent: ImageFrame) -> ImageFrame:
    check_sizes(received, sent.shape)
    received.sent = sent.image()
    return received


class _Waiting:
    """Images by index, of bounded size; ``gone``: how many had to give way."""

    def __init__(self, max_bytes: int) -> None:
        self.frames: OrderedDict[int, ImageFrame] = OrderedDict()
        self.gone = self._bytes = 0
        self._max_bytes = max_bytes

    def put(self, frame: ImageFrame) -> None:
        self.gone += self.take(frame.index) is not None
        self.frames[frame.index] = frame
        self._bytes += frame.pixels.size
        while self._bytes > self._max_bytes:
            self.take(next(iter(self.frames)))
            self.gone += 1

    def take(self, index: int) -> ImageFrame | None:
        frame = self.frames.pop(index, None)
        if frame is not None:
            self._bytes -= frame.pixels.size
        return frame
