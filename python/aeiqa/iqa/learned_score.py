#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Scores made of an encoder that was trained, with a head that classifies, on images with random bit errors.

Unfitted they say what the head alone implies about any target. Fitted, a perceptron turns what encoder and
head see into P(target is wrong); its mean over a set is the predicted error.
"""

import numpy as np
from scipy.spatial.distance import cdist

from .calibration import Perceptron
from .centroids import Centroids
from .evidence import Evidence, Network, Observed
from .score import CalibrationData, Classifier, Estimator, Score, share_interval

CHECK_STRIDE = 5


class LearnedScore(Estimator):
    """What the three scores share: the encoder, and a perceptron in place of a curve."""

    map_from = staticmethod(Perceptron.from_arrays)

    def __init__(self, encoder: Network, target: Classifier | None = None) -> None:
        super().__init__(target)
        self.card = encoder.card
        self.centroids = Centroids(encoder.extras["centroids"], float(encoder.extras["scale"]))
        self._encoder = encoder

    @property
    def networks(self) -> tuple[Network, ...]:
        """The encoder."""
        return (self._encoder,)

    def inputs(self, evidence: Evidence) -> np.ndarray:
        """Return what the perceptron sees, float32 [N, F]; here of the received image alone."""
        seen = evidence.received
        log_p = seen.log_probabilities(self._encoder)
        ordered = np.sort(np.exp(log_p), axis=1)
        entropy = -(np.exp(log_p) * log_p).sum(axis=1)
        surprise = np.log(np.maximum(1.0 - ordered[:, -1], 1e-6))
        extra = np.stack([ordered[:, -1], ordered[:, -1] - ordered[:, -2], entropy, surprise], axis=1)
        parts = [np.maximum(log_p, -12.0), extra, self._distances(seen), seen.features(self._encoder)]
        return np.concatenate(parts, axis=1).astype(np.float32)

    def judge(self, evidence: Evidence) -> Score:
        """Score: fitted, the mean of P(wrong), its interval from their variance and the fit's spread."""
        if self.map is None:
            return super().judge(evidence)
        self.check_needs(evidence)
        _, raw = self.measure(evidence)
        wrong = self.map(self.inputs(evidence))
        error, interval = self.pooled(raw, 100.0 * float(wrong.mean()), len(wrong))
        return Score(wrong, error, interval, 1.0 - error / 100.0, raw)

    def pooled(self, raw: float, error_pct: float, count: int) -> tuple[float, tuple[float, float]]:
        """Return the mean of P(wrong) and its interval; arguments as for every score."""
        if self.map is None:
            return super().pooled(raw, error_pct, count)
        return error_pct, share_interval(error_pct, count, self.map.spread)

    def fit_on(self, data: CalibrationData) -> None:
        """Fit the perceptron on four images of five, and measure its spread on the fifth."""
        inputs = [self.inputs(part.evidence) for part in data.damaged]
        check = [part.index % CHECK_STRIDE == 0 for part in data.damaged]
        kept = np.concatenate([rows[~held] for rows, held in zip(inputs, check, strict=True)])
        wrong = np.concatenate([p.wrong[~held] for p, held in zip(data.damaged, check, strict=True)])
        fitted = Perceptron.fit(kept, wrong, data.seed)
        excess = []
        for part, rows, held in zip(data.damaged, inputs, check, strict=True):
            predicted = fitted(rows[held])
            chance = (predicted * (1.0 - predicted)).sum() / len(predicted) ** 2
            excess.append((predicted.mean() - part.wrong[held].mean()) ** 2 - chance)
        self.map = fitted.with_spread(100.0 * float(np.sqrt(max(0.0, np.mean(excess)))))

    def _distances(self, seen: Observed) -> np.ndarray:
        """Distance to each clean centroid over D, float64 [N, labels]."""
        key = ("centroids", self._encoder.key)
        return seen.once(
            key, lambda: cdist(seen.features(self._encoder), self.centroids.gamma) / self.centroids.scale
        )


