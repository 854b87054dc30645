#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Scores made of an encoder that was trained, with a head that classifies, on images with random bit errors.

Unfitted they say what the head alone implies about any target. Fitted, a perceptron turns what encoder and
head see into P(target is wrong); its mean over a set is the predicted error.
"""

from collections.abc import Hashable

import numpy as np
from scipy.spatial.distance import cdist

from ..calibration.sets import CHECK_STRIDE, CalibrationData, Labelled
from ..networks.inference import as_batch
from ..networks.score_input import CachedImages, Classifier, Network, ScoreInput
from .base import AUTOENCODER, NOISE_ENCODER, Aim, Estimator, Score
from .calibrators import Perceptron

LEAST_LOG = -12.0  # log probabilities below are all alike
FRAGILE = 1.5  # a target that errs so many times as often as the head under random bit errors
TRUSTED_PCT = 95.0  # of undamaged images that a head must read for its disagreement to count errors


class LearnedScore(Estimator):
    """Base class of the three scores: the encoder, and a perceptron in place of a curve."""

    encoders = (NOISE_ENCODER,)

    calibrator_from = staticmethod(Perceptron.from_arrays)

    def __init__(self, encoder: Network, target: Classifier | None = None) -> None:
        super().__init__(target)
        self.card = encoder.card
        self._encoder = encoder

    @property
    def networks(self) -> tuple[Network, ...]:
        """The encoder."""
        return (self._encoder,)

    @property
    def fitted_to(self) -> tuple[Hashable, ...]:
        """Everything that ``inputs`` depends on besides the evidence."""
        return (self._encoder.key, *map(float, self.clean_stats.values()))

    def inputs(self, evidence: ScoreInput) -> np.ndarray:
        """Return what the perceptron sees, float32 [N, F]; here of the received image alone."""
        seen = evidence.received
        log_p = np.maximum(seen.log_probabilities(self._encoder), LEAST_LOG)
        parts = [log_p, np.stack(_certainty(log_p), axis=1), _distances(seen, self._encoder)]
        return np.concatenate([*parts, seen.features(self._encoder)], axis=1).astype(np.float32)

    def judge(self, evidence: ScoreInput) -> Score:
        """Score: fitted, P(wrong) of each image and their mean."""
        if self.calibrator is None:
            return super().judge(evidence)
        self.check_needs(evidence)
        _, raw = self.measure(evidence)
        wrong = self._wrong(evidence)
        error, interval = self.pooled(raw, 100.0 * float(wrong.mean()), len(wrong))
        return Score(wrong, error, interval, 1.0 - error / 100.0, raw)

    def pooled(self, raw: float, error_pct: float, count: int) -> tuple[float, tuple[float, float]]:
        """Return the mean of P(wrong) and its interval; arguments as for every score."""
        if self.calibrator is None:
            return super().pooled(raw, error_pct, count)
        return error_pct, self.interval(error_pct, count)

    def residuals(self, part: Labelled) -> np.ndarray:
        """Return P(wrong) less whether it is, float64 [N]."""
        return self._wrong(part.evidence) - part.wrong

    def _wrong(self, evidence: ScoreInput) -> np.ndarray:
        """Return the perceptron's P(wrong), float64 [N]."""
        return self.calibrator(evidence.once((self.name, *self.fitted_to), lambda: self.inputs(evidence)))

    def fit_model(self, data: CalibrationData) -> None:
        """Fit the perceptron on four images of five; the fifth is kept to measure how far it is off.

        A target is ``fragile`` if it errs half as often again as the head on damaged images of which the head
        still reads most.
        """
        head = np.array([self._head_changes(part.evidence) for part in data.calibration])
        target = np.array([part.wrong.mean() for part in data.calibration])
        legible = head < 0.5
        self.clean_stats = {"fragile": np.array(float(target[legible].sum() > FRAGILE * head[legible].sum()))}
        inputs = [self.inputs(part.evidence) for part in data.calibration]
        kept = [part.index % CHECK_STRIDE != 0 for part in data.calibration]
        seen = np.concatenate([rows[chosen] for rows, chosen in zip(inputs, kept, strict=True)])
        wrong = np.concatenate([p.wrong[chosen] for p, chosen in zip(data.calibration, kept, strict=True)])
        self.calibrator = Perceptron.fit(seen, wrong, data.seed)

    def _head_changes(self, evidence: ScoreInput) -> float:
        """Return the share of images that the head classifies otherwise than the images sent."""
        parts = (evidence.reference, evidence.received)
        sent, received = (part.log_probabilities(self._encoder).argmax(axis=1) for part in parts)
        return float((sent != received).mean())


