#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Scores: how much of what a classifier reads the link has destroyed. So far the paper's own."""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np

from ..errors import InputError
from .centroids import Centroids
from .inference import Images, as_batch, infer, shape_text
from .target import check_target
from .torch_support import checked_threads

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Score:
    """What a score says about a set of received images.

    Attributes:
        per_image: float64 [N] in [0, 1]; 0: as sent, 1: will be misread. 1 - Phi of each image.
        error_pct: predicted share of misread images, in per cent (the paper's IQA %).
        interval: (low, high) of ``error_pct`` at 95 %, in per cent.
        phi: the paper's Phi of the set, 1 - error_pct / 100.
    """

    per_image: np.ndarray
    error_pct: float
    interval: tuple[float, float]
    phi: float


class PaperScore:
    """The paper's AE-IQA score: does the nearest clean centroid change between sent and received image?

    With g the trained encoder and gamma_l the mean g(x) of clean training images of label l,
    ``a(x) = argmin_l |g(x) - gamma_l|`` and ``error_pct = 100 mean[a(received) != a(sent)]``: 0 without
    damage and near 90 when nothing is left of ten classes, as in Table II. The paper leaves its normalisation
    open; this reading was found by experiment. Per image ``min(1, |g(received) - g(sent)| / D)``, with the D
    of ``Centroids.fit``.
    """

    def __init__(self, model: "Model", threads: int = 1) -> None:  # noqa: F821
        self.card = model.card
        self.centroids = Centroids(model.extras["centroids"], float(model.extras["scale"]))
        self._model = model
        self._threads = threads

    def features(self, images: Images) -> np.ndarray:
        """Return psi = g(x), float32 [N, 128], of images as ``__call__`` takes them."""
        return infer(self._model.module.encoder, as_batch(images, self._model.input_shape), self._threads)

    def assign(self, images: Images) -> np.ndarray:
        """Return a(x), the label of the nearest clean centroid, int64 [N]."""
        return self.centroids.assign(self.features(images))

    def __call__(
        self, received: Images, reference: Images | None = None, answer: np.ndarray | None = None
    ) -> Score:
        """Score received images against those sent.

        Args:
            received: uint8 [N, H, W] or [N, H, W, C] of the trained size.
            reference: the images sent, alike; or what ``features`` returned for them (float32 [N, 128]),
                which spares the time when the same images are sent over many links.
            answer: not used by this score (others compare with the target's answer).

        Raises:
            InputError: no reference, no images, other shapes than trained on, counts that differ.
        """
        reference = self.check_reference(reference)
        got = self.features(received)
        sent = reference if reference.ndim == 2 else self.features(reference)
        if len(got) == 0 or len(got) != len(sent):
            raise InputError(
                f"received and reference must be as many images, at least 1; got {len(got)} and {len(sent)}"
            )
        changed = int((self.centroids.assign(got) != self.centroids.assign(sent)).sum())
        low, high = wilson_interval(changed, len(got), CONFIDENCE)
        share = changed / len(got)
        return Score(
            self.centroids.damage(got, sent), 100.0 * share, (100.0 * low, 100.0 * high), 1.0 - share
        )

    def check_reference(self, reference: Images | None) -> np.ndarray:
        """Return what ``__call__`` takes as reference: uint8 [N, H, W, C] or features float32 [N, 128].

        Raises ``InputError`` if it is None or of another shape or dtype.
        """
        if reference is None:
            raise InputError("score paper compares with the images sent: reference must be given")
        if not (isinstance(reference, np.ndarray) and reference.dtype == np.float32):
            return as_batch(reference, self._model.input_shape)
        expected = self.centroids.gamma.shape[1]
        if reference.ndim != 2 or reference.shape[1] != expected:
            wanted = f"uint8 images or float32 features [N, {expected}]"
            raise InputError(f"reference must be {wanted}, got float32 {shape_text(reference.shape)}")
        return reference


def wilson_interval(successes: int, trials: int, confidence: float) -> tuple[float, float]:
    """Return the interval of a share after Wilson (J. Am. Stat. Assoc. 1927), sound near 0 and 1 too."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    share = successes / trials
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    # At 0 and at all the exact bound is the share itself; rounding must not push it past.
    return (0.0 if successes == 0 else centre - half, 1.0 if successes == trials else centre + half)


def _load_paper(folder: Path, target: str, threads: int) -> PaperScore:
    """The paper's score is the same whatever classifier reads the images, so ``target`` does not matter."""
    from .model_files import load_model  # imports torch

    model = load_model(folder, "paper-encoder", "autoencoder")
    shapes = {key: array.shape for key, array in model.extras.items()}
    if (
        set(shapes) != {"centroids", "scale"}
        or shapes["scale"] != ()
        or shapes["centroids"][1:] != (model.module.encoder.dense.out_features,)
    ):
        raise InputError(f"{folder / 'paper-encoder.npz'}: lacks the centroids or the scale of the score")
    return PaperScore(model, threads)


SCORES: dict[str, Callable[[Path, str, int], PaperScore]] = {"paper": _load_paper}
"""Name of each score and what loads it from (model folder, target, threads)."""


def load_score(
    name: str = "paper", target: str = "paper", path: str | os.PathLike[str] | None = None, threads: int = 1
) -> PaperScore:
    """Load a score by name.

    Args:
        name: "paper": the paper's own.
        target: name of the classifier whose error it shall predict.
        path: folder with the model files; None: the trained ones that come with the project.
        threads: how many threads torch may use.

    Raises:
        InputError: unknown name, torch missing, model file missing, damaged or of another architecture.
    """
    if name not in SCORES:
        raise InputError(f"score must be one of {', '.join(SCORES)}, got {name!r}")
    check_target(target)
    threads = checked_threads(threads)
    from .model_files import models_dir  # imports torch

    return SCORES[name](models_dir(path), target, threads)
