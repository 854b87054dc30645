#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Alarms: on when there is reason, off when it is over, and hardly ever without."""

import math

import numpy as np
import pytest

from gnuradio.aeiqa.edge.exceedance import ExceedanceTest
from gnuradio.aeiqa.edge.settings import EdgeSettings
from gnuradio.aeiqa.edge.watch import Watch
from gnuradio.aeiqa.edge.windows import Prediction
from gnuradio.aeiqa.errors import InputError

LIMIT = 0.05
FINE, BAD = Prediction(100, 0.01, 0.0, 0.02), Prediction(100, 0.2, 0.1, 0.3)
QUIET = {"samples": 0, "level_db": math.nan}


def wrong(rng, mean, count):
    """Return P(wrong) of images: most near 0, some near 1, of that mean."""
    return rng.beta(0.3 * mean, 0.3 * (1 - mean), count)


def test_false_alarms_are_as_rare_as_stated():
    """At the limit itself, the worst case; 60 runs of alpha 0.1 give more than 14 with probability 1e-3."""
    rng = np.random.default_rng(1)
    alarms = sum(ExceedanceTest(LIMIT, 0.1).add(wrong(rng, LIMIT, 3000)) for _ in range(60))
    assert alarms <= 14


@pytest.mark.parametrize("before", [0, 20_000])
def test_a_rise_is_found_soon_however_late_it_comes(before):
    rng = np.random.default_rng(2)
    for _ in range(10):
        test = ExceedanceTest(LIMIT, 0.01)
        assert not test.add(wrong(rng, 0.02, before))
        assert test.add(wrong(rng, 0.15, 500))


def test_a_reset_does_not_give_the_false_alarms_back():
    """A test that starts again asks for more each time, or some start would alarm before long."""
    needed = []
    test = ExceedanceTest(LIMIT, 0.01)
    for _ in range(30):
        count = 1
        while not test.add([1.0]):
            count += 1
        needed.append(count)
        test.reset()
    assert needed == sorted(needed)
    assert needed[-1] > needed[0]


def test_the_error_alarm_lasts_until_a_whole_window_is_within_the_limit():
    watch = Watch(EdgeSettings(window=100), 0.0)
    watch.judged([0.0] * 50)
    assert watch.look(1.0, FINE, QUIET) == []
    watch.judged([1.0] * 50)
    (change,) = watch.look(2.0, BAD, QUIET)
    assert (change.alarm, change.active) == ("error", True)
    watch.judged([0.0] * 99)
    assert watch.look(3.0, FINE, QUIET) == []
    watch.judged([0.0])
    assert watch.look(4.0, BAD, QUIET) == []
    (change,) = watch.look(5.0, FINE, QUIET)
    assert (change.alarm, change.active) == ("error", False)


def test_lost_and_damaged_images_raise_an_alarm():
    watch = Watch(EdgeSettings(window=10, lost_limit=0.3), 0.0)
    for _ in range(10):
        watch.image(0.0, 0, False)
    watch.image(0.0, 2, False)
    watch.image(0.0, 0, True)
    assert watch.lost_share() == 0.3
    assert watch.look(1.0, FINE, QUIET) == []
    watch.image(0.0, 10**12, False)  # a number that anybody may send takes no memory
    (change,) = watch.look(2.0, FINE, QUIET)
    assert (change.alarm, change.active) == ("lost", True)
    for _ in range(10):
        watch.image(2.0, 0, False)
    assert not watch.look(3.0, FINE, QUIET)[0].active


def test_silence_is_told_and_ends_with_an_image():
    watch = Watch(EdgeSettings(silence=5.0), 100.0)
    assert watch.look(105.0, FINE, QUIET) == []
    (change,) = watch.look(105.1, FINE, QUIET)
    assert (change.alarm, change.active) == ("silence", True)
    watch.image(106.0, 0, False)
    assert not watch.look(106.1, FINE, QUIET)[0].active


def test_the_level_is_that_of_the_latest_samples():
    """Not the mean since the start, which would hide what happens after months."""
    watch = Watch(EdgeSettings(level_limit=-3.0), 0.0)
    assert watch.look(1.0, FINE, {"samples": 10**9, "level_db": -20.0}) == []
    mean = (10**9 * 10**-2.0 + 10**6) / (10**9 + 10**6)  # with a million samples at 0 dB
    (change,) = watch.look(2.0, FINE, {"samples": 10**9 + 10**6, "level_db": 10 * math.log10(mean)})
    assert (change.alarm, change.active) == ("level", True)
    assert "0.0 dB" in change.text


@pytest.mark.parametrize(
    "field", [{"limit": 0.0}, {"window": 1}, {"false_alarms": 1.0}, {"silence": 0.0}, {"batch": 0}]
)
def test_settings_that_cannot_be(field):
    with pytest.raises(InputError, match=next(iter(field))):
        EdgeSettings(**field)
