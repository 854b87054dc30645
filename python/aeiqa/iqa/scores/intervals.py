#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Intervals of predicted errors: what chance does in so many images, and how far predictions are off."""

import math
from collections.abc import Iterable
from statistics import NormalDist

import numpy as np

from ...metrics.intervals import CONFIDENCE, binomial_interval

Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2.0)
LEAST_SHARE = 0.01  # nearer to 0 or 1 than this an interval gets no narrower


def width_unit(error_pct: float) -> float:
    """Return how wide an interval is at a predicted error, over that at 50 %: as a share's deviation goes."""
    share = min(max(error_pct / 100.0, LEAST_SHARE), 1.0 - LEAST_SHARE)
    return 2.0 * math.sqrt(share * (1.0 - share))


def conformal_spread(sets: Iterable[tuple[np.ndarray, np.ndarray]], chance_deviations: float = Z) -> float:
    """Return the half width at 50 %, in points, whose intervals hold for 95 % of sets like those given.

    Split conformal prediction with scaled residuals (Angelopoulos and Bates 2021, arXiv:2107.07511, section
    2.3), a set of images as one observation: of the n sets' least sufficient spreads the
    ceil(0.95 (n + 1))-th smallest, or the largest. What chance does in a set's N images, z^2 variance / N, is
    taken from its square first; ``share_interval`` puts that of its own number of images back.

    Args:
        sets: of each (prediction less truth of each image, float64 [N] within -1 to 1; what was
            misclassified, bool [N]).
        chance_deviations: z. With 1, what is left of a square is right on average, and sets of few images,
            which cannot show that a prediction is good, make the spread wider.
    """
    z = chance_deviations
    least = []
    for off, wrong in sets:
        excess = max(0.0, off.mean() ** 2 - z * z * off.var() / len(off))
        least.append(100.0 * math.sqrt(excess) / width_unit(100.0 * float((off + wrong).mean())))
    return sorted(least)[min(math.ceil(CONFIDENCE * (len(least) + 1)), len(least)) - 1]


def images_spread(count: int, unexplained: float = 1.0) -> float:
    """Return the half width at 50 %, in points, of the 95 % interval of a share of ``count`` images.

    So far is a prediction off, alike for all damage, that was fitted to the errors of so many: they may be
    easier or harder than others. ``unexplained``: share of their variance that a score does not foresee.
    """
    return 50.0 * Z * math.sqrt(unexplained / count)


def unexplained_share(sets: Iterable[tuple[np.ndarray, np.ndarray]]) -> float:
    """Return how much of the variance of errors predictions leave, 0 to 1, on average over sets.

    ``sets`` as ``conformal_spread`` has them; those where all images or none are misclassified say nothing.
    """
    found = [off.var() / wrong.var() for off, wrong in sets if wrong.any() and not wrong.all()]
    return min(1.0, float(np.mean(found))) if found else 1.0


def share_interval(error_pct: float, count: int, extra: float = 0.0) -> tuple[float, float]:
    """Return ``metrics.binomial_interval`` of a share, in per cent, widened by ``extra`` points each side.

    Both are independent, so half widths add as squares; the result stays within 0 to 100.
    """
    low, high = binomial_interval(min(error_pct / 100.0, 1.0) * count, count, CONFIDENCE)
    return (
        max(0.0, error_pct - math.hypot(error_pct - 100.0 * low, extra)),
        min(100.0, error_pct + math.hypot(100.0 * high - error_pct, extra)),
    )
