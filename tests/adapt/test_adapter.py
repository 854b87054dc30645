#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The adapter against channels that are known: its error stays at the target, its speed near the optimum."""

import math

import numpy as np
import pytest
from scipy.optimize import linprog

from gnuradio.aeiqa import InputError
from gnuradio.aeiqa.adapt import AdapterSettings, ErrorCurves, LinkAdapter, Mode

GRID = np.arange(-10.0, 41.0)
MODES = (Mode("qpsk", 1, 4.0), Mode("qam16", 1, 2.0), Mode("qam64", 1, 1.0))
MIDDLE_DB = {"qpsk": 4.0, "qam16": 11.0, "qam64": 18.0}


def error(name, snr_db):
    return 0.01 + 0.89 / (1 + np.exp((snr_db - MIDDLE_DB[name]) / 1.5))


CURVES = ErrorCurves(GRID, {name: error(name, GRID) for name in MIDDLE_DB}, {})


def send(adapter, snr_db, rng, delay=2, bias_db=0.0, with_snr=True, sharp=True, first=0):
    """Send an image over each SNR; return (modes' numbers, misclassified)."""
    names = [mode.name for mode in adapter.modes]
    chosen, wrong, waiting = [], [], []
    for i, level in enumerate(snr_db, first):
        waiting.append((i, len(wrong)))
        mode = adapter.choose(i)
        chance = error(mode.name, level)
        chosen.append(names.index(mode.name))
        wrong.append(rng.random() < chance)
        if len(waiting) > delay:
            index, at = waiting.pop(0)
            seen = snr_db[at] + bias_db + rng.normal(0, 0.5) if with_snr else None
            told = float(wrong[at]) if sharp else float(error(names[chosen[at]], snr_db[at]))
            adapter.report(index, told, seen)
    return np.array(chosen), np.array(wrong)


def least_air_time(snr_db, target):
    """Solve the allocation problem itself: shares of modes at each SNR, mean error within the target."""
    times = np.array([mode.air_time for mode in MODES])
    errors = np.array([[error(mode.name, level) for mode in MODES] for level in snr_db])
    n, m = errors.shape
    one = np.kron(np.eye(n), np.ones(m))
    found = linprog(
        np.tile(times, n) / n, A_ub=errors.reshape(1, -1) / n, b_ub=[target], A_eq=one, b_eq=np.ones(n)
    )
    assert found.success
    return found.fun


@pytest.mark.parametrize("delay", [0, 2, 8])
@pytest.mark.parametrize("bias_db", [0.0, 9.0, -9.0])
def test_error_is_at_the_target_and_air_time_near_the_least(delay, bias_db):
    rng = np.random.default_rng([delay, int(bias_db) + 20])
    snr_db = 13.0 + 4.0 * np.sin(2 * np.pi * np.arange(4000) / 500)
    adapter = LinkAdapter(MODES, CURVES, AdapterSettings(target_error=0.05))
    chosen, wrong = send(adapter, snr_db, rng, delay, bias_db)
    # The queue starts with at most its largest useful price, and its bound is paid back once.
    sigma = math.sqrt(0.05 * 0.95 / len(wrong))
    assert wrong.mean() < 0.05 + 4 * sigma
    times = np.array([mode.air_time for mode in adapter.modes])
    assert times[chosen].mean() < 1.25 * least_air_time(snr_db[:500], 0.05)


def test_without_reported_snr_the_error_is_still_at_the_target():
    rng = np.random.default_rng(2)
    snr_db = 13.0 + 4.0 * np.sin(2 * np.pi * np.arange(6000) / 2000)
    adapter = LinkAdapter(MODES, CURVES, AdapterSettings(target_error=0.05))
    chosen, wrong = send(adapter, snr_db, rng, with_snr=False)
    assert wrong.mean() < 0.05 + 4 * math.sqrt(0.05 * 0.95 / len(wrong))
    times = np.array([mode.air_time for mode in adapter.modes])
    # Faster than the fastest mode that alone would do.
    alone = [mode.air_time for mode in MODES if error(mode.name, snr_db).mean() <= 0.05]
    assert times[chosen].mean() < 0.9 * min(alone)


def test_after_a_fall_it_turns_robust_and_afterwards_fast_again():
    rng = np.random.default_rng(3)
    adapter = LinkAdapter(MODES, CURVES)
    before, _ = send(adapter, np.full(400, 25.0), rng)
    # The receiver's SNR stays as it was: only the predicted error tells.
    fallen, wrong = send(adapter, np.full(400, 9.0), rng, bias_db=16.0, first=400)
    after, _ = send(adapter, np.full(400, 25.0), rng, first=800)
    fast, robust = 0, len(MODES) - 1
    assert (before[200:] == fast).mean() > 0.95
    assert (fallen[30:] == robust).mean() > 0.9
    assert (after[200:] == fast).mean() > 0.9
    assert wrong[:30].mean() < 0.7


def test_silence_makes_it_robust_until_a_report_comes():
    settings = AdapterSettings(patience=5)
    adapter = LinkAdapter(MODES, CURVES, settings)
    assert adapter.blind  # nothing has been heard yet
    assert adapter.choose(0).name == "qpsk"
    adapter.report(0, 0.0, 30.0)
    assert not adapter.blind
    modes = [adapter.choose(i).name for i in range(1, 12)]
    assert modes[:5] == ["qam64"] * 5
    assert modes[5:] == ["qpsk"] * 6
    assert adapter.blind
    adapter.report(3, 0.0, 30.0)
    assert not adapter.blind
    assert adapter.choose(12).name == "qam64"


