#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""What the blocks that judge images have in common: images in, batches judged, rows and reports out."""

import threading
from abc import abstractmethod
from collections import deque

import numpy as np
import pmt
from gnuradio import gr

from .errors import InputError
from .image_frames import ImageFrame, ImageFramer, img_tags

IMAGES_PORT = pmt.intern("images")
REPORT_PORT = pmt.intern("report")


class BatchSink(gr.sync_block):
    """Gathers images and judges them batch by batch.

    Input, optional: bytes, images by ``img`` tags. Message port ``images``: PDUs of images, see
    ``ImageFrame.from_pdu``; what is none is logged, counted and dropped. Message port ``report``: a dict per
    batch.

    Args:
        name: of the block.
        row: dtype of a row of ``results()``.
        batch: images per batch.
        order: how a stream's pixels travel, "raster" or "column", as in ``image_source``.
        keep: of how many images ``results()`` tells at least, in whole batches; -1: all.

    Raises:
        InputError: batch below 1, keep below -1, unknown order.
    """

    def __init__(self, name: str, row: np.dtype, batch: int, order: str, keep: int) -> None:
        in_sig = gr.py_io_signature(0, 1, [np.uint8])
        gr.sync_block.__init__(self, name=name, in_sig=in_sig, out_sig=None)
        if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
            raise InputError(f"batch must be a whole number from 1 up, got {batch!r}")
        if isinstance(keep, bool) or not isinstance(keep, int) or keep < -1:
            raise InputError(f"keep must be a whole number from -1 up, got {keep!r}")
        self._batch, self._row = batch, row
        self._framer = ImageFramer(order)
        self._next_index = self._refused = 0
        self._waiting: list[ImageFrame] = []
        self._lock = threading.Lock()
        # An array of rows for each batch.
        self._results: deque[np.ndarray] = deque(maxlen=None if keep == -1 else -(-keep // batch))
        self._scored = 0
        self.error: Exception | None = None
        self.message_port_register_out(REPORT_PORT)
        self.message_port_register_in(IMAGES_PORT)
        self.set_msg_handler(IMAGES_PORT, self._take_pdu)

    @abstractmethod
    def _judge(self, frames: list[ImageFrame]) -> tuple[np.ndarray, object]:
        """Return the rows of a batch, and whatever else ``_report`` wants to know."""

    @abstractmethod
    def _report(self, rows: np.ndarray, judged: object) -> dict[str, object]:
        """Count a batch in, and return what to report besides the numbers of images; under the lock."""

    def _check_image(self, frame: ImageFrame) -> None:
        """Raise ``InputError`` if an image cannot be judged at all."""

    def _before_image(self) -> None:
        """Do what has to be done between two images."""

    def start(self) -> bool:
        """Begin a run; results of earlier runs stay."""
        self.error, self._waiting = None, []
        self._framer.forget()
        return True

    def work(self, input_items: list[np.ndarray], output_items: list) -> int:
        """Take in bytes; the scheduler calls this."""
        data = input_items[0]
        try:
            for frame in self._framer.feed(data, img_tags(self, len(data))):
                self._gather(frame)
        except Exception as error:  # would be swallowed, and the graph end as if all were well
            self._keep_error(error)
            return -1
        return len(data)

    def stop(self) -> bool:
        """Judge what has arrived since the last full batch."""
        # Messages may wait that came just before the sender's end.
        while (message := self.delete_head_nowait(IMAGES_PORT)) is not None:
            self._take_pdu(message)
        try:
            self._framer.drop_partial()
            if self.error is None:
                self._flush()
        except Exception as error:
            self._keep_error(error)
        return True

    def check(self) -> None:
        """Raise what went wrong while the flowgraph ran, if anything did."""
        if self.error is not None:
            raise self.error

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

    def stray_bytes(self) -> int:
        """Return how many bytes came outside any image."""
        return self._framer.stray_bytes

    def refused(self) -> int:
        """Return how many PDUs were no image, or none that can be judged."""
        return self._refused

    def _keep_error(self, error: Exception) -> None:
        self.error = error
        self.logger.error(str(error))

    def _take_pdu(self, message: object) -> None:
        if self.error is not None or pmt.is_eof_object(message):
            return
        try:
            frame = ImageFrame.from_pdu(message, self._next_index)
            self._check_image(frame)
        except InputError as error:
            self._refused += 1
            self.logger.error(f"PDU dropped: {error}")
            return
        self._next_index = frame.index + 1
        try:
            self._gather(frame)
        except Exception as error:  # nobody would see it raised
            self._keep_error(error)

    def _gather(self, frame: ImageFrame) -> None:
        self._before_image()
        self._waiting.append(frame)
        if len(self._waiting) == self._batch:
            self._flush()

    def _flush(self) -> None:
        if not self._waiting:
            return
        frames, self._waiting = self._waiting, []
        rows, judged = self._judge(frames)
        with self._lock:
            self._results.append(rows)
            self._scored += len(rows)
            counts = {"images": self._scored, "truncated": self._framer.truncated, "batch_images": len(rows)}
            report = counts | self._report(rows, judged)
        self.message_port_pub(REPORT_PORT, pmt.to_pmt(report))
