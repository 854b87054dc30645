#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Scores by the nearest clean centroid: the paper's own, and the same with a variational encoder."""

import numpy as np

from ..networks.centroids import Centroids
from ..networks.inference import Images
from ..networks.score_input import CachedImages, Classifier, Network, ScoreInput
from .base import AUTOENCODER, Estimator


class CentroidScore(Estimator):
    """The paper's AE-IQA score: does the nearest clean centroid change between sent and received image?

    With g the trained encoder and gamma_l the mean g(x) of clean training images of label l,
    ``a(x) = argmin_l |g(x) - gamma_l|`` and the raw value is ``100 mean[a(received) != a(sent)]``: 0 without
    damage and near 90 when nothing is left of ten classes, as in Table II. The paper leaves its normalisation
    open; this reading was found by experiment. Per image ``min(1, |g(received) - g(sent)| / D)``, with the D
    of ``Centroids.fit``.
    """

    needs = frozenset({"reference"})
    loads_fitted = False

    def __init__(self, encoder: Network, target: Classifier | None = None) -> None:
        super().__init__(target)
        self.card = encoder.card
        self.centroids = Centroids(encoder.extras["centroids"], float(encoder.extras["scale"]))
        self._encoder = encoder

    @property
    def networks(self) -> tuple[Network, ...]:
        """The encoder."""
        return (self._encoder,)

    def assign(self, images: Images) -> np.ndarray:
        """Return a(x), the label of the nearest clean centroid, int64 [N]."""
        return self.assigned(CachedImages(images))

    def assigned(self, images: CachedImages) -> np.ndarray:
        """Return a(x) as ``assign`` does."""
        key = ("assigned", self._encoder.key)
        return images.once(key, lambda: self.centroids.assign(images.features(self._encoder)))

    def measure(self, evidence: ScoreInput) -> tuple[np.ndarray, float]:
        """Return (damage of each image, share of changed labels in per cent)."""
        parts = evidence.received, evidence.reference
        got, sent = (part.features(self._encoder) for part in parts)
        changed = np.not_equal(*map(self.assigned, parts))
        return self.centroids.damage(got, sent), 100.0 * float(changed.mean())


class PaperScore(CentroidScore):
    """The paper's score with the paper's autoencoder."""

    name = "paper"
    title = "AE-IQA, the paper's score"
    encoders = (AUTOENCODER,)
    default_for = "bundled"


class VariationalScore(CentroidScore):
    """The paper's score with the means of a variational autoencoder, the paper's future work."""

    name = "vae"
    encoders = (("vae-encoder", "vae"),)
    fits = False  # it is there to be compared with the paper's
