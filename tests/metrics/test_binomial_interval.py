#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The interval of a share against the binomial's tails, and by its coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.metrics import binomial_interval


@settings(deadline=None, derandomize=True)
@given(st.integers(1, 500), st.data())
def test_binomial_interval_inverts_the_binomial_tails(trials, data):
    errors = data.draw(st.integers(0, trials))
    low, high = binomial_interval(errors, trials, 0.9)
    assert 0 <= low <= errors / trials <= high <= 1
    if errors > 0:
        assert stats.binom.sf(errors - 1, trials, low) == pytest.approx(0.05, rel=1e-6)
    if errors < trials:
        assert stats.binom.cdf(errors, trials, high) == pytest.approx(0.05, rel=1e-6)


def test_binomial_interval_ends():
    low, high = binomial_interval([0, 10, 0], [10, 10, 0])
    assert low.tolist() == [0, pytest.approx(0.025 ** (1 / 10)), 0]
    assert high.tolist() == [pytest.approx(1 - 0.025 ** (1 / 10)), 1, 1]


@pytest.mark.parametrize("trials", [7, 40, 100])
def test_it_holds_every_truth_as_often_as_it_says(trials):
    """Summed over all outcomes, not sampled: never below 95 %, where Wilson's goes down to 83 %."""
    counts = np.arange(trials + 1)
    low, high = binomial_interval(counts, trials)
    truths = np.linspace(0.0005, 0.9995, 2000)[:, np.newaxis]
    coverage = (stats.binom.pmf(counts, trials, truths) * ((low <= truths) & (truths <= high))).sum(axis=1)
    assert coverage.min() >= 0.95


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, 2), "errors"),
        ((-1, 2), "errors"),
        ((np.nan, 2), "errors"),
        ((1, 2, 1.0), "confidence"),
        ((1, 2, np.nan), "confidence"),
    ],
)
def test_wrong_values_are_named(arguments, message):
    with pytest.raises(InputError, match=message):
        binomial_interval(*arguments)