class ReferenceScore(LearnedScore):
    """For a receiver that knows the sent image's features: P(wrong) from how far and whereto they moved.

    Raw: 1 - p(label read in the sent image | received image), both by the head.
    """

    name = "reference"
    needs = frozenset({"reference"})

    def measure(self, evidence: Evidence) -> tuple[np.ndarray, float]:
        """Return (probability that the head's label changes, its mean in per cent)."""
        log_p = evidence.received.log_probabilities(self._encoder)
        label = evidence.reference.log_probabilities(self._encoder).argmax(axis=1)
        changed = -np.expm1(log_p[np.arange(len(label)), label])
        return changed, 100.0 * float(changed.mean())

    def inputs(self, evidence: Evidence) -> np.ndarray:
        """Add the sent image's features, the displacement, and whether the nearest class changes."""
        seen, sent = evidence.received, evidence.reference
        got, was = seen.features(self._encoder), sent.features(self._encoder)
        log_p, log_q = seen.log_probabilities(self._encoder), sent.log_probabilities(self._encoder)
        label = log_q.argmax(axis=1)
        rows = np.arange(len(label))
        near, far = self._distances(seen), self._distances(sent)
        own = np.maximum(log_p[rows, label], -12.0)
        moved = np.linalg.norm(got - was, axis=1) / self.centroids.scale
        length = np.linalg.norm(got, axis=1) * np.linalg.norm(was, axis=1) + 1e-9
        extra = np.stack(
            [
                own,
                np.exp(own),
                np.log(np.maximum(-np.expm1(own), 1e-6)),
                moved,
                np.log(moved + 1e-3),
                (got * was).sum(axis=1) / length,
                log_p.argmax(axis=1) != label,
                near.argmin(axis=1) != far.argmin(axis=1),
            ],
            axis=1,
        )
        parts = [super().inputs(evidence), extra, np.maximum(log_q, -12.0), far, was]
        return np.concatenate(parts, axis=1).astype(np.float32)


class BlindScore(LearnedScore):
    """For a receiver that has nothing but the received image and the target's answer.

    Raw: the share of images where the head disagrees with the answer; per image 1 - p(answer).
    """

    name = "blind"
    needs = frozenset({"answer"})

    def measure(self, evidence: Evidence) -> tuple[np.ndarray, float]:
        """Return (1 - p_head(answer), share of disagreement in per cent)."""
        log_p = evidence.received.log_probabilities(self._encoder)
        doubt = -np.expm1(log_p[np.arange(len(log_p)), evidence.answer])
        return doubt, 100.0 * float((log_p.argmax(axis=1) != evidence.answer).mean())

    def inputs(self, evidence: Evidence) -> np.ndarray:
        """Add the answer and what the head thinks of it."""
        log_p = evidence.received.log_probabilities(self._encoder)
        rows = np.arange(len(log_p))
        own = np.maximum(log_p[rows, evidence.answer], -12.0)
        rank = (log_p > log_p[rows, evidence.answer][:, np.newaxis]).sum(axis=1)
        extra = np.stack([own, np.exp(own), np.log(np.maximum(-np.expm1(own), 1e-6)), rank > 0, rank], axis=1)
        one_hot = np.eye(log_p.shape[1])[evidence.answer]
        return np.concatenate([super().inputs(evidence), extra, one_hot], axis=1).astype(np.float32)


class BlindNoAnswerScore(LearnedScore):
    """For a receiver that has the received image alone, before any classifier reads it.

    Raw: 1 - the head's highest probability.
    """

    name = "blind-no-answer"

    def measure(self, evidence: Evidence) -> tuple[np.ndarray, float]:
        """Return (1 - max p_head, its mean in per cent)."""
        doubt = -np.expm1(evidence.received.log_probabilities(self._encoder).max(axis=1))
        return doubt, 100.0 * float(doubt.mean())
