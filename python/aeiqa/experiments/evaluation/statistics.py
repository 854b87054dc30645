#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Agreement of predictions and truth, inside a link and over links."""

import math

import numpy as np
from scipy import stats

MIN_OF_EACH = 30  # images right and wrong that an AUROC takes; with fewer it would be mostly chance


def auroc(score: np.ndarray, wrong: np.ndarray) -> float:
    """Return the probability that a wrong image scores above a right one, ties counting half.

    The Mann-Whitney statistic of float ``score`` [N] and bool ``wrong`` [N]; nan with fewer than 30 of
    either kind.
    """
    bad = int(wrong.sum())
    good = len(wrong) - bad
    if min(bad, good) < MIN_OF_EACH:
        return math.nan
    ranks = stats.rankdata(score)
    return float((ranks[wrong].sum() - bad * (bad + 1) / 2.0) / (bad * good))


def over_links(true_pct: np.ndarray, predicted_pct: np.ndarray, raw: np.ndarray) -> dict[str, float]:
    """Return errors in points and correlations over links, from one value of each per link, float [L].

    ``predicted_pct`` is nan where a score does not predict a share: errors are then nan, and correlations are
    taken with ``raw``. A correlation with something constant is nan.
    """
    shares = bool(np.isfinite(predicted_pct).all())
    difference = predicted_pct - true_pct
    compared = predicted_pct if shares else raw
    constant = len(true_pct) < 2 or np.ptp(true_pct) == 0.0 or np.ptp(compared) == 0.0
    found = {
        "mean_abs_points": float(np.abs(difference).mean()),
        "max_abs_points": float(np.abs(difference).max()),
        "bias_points": float(difference.mean()),
    }
    for name, function in (
        ("pearson", stats.pearsonr),
        ("spearman", stats.spearmanr),
        ("kendall", stats.kendalltau),
    ):
        found[name] = math.nan if constant else float(function(true_pct, compared)[0])
    return found
