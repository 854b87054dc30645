#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The learned scores of a user's own classifier: fitted to few pictures, with the classifier's confidence.

A head trained on a few thousand pictures knows little of their classes. Beside it the perceptron is therefore
shown what the classifier itself thinks of its answer, and few figures rather than all features, which would
tell it which picture it is looking at. The classifier may know more classes than the pictures have.
"""

import math
from collections.abc import Hashable

import numpy as np

from ..calibration.sets import CalibrationData
from ..networks.score_input import ScoreInput
from .base import Estimator
from .calibrators import Perceptron
from .intervals import conformal_spread, images_spread, unexplained_share
from .learned import (
    LEAST_LOG,
    BlindNoAnswerScore,
    BlindScore,
    LearnedScore,
    ReferenceScore,
    _certainty,
    _distances,
)

FOLDS = 3
LEAST_STEPS = 900
LEFT_OUT_STEPS = 300  # of those that only say how far predictions are off
CHANCE_DEVIATIONS = 1.0


class PictureScore(LearnedScore):
    """Base class: fitted by leaving pictures and kinds of damage out, so the interval says what few cost."""

    def fit_prepared(self, data: CalibrationData) -> None:
        """Fit to all damage there is; predictions of pictures and damage left out make the interval.

        A third of the pictures, and a kind of damage that no link need resemble, are left out at a time: what
        the prediction of each set is off then, chance included as far as its few pictures allow no better, is
        what the interval allows for (``conformal_spread``). To it comes what all sets have in common, how few
        pictures they are of (``images_spread``), as far as the score cannot tell which are misclassified.
        """
        parts = [*data.calibration, *data.shifted]
        kinds = [*[-1] * len(data.calibration), *data.shifted_kinds]
        rows = [self.inputs(part.evidence) for part in parts]
        wrong = [part.wrong for part in parts]
        left_out: list[tuple[np.ndarray, np.ndarray]] = []
        for kind in sorted(set(data.shifted_kinds)):
            perceptrons = []
            for fold in range(FOLDS):
                kept = [
                    (part.index % FOLDS != fold) & (other != kind)
                    for part, other in zip(parts, kinds, strict=True)
                ]
                perceptrons.append(_fit(rows, wrong, kept, data.seed, LEFT_OUT_STEPS))
            for part, row, other in zip(parts, rows, kinds, strict=True):
                if other == kind:
                    by_fold = np.stack([perceptron(row) for perceptron in perceptrons])
                    predicted = by_fold[part.index % FOLDS, np.arange(len(row))]
                    left_out.append((predicted - part.wrong, part.wrong))
        self.calibrator = _fit(
            rows, wrong, [np.ones(len(each), bool) for each in wrong], data.seed, LEAST_STEPS
        )
        few = images_spread(len(data.clean.wrong), unexplained_share(left_out))
        self.interval_radius = math.hypot(conformal_spread(left_out, CHANCE_DEVIATIONS), few)

    @property
    def fitted_to(self) -> tuple[Hashable, ...]:
        """The encoder alone."""
        return (self._encoder.key,)

    def _head(self, evidence: ScoreInput) -> np.ndarray:
        """Return what the head makes of received images, float64 [N, classes], none below ``LEAST_LOG``."""
        return np.maximum(evidence.received.log_probabilities(self._encoder), LEAST_LOG)

    def _state_of(self, evidence: ScoreInput) -> list[np.ndarray]:
        """Return how received images look to the encoder, float64 [N, ...] each: certainty and place."""
        seen, scale = evidence.received, float(self._encoder.extras["scale"])
        near = np.sort(_distances(seen, self._encoder), axis=1)[:, :2]
        length = np.linalg.norm(seen.features(self._encoder), axis=1) / scale
        return [np.stack([*_certainty(self._head(evidence)), length], axis=1), near]


def _fit(
    rows: list[np.ndarray], wrong: list[np.ndarray], kept: list[np.ndarray], seed: int, least_steps: int
) -> Perceptron:
    chosen, truth = (
        np.concatenate([part[keep] for part, keep in zip(parts, kept, strict=True)])
        for parts in (rows, wrong)
    )
    return Perceptron.fit(chosen, truth, seed, least_steps)


def _own_confidence(evidence: ScoreInput) -> np.ndarray:
    """Return what the classifier thinks of its answers, float64 [N, 5]."""
    log_p = np.maximum(np.log(np.maximum(evidence.probabilities.astype(np.float64), 1e-12)), LEAST_LOG)
    best, lead, entropy, doubt = _certainty(log_p)
    return np.stack([np.log(np.maximum(best, 1e-6)), best, lead, entropy, doubt], axis=1)


def _opinion_of(log_p: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Return what ``log_p`` [N, classes] says of ``label``, float64 [N, 5]; of an unknown class nothing."""
    known = label < log_p.shape[1]
    own = np.where(known, log_p[np.arange(len(label)), np.where(known, label, 0)], LEAST_LOG)
    doubt = np.log(np.maximum(-np.expm1(np.minimum(own, -1e-12)), 1e-6))
    return np.stack([own, np.exp(own), doubt, log_p.argmax(axis=1) != label, ~known], axis=1)


