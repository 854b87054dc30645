#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Results of `./aeiqa adapt`: every policy's error and speed, their intervals, and the traces."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Optional

import numpy as np
from tqdm import tqdm

from ...adapt.adapter import AdapterSettings
from ..store import Store
from .policies import Outcomes, SnrTable, TableFit, adaptive, fixed, genie
from .results import (
    ADAPTATION_FILE,
    BLIND_OURS,
    FITTED,
    FIXED,
    FRONTIER_COLUMNS,
    FRONTIER_FILE,
    GENIE,
    NOISE,
    OURS,
    STATES,
    STILL,
    TABLE_COLUMNS,
    TRACE_FILE,
    TRACE_POLICIES,
)
from .statistics import UNKNOWN, jackknife_interval, mean_interval, ratio_interval

Comparison = Any  # comparison.Comparison, which imports this module

# Errors at which the policies that can be told one are tried, for the frontier.
NOMINAL = (0.02, 0.03, 0.04, 0.045, 0.05, 0.06, 0.08, 0.12)


class Played(NamedTuple):
    """A policy's way through all traces of a condition, [traces, images] each."""

    chosen: np.ndarray
    wrong: np.ndarray
    error: np.ndarray
    air_time: np.ndarray


def play(traces: Sequence[Outcomes], policy: Callable[[Outcomes], np.ndarray]) -> Played:
    """Let a policy choose over each trace."""
    rows: list[list[np.ndarray]] = [[], [], [], []]
    for outcomes in traces:
        chosen = policy(outcomes)
        at = np.arange(len(chosen)), chosen
        found = (chosen, outcomes.wrong[at], outcomes.error[at], outcomes.air_times[chosen])
        for row, value in zip(rows, found, strict=True):
            row.append(value)
    return Played(*map(np.array, rows))


def policies(
    comparison: Comparison, fits: dict[str, TableFit], condition: str, error: float
) -> dict[str, Callable[[Outcomes], np.ndarray]]:
    """Return the policies that keep to an error over traces of a condition, by name.

    ``fits``: of tables, by condition.
    """
    delay, curves, modes = comparison.config.delay, comparison.curves, comparison.adapted
    settings = AdapterSettings(target_error=error)
    tables = {FITTED: fits[condition].table(error)}
    if condition != "still" and "still" in fits:
        tables[STILL] = fits["still"].table(error)
    tables[NOISE] = SnrTable.over_noise(comparison.modes, curves, error)
    return {
        OURS: lambda seen: adaptive(seen, curves, settings, delay, modes=modes),
        BLIND_OURS: lambda seen: adaptive(seen, curves, settings, delay, False, modes),
        **{name: lambda seen, table=table: table.choose(seen, delay) for name, table in tables.items()},
        GENIE: lambda seen: genie(seen, error),
    }


def analyse(comparison: Comparison, store: Store) -> list[dict[str, Any]]:
    """Write all tables; return the rows of the first."""
    config = comparison.config
    table, frontier, traced = [], [], []
    fits = {
        condition: TableFit(comparison.outcomes(store, condition, config.calibration_seeds), config.delay)
        for condition in config.conditions
    }
    for condition in tqdm(config.conditions, desc="choosing", unit="condition", disable=None):
        traces = comparison.outcomes(store, condition, config.seeds)
        played = {
            FIXED + mode.name: play(traces, lambda seen, name=mode.name: fixed(seen, name))
            for mode in comparison.modes
        }
        named = policies(comparison, fits, condition, config.error)
        played |= {name: play(traces, policy) for name, policy in named.items()}
        edges = _edges(comparison, condition, traces, fits)
        frontier += [{"condition": condition, **row} for row in _frontier(comparison, edges)]
        table += [{"condition": condition, **row} for row in _rows(comparison, played, edges)]
        traced += _traced(comparison, condition, traces, played)
    store.write_csv(TRACE_FILE, tuple(traced[0]), traced)
    store.write_csv(FRONTIER_FILE, FRONTIER_COLUMNS, frontier)
    # Last: where there is this, there is everything.
    store.write_csv(ADAPTATION_FILE, TABLE_COLUMNS, table)
    return table


