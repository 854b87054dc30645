#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Baselines that the scores have to beat: picture quality, the target's confidence, full knowledge."""

import numpy as np

from ... import metrics
from ..calibration.sets import Labelled
from ..networks.gaussian import Gaussian
from ..networks.score_input import Classifier, Network, ScoreInput
from .base import AUTOENCODER, Estimator

REFERENCE, ANSWER, PROBABILITIES = (frozenset({need}) for need in ("reference", "answer", "probabilities"))
PSNR_LIMIT_DB = 60.0  # stands for identical images, whose PSNR is infinite


class PsnrScore(Estimator):
    """Peak signal to noise ratio; raw: minus its mean in dB, identical images counted as 60 dB."""

    name, needs, share = "psnr", REFERENCE, False

    def measure(self, evidence: ScoreInput) -> tuple[np.ndarray, float]:
        """Return (1 - PSNR / 60 dB, minus the mean)."""
        psnr = np.minimum(evidence.metric("psnr", metrics.psnr), PSNR_LIMIT_DB)
        return np.clip(1.0 - psnr / PSNR_LIMIT_DB, 0.0, 1.0), -float(psnr.mean())


def uniform_ssim(reference: np.ndarray, received: np.ndarray) -> np.ndarray:
    """Return SSIM with a uniform window of 5 pixels, float64 [N]: what the score's curves are fitted to."""
    return metrics.ssim(reference, received, window=5)


class SsimScore(Estimator):
    """Structural similarity with a uniform window of 5 pixels; raw: 100 (1 - its mean)."""

    name, needs = "ssim", REFERENCE

    def measure(self, evidence: ScoreInput) -> tuple[np.ndarray, float]:
        """Return ((1 - SSIM) / 2, 100 (1 - mean))."""
        ssim = evidence.metric("ssim", uniform_ssim)
        return np.clip((1.0 - ssim) / 2.0, 0.0, 1.0), 100.0 * (1.0 - float(ssim.mean()))


class BerScore(Estimator):
    """Bit error rate; raw: in per cent."""

    name, needs = "ber", REFERENCE

    def measure(self, evidence: ScoreInput) -> tuple[np.ndarray, float]:
        """Return (bit error rate, its mean in per cent)."""
        ber = evidence.metric("ber", metrics.ber)
        return ber, 100.0 * float(ber.mean())


class PiqeScore(Estimator):
    """PIQE of the received image; raw: its mean. On digits it is no measure of quality."""

    name = "piqe"

    def measure(self, evidence: ScoreInput) -> tuple[np.ndarray, float]:
        """Return (PIQE / 100, mean)."""
        piqe = evidence.received.once("piqe", lambda: metrics.piqe(evidence.received.images))
        return np.clip(piqe / 100.0, 0.0, 1.0), float(piqe.mean())


class ConfidenceScore(Estimator):
    """Average confidence (Hendrycks and Gimpel, ICLR 2017): raw 100 (1 - mean highest probability)."""

    name, needs = "confidence", PROBABILITIES

    def measure(self, evidence: ScoreInput) -> tuple[np.ndarray, float]:
        """Return (1 - max p, its mean in per cent)."""
        doubt = np.clip(1.0 - evidence.probabilities.max(axis=1).astype(np.float64), 0.0, 1.0)
        return doubt, 100.0 * float(doubt.mean())

    def measure_clean(self, clean: Labelled) -> dict[str, np.ndarray]:
        """Return the clean error and confidence that DoC starts from, and ATC's threshold."""
        doubt, mean = ConfidenceScore.measure(self, clean.evidence)
        error = 100.0 * float(clean.wrong.mean())
        return {
            "error_pct": np.array(error),
            "doubt_pct": np.array(mean),
            "threshold": np.array(np.quantile(doubt, 1.0 - error / 100.0)),
        }


class DocScore(ConfidenceScore):
    """Difference of confidences (Guillory et al., ICCV 2021): raw clean error + what confidence has lost."""

    name, from_clean = "doc", True

    def measure(self, evidence: ScoreInput) -> tuple[np.ndarray, float]:
        """Return (1 - max p, clean error + difference of mean confidence in points)."""
        doubt, mean = super().measure(evidence)
        return doubt, mean + float(self.clean("error_pct") - self.clean("doubt_pct"))


class AtcScore(ConfidenceScore):
    """Average thresholded confidence (Garg et al., ICLR 2022), threshold set on clean images.

    Raw: the share whose confidence is below that of as many clean images as were misclassified.
    """

    name, from_clean = "atc", True

    def measure(self, evidence: ScoreInput) -> tuple[np.ndarray, float]:
        """Return (1 - max p, share beyond the threshold in per cent)."""
        doubt, _ = super().measure(evidence)
        return doubt, 100.0 * float((doubt > self.clean("threshold")).mean())


class DisagreementScore(Estimator):
    """Full knowledge: the target reads the sent image too. Raw: share of changed answers + clean error.

    Nobody at a receiver can have it; it bounds what comparing with the sent image can give.
    """

    name, needs, from_clean = "disagreement", REFERENCE | ANSWER, True

    def measure(self, evidence: ScoreInput) -> tuple[np.ndarray, float]:
        """Return (1 where the answer changes else 0, share + clean error in per cent)."""
        sent = evidence.reference.once(
            ("answer", id(self.target)), lambda: self.target.predict(evidence.reference.images)
        )
        changed = (sent != evidence.answer).astype(np.float64)
        return changed, 100.0 * float(changed.mean()) + float(self.clean("error_pct"))

    def measure_clean(self, clean: Labelled) -> dict[str, np.ndarray]:
        """Return the clean error in per cent."""
        return {"error_pct": np.array(100.0 * clean.wrong.mean())}


class FrechetScore(Estimator):
    """Fréchet distance in the paper's latent between the received set and clean training images.

    Heusel et al., NeurIPS 2017, with another encoder. Per image d^2 / (d^2 + F), d the Mahalanobis
    distance in F features.
    """

    name, share, pools, from_clean = "frechet", False, False, True
    encoders = (AUTOENCODER,)

    def __init__(self, encoder: Network, target: Classifier | None = None) -> None:
        super().__init__(target)
        self.card = encoder.card
        self._encoder = encoder

    @property
    def networks(self) -> tuple[Network, ...]:
        """The encoder."""
        return (self._encoder,)

    def measure(self, evidence: ScoreInput) -> tuple[np.ndarray, float]:
        """Return (squashed Mahalanobis distance, Fréchet distance of the set)."""
        features = evidence.received.features(self._encoder)
        return evidence.received.once(
            ("frechet", self._encoder.key, self.clean("mean").tobytes()), lambda: self._measure(features)
        )

    def _measure(self, features: np.ndarray) -> tuple[np.ndarray, float]:
        clean = Gaussian(self.clean("mean").astype(np.float64), self.clean("covariance").astype(np.float64))
        square = clean.mahalanobis(features) ** 2
        return square / (square + features.shape[1]), clean.frechet(Gaussian.fit(features))

    def measure_clean(self, clean: Labelled) -> dict[str, np.ndarray]:
        """Return mean and covariance of the clean features."""
        found = Gaussian.fit(clean.evidence.received.features(self._encoder))
        return {"mean": found.mean.astype(np.float32), "covariance": found.covariance.astype(np.float32)}