class PictureBlindScore(PictureScore):
    """For a receiver that has the received picture and the classifier's answer, with its probabilities.

    Raw: the share of images where the head disagrees with the answer; per image 1 - p(answer).
    """

    name = BlindScore.name
    title = BlindScore.title
    needs = frozenset({"probabilities"})
    aim = BlindScore.aim

    def measure(self, evidence: ScoreInput) -> tuple[np.ndarray, float]:
        """Return (1 - p_head(answer), share of disagreement in per cent)."""
        opinion = _opinion_of(evidence.received.log_probabilities(self._encoder), evidence.answer)
        return np.clip(1.0 - opinion[:, 1], 0.0, 1.0), 100.0 * float(opinion[:, 3].mean())

    def inputs(self, evidence: ScoreInput) -> np.ndarray:
        """Return the classifier's confidence, and what the head makes of picture and answer."""
        opinion = _opinion_of(self._head(evidence), evidence.answer)
        parts = [_own_confidence(evidence), opinion, *self._state_of(evidence)]
        return np.concatenate(parts, axis=1).astype(np.float32)


class PictureReferenceScore(PictureBlindScore):
    """For a receiver that knows features of the picture sent too, as it came out of the encoder.

    Raw: the share of images where the head's label of the picture sent is not the answer to what arrived.
    """

    name = ReferenceScore.name
    title = ReferenceScore.title
    needs = frozenset({"reference", "probabilities"})
    default_for = "user"
    aim = ReferenceScore.aim

    def measure(self, evidence: ScoreInput) -> tuple[np.ndarray, float]:
        """Return (1 - p_head(answer | picture sent), share of answers that differ from its label)."""
        opinion = _opinion_of(evidence.reference.log_probabilities(self._encoder), evidence.answer)
        return np.clip(1.0 - opinion[:, 1], 0.0, 1.0), 100.0 * float(opinion[:, 3].mean())

    def inputs(self, evidence: ScoreInput) -> np.ndarray:
        """Add what the head makes of the picture sent, and how far its features moved."""
        network = self._encoder
        log_q = np.maximum(evidence.reference.log_probabilities(network), LEAST_LOG)
        got, was = (part.features(network) for part in (evidence.received, evidence.reference))
        moved = np.linalg.norm(got - was, axis=1) / float(network.extras["scale"])
        lengths = np.linalg.norm(got, axis=1) * np.linalg.norm(was, axis=1)
        cosine = (got * was).sum(axis=1) / (lengths + 1e-9)
        sent = log_q.argmax(axis=1)
        parts = [
            super().inputs(evidence),
            _opinion_of(log_q, evidence.answer),
            np.stack(_certainty(log_q), axis=1),
            _opinion_of(self._head(evidence), sent)[:, :4],
            np.stack([moved, np.log(moved + 1e-3), cosine], axis=1),
        ]
        return np.concatenate(parts, axis=1).astype(np.float32)


class PictureBlindNoAnswerScore(PictureScore):
    """For a receiver that has nothing but the received picture."""

    name = BlindNoAnswerScore.name
    title = BlindNoAnswerScore.title
    measure = BlindNoAnswerScore.measure

    def inputs(self, evidence: ScoreInput) -> np.ndarray:
        """Return what the head makes of the picture."""
        return np.concatenate(self._state_of(evidence), axis=1).astype(np.float32)


PICTURE_SCORES: dict[str, type[Estimator]] = {
    score.name: score for score in (PictureReferenceScore, PictureBlindScore, PictureBlindNoAnswerScore)
}
"""The scores of a user's own classifier that differ from those of the bundled targets, by name."""
