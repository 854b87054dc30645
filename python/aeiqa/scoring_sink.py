#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""GNU Radio block at the end of the link: scores the images that arrive, batch by batch."""

import os
import threading

import numpy as np
import pmt
from gnuradio import gr

from .errors import InputError
from .image_frames import ImageFrame, ImageFramer, checked_order, img_tags
from .iqa import load_score, load_target

REPORT_PORT = pmt.intern("report")

RESULT = np.dtype([("index", np.int64), ("label", np.int64), ("prediction", np.int64), ("score", np.float64)])
"""A row of ``results()``: the tag's index and label (-1: unknown), the target's answer, the score."""


class aeiqa_sink(gr.sync_block):
    """Score received images against those sent with a small neural network.

    Input: bytes, images by ``img`` tags as ``image_source`` makes them. Message port ``report``: a dict per
    batch. An image that the next one cuts short is counted and not scored; bytes outside images are dropped.

    Args:
        target: name of the classifier whose error is predicted, see ``iqa.load_target``.
        score: name of the score, see ``iqa.load_score``.
        reference: the images sent, uint8 [N, H, W] or [N, H, W, C]; the image of index i was
            ``reference[i % N]``, as a repeating ``image_source`` counts. None for scores that do without.
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
        checked_order(order)
        self._target = load_target(target, model_dir, threads)
        self._score = load_score(score, target, model_dir, threads)
        self._reference = self._score.check_reference(reference)
        if self._reference is not None and len(self._reference) == 0:
            raise InputError("reference must hold at least one image, got none")
        self._batch, self._order = batch, order
        self._framer = ImageFramer()
        self._waiting: list[ImageFrame] = []
        self._lock = threading.Lock()
        self._results: list[np.ndarray] = []
        self._error_sum = self._raw_sum = 0.0
        self._scored = 0
        self.error: Exception | None = None
        self.message_port_register_out(REPORT_PORT)

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
                self._waiting.append(frame)
                if len(self._waiting) == self._batch:
                    self._flush()
        except Exception as error:  # would be swallowed, and the graph end as if all were well
            self.error = error
            self.logger.error(str(error))
            return -1
        return len(data)

    def stop(self) -> bool:
        """Score what has arrived since the last full batch."""
        try:
            self._framer.drop_partial()
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
            return self._estimate()[0]

    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval (low, high) of ``error_pct``, in per cent; nan before the first batch."""
        with self._lock:
            return self._estimate()[1]

    def scored(self) -> int:
        """Return how many images have been scored."""
        with self._lock:
            return self._scored

    def truncated(self) -> int:
        """Return how many images were cut short, and not scored."""
        return self._framer.truncated

    def stray_bytes(self) -> int:
        """Return how many bytes came outside any image."""
        return self._framer.stray_bytes

    def _flush(self) -> None:
        if not self._waiting:
            return
        frames, self._waiting = self._waiting, []
        received = [frame.image(self._order) for frame in frames]
        rows = np.empty(len(frames), RESULT)
        rows["index"] = [frame.index for frame in frames]
        rows["label"] = [frame.label for frame in frames]
        probabilities = self._target.probabilities(received)
        rows["prediction"] = probabilities.argmax(axis=1)
        score = self._score(received, self._sent(rows["index"]), probabilities)
        rows["score"] = score.per_image
        with self._lock:
            self._results.append(rows)
            self._error_sum += score.error_pct * len(rows)
            self._raw_sum += score.raw * len(rows)
            self._scored += len(rows)
            error_pct, (low, high) = self._estimate()
            report = {
                "images": self._scored,
                "truncated": self._framer.truncated,
                "error_pct": error_pct,
                "error_low_pct": low,
                "error_high_pct": high,
                "batch_images": len(rows),
                "batch_phi": 1 - float(score.per_image.mean()),
                "batch_error_pct": score.error_pct,
                "batch_error_low_pct": score.interval[0],
                "batch_error_high_pct": score.interval[1],
            }
        self.message_port_pub(REPORT_PORT, pmt.to_pmt(report))

    def _sent(self, index: np.ndarray) -> np.ndarray | None:
        return None if self._reference is None else self._reference[index % len(self._reference)]

    def _estimate(self) -> tuple[float, tuple[float, float]]:
        if self._scored == 0:
            return float("nan"), (float("nan"), float("nan"))
        return self._score.pooled(self._raw_sum / self._scored, self._error_sum / self._scored, self._scored)
