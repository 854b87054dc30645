#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Base class of the scoring sinks: images in, batches judged, rows and reports out."""

import threading
import time
from abc import abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pmt
from gnuradio import gr

from ..errors import InputError
from .image_deframer import ImageDeframer, ImageFrame, img_tags
from .image_pairs import PORT, ImagePairs

IMAGES_PORT = pmt.intern("images")
SENT_PORT = pmt.intern("sent")

# A batch is judged before it is full when its images take so many bytes.
_MOST_WAITING_BYTES = 1 << 28

# How long, at the end, to wait for the next of the images sent: their PDUs may still be on their way.
_PATIENCE_S = 0.5
REPORT_PORT = pmt.intern("report")


class BatchSink(gr.sync_block):
    """Gathers images and judges them batch by batch.

    Input, optional: bytes, images by ``img`` tags; an image whose tag makes no sense is dropped and counted,
    the first is logged and raised by ``check()``, and the flowgraph goes on. Message port ``images``: PDUs of
    images, see ``ImageFrame.from_pdu``; anything else is logged, counted and dropped. Message port ``sent``:
    PDUs of what they were. Message port ``report``: a dict per batch. An image that is marked as misaligned,
    as ls_equalizer does, was read at the wrong samples: it is counted and not judged, the first is logged.

    Args:
        name: of the block.
        row: dtype of a row of ``results()``.
        batch: images per batch.
        order: how a stream's pixels travel, "raster" or "column", as in ``image_source``.
        keep: of how many images ``results()`` tells at least, in whole batches; -1: all.
        by_port: an image is judged when what was sent has come on ``sent`` as well, by its index.

    Raises:
        InputError: batch below 1, keep below -1, unknown order.
    """

    def __init__(
        self, name: str, row: np.dtype, batch: int, order: str, keep: int, by_port: bool = False
    ) -> None:
        in_sig = gr.py_io_signature(0, 1, [np.uint8])
        gr.sync_block.__init__(self, name=name, in_sig=in_sig, out_sig=None)
        if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
            raise InputError(f"batch must be a whole number from 1 up, got {batch!r}")
        if isinstance(keep, bool) or not isinstance(keep, int) or keep < -1:
            raise InputError(f"keep must be a whole number from -1 up, got {keep!r}")
        self._batch, self._row = batch, row
        self._framer = ImageDeframer(order)
        self._pairs = ImagePairs() if by_port else None
        self._next_index = {"images": 0, "sent": 0}  # of PDUs without one
        self._refused = 0
        self._waiting: list[ImageFrame] = []
        self._waiting_bytes = 0
        self._lock = threading.Lock()
        # An array of rows for each batch.
        self._results: deque[np.ndarray] = deque(maxlen=None if keep == -1 else -(-keep // batch))
        self._scored = self._misaligned = 0
        self._warned = False  # of a misaligned image in this run
        self.error: Exception | None = None
        # What no check() has raised of earlier runs, and what the latest has raised.
        self._untold: Exception | None = None
        self._told: Exception | None = None
        self.message_port_register_out(REPORT_PORT)
        for port, take in ((IMAGES_PORT, self._take_pdu), (SENT_PORT, self._take_sent)):
            self.message_port_register_in(port)
            self.set_msg_handler(port, take)

    @abstractmethod
    def _judge(self, frames: list[ImageFrame]) -> tuple[np.ndarray, Any]:
        """Return the rows of a batch, and whatever else ``_report`` wants to know."""

    @abstractmethod
    def _report(self, rows: np.ndarray, judged: Any) -> dict[str, object]:
        """Count a batch in, and return what to report besides the numbers of images; under the lock."""

    def _check_image(self, frame: ImageFrame) -> None:
        """Raise ``InputError`` if an image cannot be judged at all."""

    def _before_image(self) -> None:
        """Do what has to be done between two images."""

    def start(self) -> bool:
        """Begin a run, or go on after ``unlock()``; results stay, and so do errors that nobody has seen."""
        latest = self.error or self._framer.error
        if latest is not self._told:
            self._untold = self._untold or latest
        self.error, self._waiting, self._waiting_bytes = None, [], 0
        self._warned = False
        self._framer.forget()
        return True

    def work(self, input_items: list[np.ndarray], output_items: list) -> int:
        """Take in bytes; the scheduler calls this."""
        data = input_items[0]
        refused = self._framer.error
        try:
            for frame in self._framer.feed(data, img_tags(self, len(data))):
                self._gather(self._matched(frame))
        except Exception as error:  # would be swallowed, and the graph end as if all were well
            self._keep_error(error)
            return -1
        if self._framer.error is not refused:
            self.logger.error(f"image dropped: {self._framer.error} (more like it are counted only)")
        return len(data)

    def stop(self) -> bool:
        """Judge what has arrived since the last full batch."""
        self._take_waiting()
        quiet_since = time.monotonic()
        while self.unmatched() and time.monotonic() - quiet_since < _PATIENCE_S:
            time.sleep(0.01)
            if self._take_waiting():
                quiet_since = time.monotonic()
        try:
            self._framer.drop_partial()
            if self.error is None:
                self._flush()
        except Exception as error:
            self._keep_error(error)
        return True

    def check(self) -> None:
        """Raise what went wrong while the flowgraph ran, if anything did."""
        error = self._untold or self.error or self._framer.error
        self._told, self._untold = error, None
        if error is not None:
            raise error

    def results(self) -> np.ndarray:
        """Return a row per image judged so far, or of the last ones that are kept, in order."""
        with self._lock:
            return np.concatenate(self._results) if self._results else np.empty(0, self._row)

    def scored(self) -> int:
        """Return how many images have been judged."""
        with self._lock:
            return self._scored

    def truncated(self) -> int:
        """Return how many images were cut short, and not judged."""
        return self._framer.truncated

    def misaligned(self) -> int:
        """Return how many images were marked as misaligned by ls_equalizer, and not judged."""
        return self._misaligned

    def stray_bytes(self) -> int:
        """Return how many bytes came outside any image."""
        return self._framer.stray_bytes

    def refused_tags(self) -> int:
        """Return how many ``img`` tags made no sense; their images were dropped."""
        return self._framer.refused_tags

    def refused(self) -> int:
        """Return how many PDUs were no image, or none that can be judged."""
        return self._refused

    def unmatched(self) -> int:
        """Return how many received images have no image sent to compare with, or not yet."""
        return self._pairs.unmatched if self._pairs else 0

    def _keep_error(self, error: Exception) -> None:
        self.error = error
        self.logger.error(str(error))

    def _take_pdu(self, message: object) -> None:
        self._take_message("images", message, self._matched)

    def _take_sent(self, message: object) -> None:
        self._take_message("sent", message, self._match_sent)

    def _take_waiting(self) -> int:
        """Take messages that came just before their sender's end; return how many."""
        count = 0
        for port, take in ((SENT_PORT, self._take_sent), (IMAGES_PORT, self._take_pdu)):
            while (message := self.delete_head_nowait(port)) is not None:
                take(message)
                count += 1
        return count

    def _take_message(
        self, port: str, message: object, match: Callable[[ImageFrame], ImageFrame | None]
    ) -> None:
        if self.error is not None or pmt.is_eof_object(message):
            return
        try:
            frame = ImageFrame.from_pdu(message, self._next_index[port])
            self._check_image(frame)
            self._next_index[port] = frame.index + 1
            matched = match(frame)
        except InputError as error:
            self._refused += 1
            self.logger.error(f"PDU dropped: {error}")
            return
        try:
            self._gather(matched)
        except Exception as error:  # nobody would see it raised
            self._keep_error(error)

    def _matched(self, frame: ImageFrame) -> ImageFrame | None:
        return self._pairs.take_received(frame) if self._pairs else frame

    def _match_sent(self, frame: ImageFrame) -> ImageFrame | None:
        if not self._pairs:
            raise InputError(f"port sent is for reference {PORT!r}, and images sent were given")
        return self._pairs.take_sent(frame)

    def _gather(self, frame: ImageFrame | None) -> None:
        if frame is None:
            return
        if frame.misaligned:
            self._drop_misaligned(frame)
            return
        self._before_image()
        self._waiting.append(frame)
        self._waiting_bytes += frame.nbytes
        if len(self._waiting) == self._batch or self._waiting_bytes >= _MOST_WAITING_BYTES:
            self._flush()

    def _drop_misaligned(self, frame: ImageFrame) -> None:
        self._misaligned += 1
        if not self._warned:
            self._warned = True
            self.logger.warn(
                f"image {frame.index} not judged: its training stood elsewhere than its tag says "
                "(more like it are counted only, in misaligned())"
            )

    def _flush(self) -> None:
        if not self._waiting:
            return
        frames, self._waiting, self._waiting_bytes = self._waiting, [], 0
        rows, judged = self._judge(frames)
        with self._lock:
            self._results.append(rows)
            self._scored += len(rows)
            counts = {
                "images": self._scored,
                "truncated": self._framer.truncated,
                "misaligned": self._misaligned,
                "batch_images": len(rows),
            }
            report = counts | self._report(rows, judged)
        self.message_port_pub(REPORT_PORT, pmt.to_pmt(report))
