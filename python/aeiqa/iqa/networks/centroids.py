#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The geometry of the paper's score: a centroid per label in feature space, and a length for lost."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from ...errors import InputError


@dataclass(frozen=True)
class Centroids:
    """Mean clean feature of each label, fixed once on training images.

    ``gamma`` is float32 [labels, features] (the paper's gamma_l, equation 1). ``scale`` is the distance D at
    which an image counts as wholly lost, see ``fit``.
    """

    gamma: np.ndarray
    scale: float

    @classmethod
    def fit(cls, features: np.ndarray, labels: np.ndarray) -> "Centroids":
        """Compute both from clean training features [N, F] and their labels 0..K-1.

        D is the root mean square distance between two clean images of different labels: a received image that
        lies D from the one sent resembles it no more than a picture of something else does. The paper leaves
        its normalisation f of equation 3 open. Over all pairs, without drawing any:
        ``E|x_k - x_l|^2 = m_k + m_l - 2 gamma_k . gamma_l`` with ``m_k = E|x_k|^2`` for labels k != l.
        """
        features = features.astype(np.float64)
        counts = check_labels(labels)
        gamma = np.stack([features[labels == label].mean(axis=0) for label in range(len(counts))])
        energy = np.array(
            [np.square(features[labels == label]).sum(axis=1).mean() for label in range(len(counts))]
        )
        square = energy[:, np.newaxis] + energy - 2.0 * gamma @ gamma.T
        pairs = np.outer(counts, counts).astype(np.float64)
        np.fill_diagonal(pairs, 0.0)
        scale = float(np.sqrt((square * pairs).sum() / pairs.sum()))
        return cls(gamma.astype(np.float32), scale)

    def assign(self, features: np.ndarray) -> np.ndarray:
        """Return a(x) = argmin_l |x - gamma_l|, int64 [N], for features [N, F]; the lower label wins ties."""
        return cdist(features, self.gamma).argmin(axis=1)

    def damage(self, received: np.ndarray, sent: np.ndarray) -> np.ndarray:
        """Return min(1, |received - sent| / D), 1 - Phi of each image, float64 [N], for features [N, F]."""
        distance = np.linalg.norm(received.astype(np.float64) - sent, axis=1)
        return np.minimum(1.0, distance / self.scale)


def check_labels(labels: np.ndarray) -> np.ndarray:
    """Return how many images each label has; ``InputError`` if one has none, or there are not two labels."""
    counts = np.bincount(labels)
    if len(counts) < 2 or not counts.all():
        raise InputError(f"each label from 0 up, at least two, needs training images; got {counts.tolist()}")
    return counts