def _rows(
    comparison: Comparison, played: dict[str, Played], edges: dict[str, np.ndarray]
) -> list[dict[str, Any]]:
    per_symbol = comparison.images_per_second(1.0)
    reference = played[FITTED].air_time.mean(axis=1)
    rows = []
    for name, way in played.items():
        errors, times = 100 * way.wrong.mean(axis=1), way.air_time.mean(axis=1)
        low, high = mean_interval(errors)
        slow, fast = ratio_interval(np.full_like(times, per_symbol), times)
        less, more = ratio_interval(reference, times)
        exact, (slow_exact, fast_exact) = _at_target(comparison, edges.get(name))
        rows.append(
            {
                "policy": name,
                "traces": len(errors),
                "error_pct": errors.mean(),
                "error_low_pct": np.maximum(low, 0.0),
                "error_high_pct": np.minimum(high, 100.0),
                "error_most_pct": errors.max(),
                "predicted_error_pct": 100 * way.error.mean(),
                "images_per_s": per_symbol / times.mean(),
                "images_per_s_low": slow,
                "images_per_s_high": fast,
                "images_per_s_at_target": exact,
                "images_per_s_at_target_low": slow_exact,
                "images_per_s_at_target_high": fast_exact,
                "over_snr_table": reference.mean() / times.mean(),
                "over_snr_table_low": less,
                "over_snr_table_high": more,
            }
        )
    return rows


def _edges(
    comparison: Comparison, condition: str, traces: Sequence[Outcomes], fits: dict[str, TableFit]
) -> dict[str, np.ndarray]:
    """Return each policy's per cent misclassified and air time by trace and nominal error, [T, errors, 2]."""
    found: dict[str, list[np.ndarray]] = {}
    for nominal in NOMINAL:
        for name, policy in policies(comparison, fits, condition, nominal).items():
            way = play(traces, policy)
            point = np.stack([100 * way.wrong.mean(axis=1), way.air_time.mean(axis=1)], axis=1)
            found.setdefault(name, []).append(point)
    return {name: np.stack(points, axis=1) for name, points in found.items()}


def _frontier(comparison: Comparison, edges: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    rows = []
    for number, nominal in enumerate(NOMINAL):
        for name, points in edges.items():
            error, air_time = points[:, number].mean(axis=0)
            speed = comparison.images_per_second(air_time)
            rows.append(
                {"policy": name, "nominal_pct": 100 * nominal, "error_pct": error, "images_per_s": speed}
            )
    return rows


def _at_target(comparison: Comparison, points: Optional[np.ndarray]) -> tuple[float, tuple[float, float]]:
    """Return the speed where a policy's error really is the target's, between two nominal ones; or NaN."""

    def log_speed(points: np.ndarray) -> float:
        errors, times = points.mean(axis=0).T
        order = np.argsort(errors, kind="stable")
        speeds = np.log(comparison.images_per_second(times))
        target = 100 * comparison.config.error
        return float(np.interp(target, errors[order], speeds[order], left=np.nan, right=np.nan))

    if points is None:
        return math.nan, UNKNOWN
    low, high = jackknife_interval(points, log_speed)
    return math.exp(log_speed(points)), (math.exp(low), math.exp(high))


def _traced(
    comparison: Comparison, condition: str, traces: Sequence[Outcomes], played: dict[str, Played]
) -> Iterable[dict[str, Any]]:
    """Yield a row for each image: what the channel was like, and what two policies did."""
    for number, (seed, outcomes) in enumerate(zip(comparison.config.seeds, traces, strict=True)):
        states = comparison.compute.trace(condition, seed).conditions()
        snr_db = np.median(np.nan_to_num(outcomes.snr_db, nan=-20.0), axis=1)
        for i in range(len(snr_db)):
            row = {
                "condition": condition,
                "seed": seed,
                "image": i,
                "state": STATES[states[i]],
                "snr_db": round(float(snr_db[i]), 2),
            }
            for name in TRACE_POLICIES:
                way = played[name]
                row[f"{name}: mode"] = outcomes.modes[way.chosen[number, i]].name
                row[f"{name}: wrong"] = int(way.wrong[number, i])
                row[f"{name}: predicted"] = round(float(way.error[number, i]), 4)
            yield row
