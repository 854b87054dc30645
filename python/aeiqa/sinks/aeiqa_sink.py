#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""GNU Radio block at the end of the link: scores the images that arrive, batch by batch."""

import os
import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pmt

from ..errors import InputError
from ..iqa import Estimator, Judge, RunningScore, Score, load_score, load_target
from ..link.runtime_settings import read_cmd
from .batch_sink import BatchSink
from .image_deframer import ImageFrame
from .image_pairs import PORT
from .quality_sink import FIELDS, batch_report, measure, sent_images

CMD_PORT = pmt.intern("cmd")

RESULT = np.dtype(
    [("index", np.int64), ("label", np.int64), ("prediction", np.int64), ("score", np.float64), *FIELDS]
)
"""A row of ``results()``: index and label of the image (-1: unknown), the target's answer, the score, and the
measures of ``image_quality``, nan without the images sent."""


class _Models(NamedTuple):
    """Target and score, by name and loaded."""

    target_name: str
    score_name: str
    judge: Judge
    score: Estimator
    reference: np.ndarray | Sequence[np.ndarray] | str | None


class aeiqa_sink(BatchSink):
    """Score received images against those sent with a small neural network.

    Input, optional: bytes, images by ``img`` tags as ``image_source`` or ``image_tagger`` makes them. Message
    port ``images``: PDUs of images, metadata ``rows``, ``cols`` and, if known, ``channels``, ``index``,
    ``label``. Message port ``report``: a dict per batch. Message port ``cmd``: a dict of ``target`` or
    ``score``, as their setters. An image that the next one cuts short is counted and not scored; bytes
    outside images are dropped; a PDU that is no image, or of another size than the model's, is logged and
    counted.

    Args:
        target: classifier whose error is predicted; Fashion-MNIST and the colour patches have the paper's and
            LeNet: paper, lenet, wide, robust.
        score: measure of damage; the blind ones, PIQE and the measures of confidence do without the images
            sent: paper, vae, reference, blind, blind-no-answer, psnr, ssim, ber, piqe, confidence, doc, atc,
            disagreement.
        reference: the images sent, uint8 [N, rows, cols] or [N, rows, cols, channels], or a list of single
            images; the tag's index counts in it; "port": they come on the port sent; None: for scores that do
            without.
        batch: images for each run of the networks and each report, 1 or more (images).
        threads: threads for torch, 1 or more; more than there are idle cores make it many times slower.
        model_dir: folder with models, such as "/home/me/models"; None: those that come with the project for
            this kind of image.
        order: order of the pixels in the stream, as in the source: raster, column.
        keep: images that results() keeps, in whole batches, the oldest dropped first; -1: all (images). Give
            a number in flowgraphs without an end.
        dataset: kind of image whose models are taken of those that come with the project: mnist,
            fashion-mnist, colour.

    Raises:
        InputError: unknown name or order, a score of whole sets (frechet), torch or a model file missing or
            damaged, no reference for a score that needs one or one of the wrong shape, batch or threads below
            1, keep below -1.

    GNU Radio swallows what is raised while a flowgraph runs: call ``check()`` after ``run()``. Getters may be
    called from any thread at any time.
    """

    def __init__(
        self,
        target: str = "paper",
        score: str = "paper",
        reference: np.ndarray | str | None = None,
        batch: int = 64,
        threads: int = 1,
        model_dir: str | os.PathLike[str] | None = None,
        order: str = "raster",
        keep: int = -1,
        dataset: str = "mnist",
    ) -> None:
        by_port = isinstance(reference, str) and reference == PORT
        BatchSink.__init__(self, "aeiqa_sink", RESULT, batch, order, keep, by_port)
        self._model_dir, self._dataset = model_dir, dataset
        self._threads, self._reference = threads, reference
        self._changing = threading.Lock()
        self._models = self._latest = self._load(target, score)
        self._running = RunningScore(self._models.score)  # since the last change
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

    def error_pct(self) -> float:
        """Return the predicted share of misclassified images so far, in per cent; nan before the first batch.

        Counts since target or score were last changed.
        """
        with self._lock:
            return self._running.estimate()[0]

    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval (low, high) of ``error_pct``, in per cent; nan before the first batch."""
        with self._lock:
            return self._running.estimate()[1]

    def _load(self, target: str, score: str) -> _Models:
        whose: dict[str, Any] = {"path": self._model_dir, "dataset": self._dataset, "threads": self._threads}
        loaded_target = load_target(target, **whose)
        loaded = load_score(score, loaded_target, **whose)
        if not loaded.pools:
            raise InputError(f"score {score}: compares whole sets of images, and these come in batches")
        reference: np.ndarray | Sequence[np.ndarray] | str | None = self._reference
        if not isinstance(reference, str):
            reference = loaded.check_reference(reference)
        elif reference != PORT:
            raise InputError(f"reference must be images, {PORT!r} or None, got {reference!r}")
        if reference is not None and len(reference) == 0:
            raise InputError("reference must hold at least one image, got none")
        return _Models(target, score, Judge(loaded_target, loaded), loaded, reference)

    def _change(self, **names: Any) -> None:
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

    def _before_image(self) -> None:
        latest = self._latest
        if self._models is not latest:
            self._flush()  # what came before the change is scored as it was to be
            with self._lock:
                self._models = latest
                self._running = RunningScore(latest.score)

    def _check_image(self, frame: ImageFrame) -> None:
        self._models.judge.check_image(frame.image())

    def _judge(self, frames: list[ImageFrame]) -> tuple[np.ndarray, Score]:
        received = [frame.image() for frame in frames]
        rows = np.empty(len(frames), RESULT)
        rows["index"] = [frame.index for frame in frames]
        rows["label"] = [frame.label for frame in frames]
        reference = self._models.reference
        sent: np.ndarray | list[np.ndarray] | None = None
        if isinstance(reference, np.ndarray):
            sent = reference[rows["index"] % len(reference)]
        elif reference is not None:
            sent = sent_images(reference, frames)
        answers, score = self._models.judge(received, sent)
        rows["prediction"], rows["score"] = answers.classes, score.per_image
        is_features = isinstance(reference, np.ndarray) and reference.dtype != np.uint8
        if reference is not None and not is_features:
            measure(sent_images(reference, frames), received, rows)
        else:
            for name, _ in FIELDS:
                rows[name] = np.nan
        return rows, score

    def _report(self, rows: np.ndarray, judged: Score) -> dict[str, object]:
        self._running.add(judged)
        error_pct, (low, high) = self._running.estimate()
        report = {
            "target": self._models.target_name,
            "score": self._models.score_name,
            "error_pct": error_pct,
            "error_low_pct": low,
            "error_high_pct": high,
            "batch_phi": 1 - float(judged.per_image.mean()),
            "batch_error_pct": judged.error_pct,
            "batch_error_low_pct": judged.interval[0],
            "batch_error_high_pct": judged.interval[1],
            "image_index": rows["index"].tolist(),
            "image_score": rows["score"].copy(),
        }
        # Without the images sent there is nothing to measure.
        return report if np.isnan(rows["ber"]).any() else report | batch_report(rows)
