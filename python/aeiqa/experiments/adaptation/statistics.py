#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Intervals of means over traces; each trace is one draw of a channel and of test images.

Images of a trace share its fading, so they say little of how another trace will be: traces are the
independent draws, and the spread between them is what the intervals are from. One trace has no spread, nor
have several with the same value: the interval is then unknown, (nan, nan), never one of no width.
"""

import math
from collections.abc import Callable

import numpy as np
from scipy import stats

from ...metrics.intervals import CONFIDENCE

UNKNOWN = (math.nan, math.nan)


def mean_interval(values: np.ndarray) -> tuple[float, float]:
    """Return Student's interval of the mean of independent values, float64 [traces]; 95 %."""
    half = _half_width(values)
    return (values.mean() - half, values.mean() + half) if half else UNKNOWN


def ratio_interval(above: np.ndarray, below: np.ndarray) -> tuple[float, float]:
    """Return the interval of mean(above) / mean(below), positive float64 [traces] of the same traces; 95 %.

    Student's, of the ratio's logarithm by the delta method, so that it stays above 0.
    """
    ratio = above.mean() / below.mean()
    half = _half_width(above / above.mean() - below / below.mean())
    return (ratio / math.exp(half), ratio * math.exp(half)) if half else UNKNOWN


def jackknife_interval(values: np.ndarray, statistic: Callable[[np.ndarray], float]) -> tuple[float, float]:
    """Return the interval of ``statistic(values)`` over traces, values [traces, ...]; 95 %.

    Student's, of the pseudo-values that leaving out each trace in turn gives (J. W. Tukey, Annals of
    Mathematical Statistics 29, 1958); unknown where the statistic is nan for any of them.
    """
    count = len(values)
    if count < 2:
        return UNKNOWN
    without = np.array([statistic(np.delete(values, trace, axis=0)) for trace in range(count)])
    return mean_interval(count * statistic(values) - (count - 1) * without)


def _half_width(values: np.ndarray) -> float:
    """Return half the width of the mean's interval; 0 where it is unknown."""
    count = len(values)
    if count < 2 or not np.isfinite(values).all():
        return 0.0
    deviation = float(values.std(ddof=1))
    if deviation <= 1e-12 * float(np.abs(values).max()):  # what rounding leaves of no spread at all
        return 0.0
    return float(stats.t.ppf((1 + CONFIDENCE) / 2, count - 1)) * deviation / math.sqrt(count)
