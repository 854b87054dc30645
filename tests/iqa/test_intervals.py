#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Intervals of predicted errors."""

import numpy as np
import pytest

from gnuradio.aeiqa.iqa.scores.intervals import (
    conformal_spread,
    images_spread,
    share_interval,
    unexplained_share,
    width_unit,
)
from gnuradio.aeiqa.metrics import binomial_interval


def test_without_anything_else_it_is_that_of_the_share():
    assert share_interval(3.0, 100) == pytest.approx([100 * b for b in binomial_interval(3, 100)])
    assert share_interval(0.0, 50)[0] == 0.0
    assert share_interval(100.0, 50)[1] == 100.0


def test_the_width_follows_the_deviation_of_a_share():
    assert width_unit(50.0) == 1.0
    assert width_unit(10.0) == pytest.approx(width_unit(90.0)) == pytest.approx(0.6)
    assert width_unit(0.0) == width_unit(1.0) > 0.0


def predictions(rng, sets, count, deviation_points):
    """Sets of ``count`` images predicted with a normal error that grows as ``width_unit`` does."""
    for share in rng.uniform(0.05, 0.95, sets):
        off = rng.normal(0.0, deviation_points / 100.0 * width_unit(100.0 * share))
        yield min(max(share + off, 0.0), 1.0), rng.random(count) < share


@pytest.mark.parametrize("count", [200, 20_000])
@pytest.mark.parametrize("deviation_points", [0.0, 3.0])
def test_intervals_hold_as_often_as_they_say_for_sets_of_another_size(count, deviation_points):
    rng = np.random.default_rng([3, count])
    held = []
    for _ in range(30):
        known = predictions(rng, 60, 1000, deviation_points)
        spread = conformal_spread((predicted - wrong, wrong) for predicted, wrong in known)
        for predicted, wrong in predictions(rng, 30, count, deviation_points):
            percent = 100.0 * predicted
            low, high = share_interval(percent, count, spread * width_unit(percent))
            held.append(low <= 100.0 * wrong.mean() <= high)
    assert 0.92 < np.mean(held) < 0.995


def test_the_spread_is_the_quantile_of_what_the_sets_take():
    """Without chance: of 40 sets off by 1 to 40 points at a predicted 50 %, ceil(0.95 * 41) = 39 hold."""
    sets = [(np.full(10, points / 100.0), np.full(10, 0.5 - points / 100.0)) for points in range(1, 41)]
    assert conformal_spread(sets) == pytest.approx(39.0)
    assert conformal_spread(sets[:7]) == pytest.approx(7.0)


@pytest.mark.parametrize("count", [166, 2000])
def test_intervals_hold_as_often_as_they_say_for_a_fit_to_few_images(count):
    """A prediction that is the share of the fit's images, of ten thousand others: 95 of 100 hold.

    Their number alone, which sets of the same images do not show, makes the interval.
    """
    rng = np.random.default_rng([4, count])
    held, without = [], []
    for share in rng.uniform(0.05, 0.95, 1500):
        percent, true = (100.0 * rng.binomial(number, share) / number for number in (count, 10_000))
        for found, radius in ((held, images_spread(count)), (without, 0.0)):
            low, high = share_interval(percent, 10_000, radius * width_unit(percent))
            found.append(low <= true <= high)
    assert 0.93 < np.mean(held) < 0.97
    assert np.mean(without) < 0.75


def test_a_score_that_foresees_errors_needs_fewer_images():
    rng = np.random.default_rng(5)
    likely = rng.choice([0.1, 0.9], 100_000)
    wrong = rng.random(100_000) < likely
    blank = np.array([True, True])
    assert unexplained_share([(0.5 - wrong, wrong)]) == pytest.approx(1.0)
    assert unexplained_share([(likely - wrong, wrong), (0.0 * blank, blank)]) == pytest.approx(0.36, abs=0.01)
    assert unexplained_share([(0.0 * blank, blank)]) == 1.0
    assert images_spread(100, 0.36) == pytest.approx(0.6 * images_spread(100))
