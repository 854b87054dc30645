#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Intervals over traces: how often they hold the truth, and that they are never without width."""

import numpy as np
import pytest

from gnuradio.aeiqa.experiments.adaptation.statistics import (
    jackknife_interval,
    mean_interval,
    ratio_interval,
)

DRAWS = 2000


def coverage(truth, intervals):
    return np.mean([low <= truth <= high for low, high in intervals])


@pytest.mark.parametrize("traces", [3, 10])
def test_intervals_over_traces_hold_the_truth_as_often_as_they_say(traces):
    """Fading and draw of images differ by trace; images within a trace go together."""
    rng = np.random.default_rng(traces)
    truth = 100 * 2 / (2 + 38)
    chances = rng.beta(2, 38, (DRAWS, traces))  # uneven: traces differ by more than binomial noise
    errors = 100 * rng.binomial(1000, chances) / 1000
    times = np.exp(rng.normal(0.0, 0.2, (DRAWS, traces)))
    reference = times * np.exp(rng.normal(0.0, 0.05, times.shape))
    assert coverage(truth, map(mean_interval, errors)) == pytest.approx(0.95, abs=0.045)
    ratios = [ratio_interval(*pair) for pair in zip(reference, times, strict=True)]
    assert coverage(np.exp(0.05**2 / 2), ratios) == pytest.approx(0.95, abs=0.02)
    # From images alone, as if they were independent, they would hold far less often.
    half = 1.96 * np.sqrt(errors.mean(axis=1) * (100 - errors.mean(axis=1)) / (1000 * traces))
    naive = np.stack([errors.mean(axis=1) - half, errors.mean(axis=1) + half], axis=1)
    assert coverage(truth, naive) < 0.7


def test_jackknife_of_a_mean_is_its_interval():
    values = np.random.default_rng(3).normal(5.0, 1.0, 10)
    assert jackknife_interval(values, np.mean) == pytest.approx(mean_interval(values))


@pytest.mark.parametrize("values", [[2.5], [2.5, 2.5], [5.0, 5.0, 5.0]])
def test_no_spread_says_unknown_and_never_no_width(values):
    values = np.array(values)
    found = (
        mean_interval(values),
        ratio_interval(np.ones_like(values), values),
        jackknife_interval(values, np.mean),
    )
    assert np.isnan(found).all()


def test_what_is_not_known_of_a_trace_is_not_known_of_all():
    assert np.isnan(mean_interval(np.array([1.0, np.nan, 2.0]))).all()