def _opinion(log_p: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Return what ``log_p`` [N, classes] says of ``label`` and how certain it is, float64 [N, 8]."""
    own = log_p[np.arange(len(label)), label]
    doubt = np.log(np.maximum(-np.expm1(own), 1e-6))
    changed = log_p.argmax(axis=1) != label
    return np.stack([own, np.exp(own), doubt, changed, *_certainty(log_p)], axis=1)


def _certainty(log_p: np.ndarray) -> list[np.ndarray]:
    """Return highest probability, lead over the second, entropy and log doubt, float64 [N] each."""
    ordered = np.sort(np.exp(log_p), axis=1)
    entropy = -(np.exp(log_p) * log_p).sum(axis=1)
    doubt = np.log(np.maximum(1.0 - ordered[:, -1], 1e-6))
    return [ordered[:, -1], ordered[:, -1] - ordered[:, -2], entropy, doubt]


def _distances(seen: CachedImages, network: Network) -> np.ndarray:
    """Distance to each clean centroid over D, float64 [N, labels]."""
    scale, gamma = float(network.extras["scale"]), network.extras["centroids"]
    return seen.once(("centroids", network.key), lambda: cdist(seen.features(network), gamma) / scale)


def _movement(evidence: ScoreInput, network: Network) -> np.ndarray:
    """Return how far the features moved, their angle, whether the nearest centroid changed, all distances."""
    got, was = (part.features(network) for part in (evidence.received, evidence.reference))
    near, far = (_distances(part, network) for part in (evidence.received, evidence.reference))
    scale = float(network.extras["scale"])
    moved = np.linalg.norm(got - was, axis=1) / scale
    lengths = np.linalg.norm(got, axis=1), np.linalg.norm(was, axis=1)
    cosine = (got * was).sum(axis=1) / (lengths[0] * lengths[1] + 1e-9)
    changed = near.argmin(axis=1) != far.argmin(axis=1)
    extra = np.stack([moved, np.log(moved + 1e-3), cosine, changed, lengths[0] / scale], axis=1)
    return np.concatenate([extra, near, far], axis=1)


class ReferenceScore(LearnedScore):
    """For a receiver that knows the sent image's features: P(wrong) from how far and where they moved.

    What moves the features of an encoder that has learned to see through bit errors says what would mislead
    a target that has learned it too. One that has not is misled by much less, and by other damage: for such a
    target (``fragile``) the paper's autoencoder, trained on clean images alone, is asked as well. And since
    each target is misled in a way of its own, a ``Student`` says what it would answer.

    Raw: 1 - p(label read in the sent image | received image), both by the head.
    """

    name = "reference"
    needs = frozenset({"reference"})
    encoders = (NOISE_ENCODER, AUTOENCODER)
    default_for = "user"
    aim = Aim(1.5, 6.0, 0.85)

    def __init__(self, encoder: Network, clean_encoder: Network, target: Classifier | None = None) -> None:
        super().__init__(encoder, target)
        self._clean_encoder = clean_encoder
        self._student: Student | None = None  # noqa: F821

    @property
    def fitted_to(self) -> tuple[Hashable, ...]:
        """Add the student."""
        return (*super().fitted_to, self._student.key)

    @property
    def networks(self) -> tuple[Network, ...]:
        """The noise-trained encoder and the paper's."""
        return (self._encoder, self._clean_encoder)

    def measure(self, evidence: ScoreInput) -> tuple[np.ndarray, float]:
        """Return (probability that the head's label changes, its mean in per cent)."""
        log_p = evidence.received.log_probabilities(self._encoder)
        label = evidence.reference.log_probabilities(self._encoder).argmax(axis=1)
        changed = -np.expm1(log_p[np.arange(len(label)), label])
        return changed, 100.0 * float(changed.mean())

    def inputs(self, evidence: ScoreInput) -> np.ndarray:
        """Return head's and student's views and how the features moved; for a fragile target in both."""
        log_p, log_q = (
            np.maximum(part.log_probabilities(self._encoder), LEAST_LOG)
            for part in (evidence.received, evidence.reference)
        )
        label = log_q.argmax(axis=1)
        parts = [_opinion(log_p, label), log_p, log_q, *self._student_view(evidence.received, label)]
        for network in self.networks[: 1 + int(self.clean("fragile"))]:
            parts.append(_movement(evidence, network))
        return np.concatenate(parts, axis=1).astype(np.float32)

    def _student_view(self, seen: CachedImages, label: np.ndarray) -> list[np.ndarray]:
        """Return what the student makes of received images and of the label sent, float64 [N, ...] each."""
        student = self._student
        log_p = seen.once(
            ("student", student.key),
            lambda: student.log_probabilities(as_batch(seen.images, student.input_shape)),
        )
        log_p = np.maximum(log_p, LEAST_LOG)
        return [_opinion(log_p, label), log_p]

    def fit_model(self, data: CalibrationData) -> None:
        """Train the student, with the seed that the encoder was trained with, then fit the perceptron."""
        from .student import Student  # imports torch

        self._student = Student.fit(data.train, self.card["training"]["seed"])
        super().fit_model(data)

    def state(self) -> dict[str, np.ndarray]:
        """Add the student's weights."""
        own = {} if self._student is None else self._student.arrays()
        return super().state() | {f"student/{key}": array for key, array in own.items()}

    def restore(self, arrays: dict[str, np.ndarray], fitted: bool) -> None:
        """Put back the student too; an unfitted score has none."""
        from .student import Student  # imports torch

        super().restore(arrays, fitted)
        parts = {k.removeprefix("student/"): a for k, a in arrays.items() if k.startswith("student/")}
        self._student = Student.from_arrays(parts) if fitted else None


class BlindScore(LearnedScore):
    """For a receiver that has nothing but the received image and the target's answer.

    Raw: the share of images where the head disagrees with the answer; per image 1 - p(answer). Fitted to a
    fragile target it stays at that, with an interval: what such a target gets wrong the head mostly gets
    right, whatever the damage, while the perceptron knows only damage it was fitted to. For a target as
    robust as the head both err together, and P(wrong) predicts. So it does where the head misclassifies
    undamaged images: P(disagree) is within P(head wrong) of P(target wrong), which then says little.
    """

    name = "blind"
    needs = frozenset({"answer"})
    aim = Aim(1.0, 4.0, 0.95)  # more than of ``reference``: it is told what the target answered

    def measure(self, evidence: ScoreInput) -> tuple[np.ndarray, float]:
        """Return (1 - p_head(answer), share of disagreement in per cent)."""
        log_p = evidence.received.log_probabilities(self._encoder)
        doubt = -np.expm1(log_p[np.arange(len(log_p)), evidence.answer])
        return doubt, 100.0 * float((log_p.argmax(axis=1) != evidence.answer).mean())

    def inputs(self, evidence: ScoreInput) -> np.ndarray:
        """Add the answer and what the head thinks of it."""
        log_p = evidence.received.log_probabilities(self._encoder)
        rows = np.arange(len(log_p))
        own = np.maximum(log_p[rows, evidence.answer], LEAST_LOG)
        rank = (log_p > log_p[rows, evidence.answer][:, np.newaxis]).sum(axis=1)
        extra = np.stack([own, np.exp(own), np.log(np.maximum(-np.expm1(own), 1e-6)), rank > 0, rank], axis=1)
        one_hot = np.eye(log_p.shape[1])[evidence.answer]
        return np.concatenate([super().inputs(evidence), extra, one_hot], axis=1).astype(np.float32)

    @property
    def _by_disagreement(self) -> bool:
        """True if disagreement predicts, rather than the perceptron."""
        reads = self.card["results"]["held_out"]["accuracy_pct"] >= TRUSTED_PCT
        return bool(self.clean("fragile")) and reads

    def judge(self, evidence: ScoreInput) -> Score:
        """Score: by disagreement where that is to be trusted, else as the other learned scores."""
        if self.calibrator is not None and self._by_disagreement:
            return Estimator.judge(self, evidence)
        return super().judge(evidence)

    def pooled(self, raw: float, error_pct: float, count: int) -> tuple[float, tuple[float, float]]:
        """Return the predicted error and its interval; arguments as for every score."""
        if self.calibrator is not None and self._by_disagreement:
            return raw, self.interval(raw, count)
        return super().pooled(raw, error_pct, count)

    def residuals(self, part: Labelled) -> np.ndarray:
        """Return P(wrong), or whether the head disagrees, less whether the answer is wrong."""
        if not self._by_disagreement:
            return super().residuals(part)
        read = part.evidence.received.log_probabilities(self._encoder).argmax(axis=1)
        return (read != part.evidence.answer) - part.wrong.astype(np.float64)


class BlindNoAnswerScore(LearnedScore):
    """For a receiver that has the received image alone, before any classifier has answered.

    Raw: 1 - the head's highest probability.
    """

    name = "blind-no-answer"

    def measure(self, evidence: ScoreInput) -> tuple[np.ndarray, float]:
        """Return (1 - max p_head, its mean in per cent)."""
        doubt = -np.expm1(evidence.received.log_probabilities(self._encoder).max(axis=1))
        return doubt, 100.0 * float(doubt.mean())
