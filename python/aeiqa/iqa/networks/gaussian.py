#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Fréchet distance between two sets of features, each modelled as a normal distribution."""

from dataclasses import dataclass

import numpy as np

from ...errors import InputError
from .inference import matmul_by_row

# Features that hardly vary would make the Mahalanobis distance infinite.
RIDGE = 1e-6


@dataclass(frozen=True)
class Gaussian:
    """Mean [F] and covariance [F, F] of a set of features."""

    mean: np.ndarray
    covariance: np.ndarray

    @classmethod
    def fit(cls, features: np.ndarray) -> "Gaussian":
        """Estimate both from features [N, F]; the covariance divides by N (one row: zero).

        Raises:
            InputError: the features are not a finite matrix with at least one row.
        """
        features = np.asarray(features, np.float64)
        if features.ndim != 2 or features.size == 0 or not np.isfinite(features).all():
            raise InputError(f"features: must be finite numbers [N, F], got shape {list(features.shape)}")
        mean = features.mean(axis=0)
        centred = features - mean
        return cls(mean, centred.T @ centred / len(features))

    def frechet(self, other: "Gaussian") -> float:
        """Return |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)), the squared distance of Dowson and Landau 1982.

        ``tr (C1 C2)^(1/2)`` is the sum of the roots of the eigenvalues of ``R C2 R`` with ``R = C1^(1/2)``.
        """
        values, vectors = np.linalg.eigh(self.covariance)
        root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
        product = np.linalg.eigvalsh(root @ other.covariance @ root)
        cross = np.sqrt(np.maximum(product, 0.0)).sum()
        traces = np.trace(self.covariance) + np.trace(other.covariance)
        return float(max(0.0, np.square(self.mean - other.mean).sum() + traces - 2.0 * cross))

    def mahalanobis(self, features: np.ndarray) -> np.ndarray:
        """Return the distance of each row of ``features`` [N, F] in standard deviations, float64 [N]."""
        ridge = RIDGE * max(float(np.trace(self.covariance)) / len(self.mean), RIDGE)
        values, vectors = np.linalg.eigh(self.covariance)
        white = matmul_by_row(features - self.mean, vectors) / np.sqrt(np.maximum(values, 0.0) + ridge)
        return np.linalg.norm(white, axis=1)
