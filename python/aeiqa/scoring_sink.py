#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""GNU Radio block at the end of the link: scores the images that arrive, batch by batch."""

import os
import threading
from collections import deque
from typing import NamedTuple

import numpy as np
import pmt
from gnuradio import gr

from .errors import InputError
from .image_frames import ImageFrame, ImageFramer, checked_order, img_tags
from .iqa import Estimator, Target, load_score, load_target
from .live import read_cmd

REPORT_PORT = pmt.intern("report")
CMD_PORT = pmt.intern("cmd")

RESULT = np.dtype([("index", np.int64), ("label", np.int64), ("prediction", np.int64), ("score", np.float64)])
"""A row of ``results()``: the tag's index and label (-1: unknown), the target's answer, the score."""


class _Models(NamedTuple):
    """What scores images, by name and loaded."""

    target_name: str
    score_name: str
    target: Target
    score: Estimator
    reference: np.ndarray | None


class aeiqa_sink(gr.sync_block):
    """Score received images against those sent with a small neural network.

    Input: bytes, images by ``img`` tags as ``image_source`` makes them. Message port ``report``: a dict per
    batch. Message port ``cmd``: a dict of ``target`` or ``score``, as their setters. An image that the next
    one cuts short is counted and not scored; bytes outside images are dropped.

    Args:
        target: name of the classifier whose error is predicted, see ``iqa.load_target``.
        score: name of the score, see ``iqa.load_score``.
        reference: the images sent, uint8 [N, H, W] or [N, H, W, C]; the image of index i was
            ``reference[i % N]``, as a repeating ``image_source`` counts. None for scores that do without.
        batch: images per run of the networks and per report.
        threads: how many threads torch may use.
        model_dir: folder with the model files; None: those that come with the project.
        order: how pixels travel, "raster" or "column", as in ``image_source``.
        keep: of how many images ``results()`` tells at least, in whole batches, the oldest giving way; -1:
            all, 32 bytes each. Everything else counts every image.

    Raises:
        InputError: unknown name or order, torch or a model file missing or damaged, no reference for a score
            that needs one or one of the wrong shape, batch or threads below 1, keep below -1.

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
        keep: int = -1,
    ) -> None:
        gr.sync_block.__init__(self, name="aeiqa_sink", in_sig=[np.uint8], out_sig=None)
        if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
            raise InputError(f"batch must be a whole number from 1 up, got {batch!r}")
        if isinstance(keep, bool) or not isinstance(keep, int) or keep < -1:
            raise InputError(f"keep must be a whole number from -1 up, got {keep!r}")
        checked_order(order)
        self._model_dir, self._threads, self._reference = model_dir, threads, reference
        self._batch, self._order = batch, order
        self._changing = threading.Lock()
        self._models = self._latest = self._load(target, score)
        self._framer = ImageFramer()
        self._waiting: list[ImageFrame] = []
        self._lock = threading.Lock()
        # An array of rows for each batch.
        self._results: deque[np.ndarray] = deque(maxlen=None if keep == -1 else -(-keep // batch))
        self._error_sum = self._raw_sum = 0.0
        self._scored = self._counted = 0  # in all; since the last change
        self.error: Exception | None = None
        self.message_port_register_out(REPORT_PORT)
        self.message_port_register_in(CMD_PORT)
        self.set_msg_handler(CMD_PORT, self._follow)

    def set_target(self, target: str) -> None:
        """Predict another classifier's error, from the next image to become complete on; from any thread.

        Reports then name it, and ``error_pct()`` starts anew.

        Raises:
            InputError: as the constructor.
        """
        self._change(target=target)

    def set_score(self, score: str) -> None:
        """Take another score; otherwise as ``set_target``."""
        self._change(score=score)

    def target(self) -> str:
        """Return the target's name as last set."""
        return self._latest.target_name

    def score(self) -> str:
        """Return the score's name as last set."""
        return self._latest.score_name

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
                self._take_changes()
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
        """Return a ``RESULT`` row per image scored so far, or of the last ones that are kept, in order."""
        with self._lock:
            return np.concatenate(self._results) if self._results else np.empty(0, RESULT)

    def error_pct(self) -> float:
        """Return the predicted share of misread images so far, in per cent; nan before the first batch.

        Counts since target or score were last changed.
        """
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

    def _load(self, target: str, score: str) -> _Models:
        loaded_target = load_target(target, self._model_dir, self._threads)
        loaded = load_score(score, target, self._model_dir, self._threads)
        reference = loaded.check_reference(self._reference)
        if reference is not None and len(reference) == 0:
            raise InputError("reference must hold at least one image, got none")
        return _Models(target, score, loaded_target, loaded, reference)

    def _change(self, **names: str) -> None:
        with self._changing:  # two changes at a time must not undo each other
            latest = {"target": self._latest.target_name, "score": self._latest.score_name}
            unknown = names.keys() - latest.keys()
            if unknown:
                raise InputError(f"setting must be target or score, got {min(unknown)!r}")
            self._latest = self._load(**(latest | names))

    def _follow(self, message: object) -> None:
        try:
            self._change(**read_cmd(message))
        except InputError as error:  # nobody would see it raised
            self.logger.error(f"message on cmd not followed: {error}")

    def _take_changes(self) -> None:
        latest = self._latest
        if self._models is not latest:
            self._flush()  # what came before the change is scored as it was to be
            with self._lock:
                self._models = latest
                self._error_sum = self._raw_sum = 0.0
                self._counted = 0

    def _flush(self) -> None:
        if not self._waiting:
            return
        frames, self._waiting = self._waiting, []
        received = [frame.image(self._order) for frame in frames]
        rows = np.empty(len(frames), RESULT)
        rows["index"] = [frame.index for frame in frames]
        rows["label"] = [frame.label for frame in frames]
        models = self._models
        probabilities = models.target.probabilities(received)
        rows["prediction"] = probabilities.argmax(axis=1)
        reference = models.reference
        sent = None if reference is None else reference[rows["index"] % len(reference)]
        score = models.score(received, sent, probabilities)
        rows["score"] = score.per_image
        with self._lock:
            self._results.append(rows)
            self._error_sum += score.error_pct * len(rows)
            self._raw_sum += score.raw * len(rows)
            self._scored += len(rows)
            self._counted += len(rows)
            error_pct, (low, high) = self._estimate()
            report = {
                "target": models.target_name,
                "score": models.score_name,
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

    def _estimate(self) -> tuple[float, tuple[float, float]]:
        count = self._counted
        if count == 0:
            return float("nan"), (float("nan"), float("nan"))
        return self._models.score.pooled(self._raw_sum / count, self._error_sum / count, count)
