#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The policies that the adapter is compared with, on outcomes that are known; the traces themselves."""

from itertools import product

import numpy as np
import pytest

from gnuradio.aeiqa import InputError
from gnuradio.aeiqa.adapt import ErrorCurves, Mode
from gnuradio.aeiqa.experiments.adaptation.comparison import FRAMES
from gnuradio.aeiqa.experiments.adaptation.policies import Outcomes, SnrTable, TableFit, fixed, genie
from gnuradio.aeiqa.experiments.adaptation.trace import Trace, send_over

MODES = (Mode("qpsk", 1, 3.0), Mode("qam16", 1, 2.0), Mode("qam256", 1, 1.0))
SLOPES = {"qpsk": 5.0, "qam16": 10.0, "qam256": 15.0}


def chance(name, snr_db):
    return 1 / (1 + np.exp(snr_db - SLOPES[name]))


def outcomes(rng, count):
    snr_db = rng.uniform(7, 30, count)
    chances = np.array([chance(mode.name, snr_db) for mode in MODES]).T
    wrong = rng.random((count, len(MODES))) < chances
    return Outcomes(MODES, wrong, wrong.astype(float), np.tile(snr_db[:, None], len(MODES)))


def test_genie_is_the_best_there_is():
    rng = np.random.default_rng(1)
    for _ in range(20):
        few = outcomes(rng, 6)
        choices = genie(few, 0.35)  # two of six may be wrong
        at = np.arange(6)
        possible = [
            few.air_times[list(way)].sum()
            for way in product(range(3), repeat=6)
            if few.wrong[at, list(way)].sum() <= 2
        ]
        if possible:
            assert few.wrong[at, choices].sum() <= 2
            assert few.air_times[choices].sum() == min(possible)


def test_fitted_table_keeps_to_the_target_in_the_least_air_time():
    rng = np.random.default_rng(2)
    # Reports that are not late are of the image before: the same SNR twice.
    seen = outcomes(rng, 20000)
    order = np.argsort(seen.snr_db[:, 0])
    seen = Outcomes(MODES, seen.wrong[order], seen.error[order], seen.snr_db[order])
    table = TableFit([seen], 0).table(0.05)
    choices = table.choose(seen, 0)
    at = np.arange(len(choices))
    assert 0.04 < seen.wrong[at, choices].mean() < 0.052
    # Nor does one who knows the true chances find anything much faster.
    chances = np.array([chance(mode.name, seen.snr_db[:, 0]) for mode in MODES]).T
    ideal = min(
        seen.air_times[best].mean()
        for price in np.geomspace(0.1, 1000, 200)
        if chances[at, best := np.argmin(seen.air_times + price * chances, axis=1)].mean() <= 0.05
    )
    assert seen.air_times[choices].mean() == pytest.approx(ideal, rel=0.03)


def test_table_for_white_noise_stays_within_the_target_at_each_snr():
    levels = np.arange(-5.0, 31.0)
    curves = ErrorCurves(levels, {mode.name: chance(mode.name, levels) for mode in MODES}, {})
    table = SnrTable.over_noise(MODES, curves, 0.05)
    for snr_db in np.arange(8.25, 30.0, 0.5):
        (chosen,) = table.look_up(np.array([snr_db]))
        assert curves.error(MODES[chosen].name, snr_db) <= 0.05
        faster = [mode for mode in MODES if mode.air_time < MODES[chosen].air_time]
        assert all(curves.error(mode.name, snr_db) > 0.05 for mode in faster)
    assert list(table.look_up(np.array([-50.0, 60.0]))) == [0, 2]
    assert set(fixed(outcomes(np.random.default_rng(3), 5), "qam16")) == {1}


def pictures(count):
    return np.random.default_rng(4).integers(0, 256, (count, 28, 28), dtype=np.uint8)


def test_without_noise_everything_arrives_in_its_slot():
    images = pictures(30)
    # What carriers without signal hide of the channel costs 256-QAM a little.
    for mode, most in (("qam256", 0.01), ("qpskx2", 0.0)):
        got = send_over(Trace("still", 30, 222, 60.0, 3), images, FRAMES, mode)
        assert not got.lost.any()
        assert (got.images != images).mean() <= most


def test_the_channel_is_the_same_for_every_mode_and_repeats():
    images, trace = pictures(60), Trace("mixed", 60, 222, 15.0, 5)
    first, again, other = (send_over(trace, images, FRAMES, mode) for mode in ("qam256", "qam256", "qpsk"))
    np.testing.assert_array_equal(first.images, again.images)
    np.testing.assert_array_equal(first.snr_db, again.snr_db)
    unchanged = (other.images == images).all(axis=(1, 2)) & ~other.lost
    np.testing.assert_array_equal(other.perfect, unchanged)
    assert 0 < other.perfect.sum() < 60
    both = ~(first.lost | other.lost)
    assert np.corrcoef(first.snr_db[both], other.snr_db[both])[0, 1] > 0.9


def test_traces_are_what_they_say():
    trace = Trace("mixed", 5000, 222, 15.0, 6)
    shadowing = trace.shadowing_db()
    assert shadowing.std() == pytest.approx(3.0, rel=0.15)
    after = np.corrcoef(shadowing[:-25], shadowing[25:])[0, 1]
    assert after == pytest.approx(np.exp(-1), abs=0.12)
    states = trace.conditions()
    assert np.bincount(states, minlength=3).min() > 500
    assert (np.diff(states) != 0).mean() == pytest.approx(1 / 120, rel=0.4)
    pulses = trace.pulse_amplitudes().reshape(5000, 222)
    assert not pulses[states != 2].any()
    assert (pulses[states == 2] > 0).mean() == pytest.approx(0.15, abs=0.015)


def test_mistakes_are_named():
    with pytest.raises(InputError, match="condition: must be one of"):
        Trace("sunny", 10, 222, 10.0, 1)
    with pytest.raises(InputError, match="slot: bpsk takes 222 symbols, got 100"):
        send_over(Trace("still", 10, 100, 10.0, 1), pictures(10), FRAMES, "bpsk")
    with pytest.raises(InputError, match="images: the trace is for 10, got 9"):
        send_over(Trace("still", 10, 222, 10.0, 1), pictures(9), FRAMES, "bpsk")
