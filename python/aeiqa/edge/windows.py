#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Predicted error of the latest images, in windows that slide along."""

import math
from collections import deque
from typing import NamedTuple, Optional

from ..iqa import Estimator, Score


class Prediction(NamedTuple):
    """Predicted error of some images and its 95 % interval, as shares from 0 to 1; NaN without images."""

    images: int
    error: float
    low: float
    high: float

    def fields(self) -> dict[str, Optional[float]]:
        """Return it as JSON takes it, which has no NaN."""
        shares = {name: value for name, value in self._asdict().items() if name != "images"}
        return {"images": self.images} | {
            name: round(value, 6) if math.isfinite(value) else None for name, value in shares.items()
        }


class _Part(NamedTuple):
    images: int
    raw: float
    error_pct: float


class SlidingScore:
    """The predicted error of the latest images of a set that is scored part by part.

    Args:
        score: what the parts are scored by.
        size: images in the window. Parts are never split, so it may hold up to a part more.
    """

    def __init__(self, score: Estimator, size: int) -> None:
        self._score, self._size = score, size
        self._parts: deque[_Part] = deque()
        self._images = 0

    def add(self, part: Score) -> None:
        """Let a part in, and out what has become too old."""
        images = len(part.per_image)
        self._parts.append(_Part(images, part.raw, part.error_pct))
        self._images += images
        while self._images - self._parts[0].images >= self._size:
            self._images -= self._parts.popleft().images

    def prediction(self) -> Prediction:
        """Return what is predicted of the window."""
        if not self._images:
            return Prediction(0, math.nan, math.nan, math.nan)
        raw = sum(part.images * part.raw for part in self._parts) / self._images
        error_pct = sum(part.images * part.error_pct for part in self._parts) / self._images
        error, interval = self._score.pooled(raw, error_pct, self._images)
        return Prediction(self._images, error / 100.0, interval[0] / 100.0, interval[1] / 100.0)