def test_reports_late_twice_unknown_or_out_of_order_do_no_harm():
    rng = np.random.default_rng(4)
    orderly, messy = (LinkAdapter(MODES, CURVES) for _ in range(2))
    for start in range(0, 400, 8):
        for i in range(start, start + 8):
            assert orderly.choose(i) == messy.choose(i)
        shuffled = list(range(start, start + 8))
        for i in shuffled:
            orderly.report(i, 0.02, 20.0)
        rng.shuffle(shuffled)
        for i in shuffled:
            messy.report(i, 0.02, 20.0)
            messy.report(i, 1.0, -5.0)  # known already
        messy.report(10_000 + start, 1.0, -5.0)  # never sent
    assert messy.reported == orderly.reported == 400
    np.testing.assert_allclose(messy.expected(), orderly.expected(), rtol=1e-9)


def test_lost_images_count_as_misread():
    told, lost = (LinkAdapter(MODES, CURVES) for _ in range(2))
    for i in range(100):
        told.choose(i)
        lost.choose(i)
        told.report(i, float(i % 3 == 0))
        lost.lost(i) if i % 3 == 0 else lost.report(i, 0.0)
    assert lost.virtual_queue == told.virtual_queue > 20
    np.testing.assert_array_equal(lost.expected(), told.expected())


def test_expected_of_an_image_is_what_its_mode_was_chosen_by():
    adapter = LinkAdapter(MODES, CURVES)
    for i in range(5):
        mode = adapter.choose(i)
        assert adapter.expected_of(i) == adapter.expected()[adapter.modes.index(mode)]
        adapter.report(i, 0.1 * i, 20.0 - 3 * i)


def test_a_mode_that_another_is_never_worse_than_is_not_used():
    curves = ErrorCurves(
        GRID, {**CURVES.curves, "qam256": error("qam16", GRID), "bpsk": CURVES.curves["qpsk"]}, {}
    )
    modes = (*MODES, Mode("qam256", 1, 1.0), Mode("bpsk", 1, 8.0))
    assert [mode.name for mode in LinkAdapter(modes, curves).modes] == ["qam256", "qpsk"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AdapterSettings(target_error=0.0), "target_error: must be from"),
        (lambda: AdapterSettings(patience=0), "patience: must be from 1"),
        (lambda: LinkAdapter([], CURVES), "modes: there must be at least one"),
        (lambda: LinkAdapter([Mode("bpsk", 2, 1.0)], CURVES), "mode bpskx2: no error curve"),
        (lambda: LinkAdapter(MODES, CURVES).report(0, math.nan), "error: must be from 0 to 1"),
        (lambda: ErrorCurves(GRID, {"qpsk": GRID}, {}), "curve qpsk: must be 51 numbers that fall"),
        (lambda: ErrorCurves(GRID[::-1], {}, {}), "snr_db: must be rising"),
    ],
)
def test_mistakes_are_named(make, message):
    with pytest.raises(InputError, match=message):
        make()


def told(factor, safety_factor, seed, count=2000, lost_share=0.0):
    """Predict errors too low by a factor; return adapter, true chances and images misclassified."""
    rng = np.random.default_rng(seed)
    adapter = LinkAdapter(MODES, CURVES, AdapterSettings(safety_factor=safety_factor))
    chances, wrong = [], []
    for i in range(count):
        snr_db = 16.0 + 4.0 * np.sin(2 * np.pi * i / 300)
        lost = rng.random() < lost_share
        chance = error(adapter.choose(i).name, snr_db)
        chances.append(1.0 if lost else chance)
        wrong.append(rng.random() < chances[-1])
        adapter.lost(i) if lost else adapter.report(i, chance / factor, snr_db)
    return adapter, np.array(chances), np.array(wrong)


@pytest.mark.parametrize("lost_share", [0.0, 0.02])
@pytest.mark.parametrize("factor", [1.0, 1.5, 3.0])
def test_bound_holds_where_predictions_are_too_low_by_the_safety_factor(factor, lost_share):
    adapter, chances, wrong = told(factor, factor, 7, lost_share=lost_share)
    assert chances.mean() <= adapter.error_bound + 1e-9
    assert adapter.error_bound < 0.06
    assert wrong.mean() <= adapter.error_bound + 3 * math.sqrt(0.05 * 0.95 / len(wrong))


def test_without_the_safety_factor_the_error_exceeds_the_target_by_at_most_the_predictions_factor():
    adapter, chances, _ = told(2.0, 1.0, 8)
    assert adapter.error_bound + 0.02 < chances.mean() <= 2.0 * adapter.error_bound


def test_bound_has_the_finite_horizon_in_it_where_no_mode_is_good_enough():
    adapter = LinkAdapter(MODES, CURVES)
    assert adapter.error_bound == 1.0  # nothing is known yet
    for i in range(1000):
        adapter.choose(i)
        adapter.report(i, 0.2, -5.0)
    assert adapter.error_bound == pytest.approx(0.2)


def test_bound_holds_for_any_reports():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        adapter, counted = LinkAdapter(MODES, CURVES), []
        for i in range(300):
            adapter.choose(i)
            counted.append(rng.beta(0.1, rng.uniform(0.1, 3.0)))
            adapter.report(i, counted[-1], rng.normal(15.0, 8.0))
            assert np.mean(counted) <= adapter.error_bound + 1e-9


def test_images_of_which_nobody_reports_count_as_lost_in_the_end():
    silent, lost = (LinkAdapter(MODES, CURVES) for _ in range(2))
    for i in range(1024 + 200):
        silent.choose(i)
        lost.choose(i)
        if i < 200:
            lost.lost(i)
    assert silent.error_bound == lost.error_bound == pytest.approx(1 - (0.05 * 0))
