#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""GNU Radio block at the end of the link: scores the images that arrive, batch by batch."""

import os
import threading
from dataclasses import dataclass

import numpy as np
import pmt
from gnuradio import gr

from .errors import InputError
from .iqa import load_score, load_target

TAG = pmt.intern("img")
REPORT_PORT = pmt.intern("report")
UNKNOWN_LABEL = -1
ORDERS = ("raster", "column")

# A tag may come from any block; what it announces is not allocated unseen.
MAX_IMAGE_BYTES = 1 << 30

RESULT = np.dtype([("index", np.int64), ("label", np.int64), ("prediction", np.int64), ("score", np.float64)])
"""A row of ``results()``: the tag's index and label (-1: unknown), the target's answer, the score."""


@dataclass
class _Frame:
    """An image on its way in."""

    index: int
    label: int
    shape: tuple[int, int, int]
    pixels: np.ndarray
    filled: int = 0

    @classmethod
    def from_tag(cls, value: object) -> "_Frame":
        """Start the image that an ``img`` tag announces."""
        if not pmt.is_dict(value):
            raise InputError(f"img tag must be a dict, got {pmt.write_string(value)}")
        index, rows, cols, channels, nbytes = (
            _field(value, name) for name in ("index", "rows", "cols", "channels", "nbytes")
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

    def image(self, order: str) -> np.ndarray:
        """Return uint8 [H, W, C]; ``order`` is how the pixels travelled, as in image_source."""
        if order == "raster":
            return self.pixels.reshape(self.shape)
        return self.pixels.reshape(self.shape[::-1]).transpose(2, 1, 0)


def _field(tag: object, name: str) -> int:
    value = pmt.dict_ref(tag, pmt.intern(name), pmt.PMT_NIL)
    if not pmt.is_integer(value) or pmt.to_long(value) < 0:
        raise InputError(f"img tag: {name} must be a whole number from 0 up, got {pmt.write_string(value)}")
    return pmt.to_long(value)


class aeiqa_sink(gr.sync_block):
    """Score received images against those sent with a small neural network.

    Input: bytes, images by ``img`` tags as ``image_source`` makes them. Message port ``report``: a dict per
    batch. An image that the next one cuts short is counted and not scored; bytes outside images are dropped.

    Args:
        target: name of the classifier whose error is predicted, see ``iqa.load_target``.
        score: name of the score, see ``iqa.load_score``.
        reference: the images sent, uint8 [N, H, W] or [N, H, W, C]; the image of index i was
            ``reference[i % N]``, as a repeating ``image_source`` counts.
        batch: images per run of the networks and per report.
        threads: how many threads torch may use.
        model_dir: folder with the model files; None: those that come with the project.
        order: how pixels travel, "raster" or "column", as in ``image_source``.

    Raises:
        InputError: unknown name or order, torch or a model file missing or damaged, no reference for a score
            that needs one or one of the wrong shape, batch or threads below 1.

    GNU Radio swallows what is raised while a flowgraph runs: call ``check()`` after ``run()``. Getters may be
    called from any thread at any time.
    """

    def __init__(
        self,
        target: str = "paper",
        score: str = "paper",
        reference: np.ndarray | None = None,
        batch: int = 64,
        threads: int = 1,
        model_dir: str | os.PathLike[str] | None = None,
        order: str = "raster",
    ) -> None:
        gr.sync_block.__init__(self, name="aeiqa_sink", in_sig=[np.uint8], out_sig=None)
        if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
            raise InputError(f"batch must be a whole number from 1 up, got {batch!r}")
        if order not in ORDERS:
            raise InputError(f"order must be {' or '.join(ORDERS)}, got {order!r}")
        self._target = load_target(target, model_dir, threads)
        self._score = load_score(score, target, model_dir, threads)
        self._reference = self._score.check_reference(reference)
        if self._reference is not None and len(self._reference) == 0:
            raise InputError("reference must hold at least one image, got none")
        self._batch, self._order = batch, order
        self._frame: _Frame | None = None
        self._waiting: list[_Frame] = []
        self._lock = threading.Lock()
        self._results: list[np.ndarray] = []
        self._weighted_error = 0.0
        self._scored = self._truncated = self._stray_bytes = 0
        self.error: Exception | None = None
        self.message_port_register_out(REPORT_PORT)

    def start(self) -> bool:
        """Begin a run; results of earlier runs stay."""
        self.error, self._frame, self._waiting = None, None, []
        return True

    def work(self, input_items: list[np.ndarray], output_items: list) -> int:
        """Take in bytes; the scheduler calls this."""
        data = input_items[0]
        try:
            self._consume(data)
        except Exception as error:  # would be swallowed, and the graph end as if all were well
            self.error = error
            self.logger.error(str(error))
            return -1
        return len(data)

    def stop(self) -> bool:
        """Score what has arrived since the last full batch."""
        try:
            self._drop_partial()
            if self.error is None:
                self._flush()
        except Exception as error:
            self.error = error
            self.logger.error(str(error))
        return True

    def check(self) -> None:
        """Raise what went wrong while the flowgraph ran, if anything did."""
        if self.error is not None:
            raise self.error

    def results(self) -> np.ndarray:
        """Return a ``RESULT`` row per image scored so far, in the order of arrival."""
        with self._lock:
            return np.concatenate(self._results) if self._results else np.empty(0, RESULT)

    def error_pct(self) -> float:
        """Return the predicted share of misread images so far, in per cent; nan before the first batch."""
        with self._lock:
            return self._mean_error()

    def scored(self) -> int:
        """Return how many images have been scored."""
        with self._lock:
            return self._scored

    def truncated(self) -> int:
        """Return how many images were cut short, and not scored."""
        with self._lock:
            return self._truncated

    def stray_bytes(self) -> int:
        """Return how many bytes came outside any image."""
        with self._lock:
            return self._stray_bytes

    def _consume(self, data: np.ndarray) -> None:
        tags = sorted(self.get_tags_in_window(0, 0, len(data), TAG), key=lambda tag: tag.offset)
        before, *parts = np.split(data, [tag.offset - self.nitems_read(0) for tag in tags])
        self._take(before)
        for tag, part in zip(tags, parts, strict=True):
            self._drop_partial()
            self._frame = _Frame.from_tag(tag.value)
            self._take(part)

    def _take(self, data: np.ndarray) -> None:
        """Give bytes up to the next tag to the current image; what is beyond its end is stray."""
        if self._frame is not None:
            data = data[self._frame.take(data) :]
            if self._frame.filled == len(self._frame.pixels):
                self._waiting.append(self._frame)
                self._frame = None
                if len(self._waiting) == self._batch:
                    self._flush()
        if len(data):
            with self._lock:
                self._stray_bytes += len(data)

    def _drop_partial(self) -> None:
        if self._frame is not None:
            self._frame = None
            with self._lock:
                self._truncated += 1

    def _flush(self) -> None:
        if not self._waiting:
            return
        frames, self._waiting = self._waiting, []
        received = [frame.image(self._order) for frame in frames]
        rows = np.empty(len(frames), RESULT)
        rows["index"] = [frame.index for frame in frames]
        rows["label"] = [frame.label for frame in frames]
        rows["prediction"] = self._target.predict(received)
        score = self._score(received, self._sent(rows["index"]), rows["prediction"])
        rows["score"] = score.per_image
        with self._lock:
            self._results.append(rows)
            self._weighted_error += score.error_pct * len(rows)
            self._scored += len(rows)
            report = {
                "images": self._scored,
                "truncated": self._truncated,
                "error_pct": self._mean_error(),
                "batch_images": len(rows),
                "batch_error_pct": score.error_pct,
                "batch_error_low_pct": score.interval[0],
                "batch_error_high_pct": score.interval[1],
            }
        self.message_port_pub(REPORT_PORT, pmt.to_pmt(report))

    def _sent(self, index: np.ndarray) -> np.ndarray | None:
        return None if self._reference is None else self._reference[index % len(self._reference)]

    def _mean_error(self) -> float:
        return self._weighted_error / self._scored if self._scored else float("nan")
