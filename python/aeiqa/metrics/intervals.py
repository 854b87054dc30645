#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The interval of a share: the one that every table, figure and score of the project gives."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError

CONFIDENCE = 0.95


def binomial_interval(
    errors: ArrayLike, trials: ArrayLike, confidence: float = CONFIDENCE
) -> tuple[Any, Any]:  # numbers or arrays, as the arguments
    """Return (low, high): the interval of a probability, given ``errors`` in independent ``trials``.

    Clopper and Pearson (Biometrika 26, 1934): it holds the true value with at least the probability
    ``confidence`` whatever that value is. Intervals from a normal approximation, Wilson's included, are
    narrower and hold less often than they say for some values (Brown, Cai and DasGupta, Statistical Science
    16(2), 2001).

    Args:
        errors: a number or an array, whole or not (a predicted share of the trials).
        trials: alike (an effective number of trials); no trial says nothing, hence (0, 1).
        confidence: between 0 and 1.

    Returns:
        Two numbers, or float64 arrays of the arguments' common shape.

    Raises:
        InputError: a confidence outside (0, 1), or more errors than trials.

    Example:
        >>> low, high = binomial_interval(3, 100)
        >>> print(f"{100 * low:.2f} to {100 * high:.2f} %")
        0.62 to 8.52 %
    """
    if not 0 < confidence < 1:
        raise InputError(f"confidence must be between 0 and 1, got {confidence}")
    errors, trials = np.broadcast_arrays(np.asarray(errors, float), np.asarray(trials, float))
    # Written so that nan is rejected too.
    if not np.all((errors >= 0) & (errors <= trials)):
        raise InputError("errors must be between 0 and the number of trials")
    from scipy import stats  # here: it takes as long to import as the rest of this package

    tail = (1 - confidence) / 2
    right = trials - errors
    # The beta quantiles are undefined at the two ends, where the bound is the end itself.
    low = np.where(errors > 0, stats.beta.ppf(tail, np.where(errors > 0, errors, 1), right + 1), 0.0)
    high = np.where(right > 0, stats.beta.isf(tail, errors + 1, np.where(right > 0, right, 1)), 1.0)
    return low[()], high[()]


def same_share_probability(errors: int, trials: int, other_errors: int, other_trials: int) -> float:
    """Return the two-sided p-value of Fisher's exact test that two shares are of one probability.

    Fisher (Statistical Methods for Research Workers, section 21.02), by ``scipy.stats.fisher_exact``: of all
    tables with the same margins those that are no likelier than the one found.

    Args:
        errors: of the first sample.
        trials: likewise.
        other_errors: of the second sample.
        other_trials: likewise.

    Raises:
        InputError: more errors than trials, or numbers below zero.

    Example:
        >>> round(same_share_probability(3, 4, 1, 4), 6)  # the lady tasting tea, both sides
        0.485714
    """
    pairs = (errors, trials), (other_errors, other_trials)
    if any(not 0 <= wrong <= count for wrong, count in pairs):
        raise InputError(f"errors must be between 0 and the number of trials, got {pairs}")
    from scipy import stats

    table = [[wrong, count - wrong] for wrong, count in pairs]
    return float(stats.fisher_exact(table)[1])
