#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Results of `./aeiqa adapt`: every policy's error and speed, their intervals, and the traces."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

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

Comparison = Any  # comparison.Comparison, which imports this module

# Errors at which the policies that can be told one are tried, for the frontier.
NOMINAL = (0.02, 0.03, 0.04, 0.045, 0.05, 0.06, 0.08, 0.12)
_BLOCK = 200
_DRAWS = 2000


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
        edges = _frontier(comparison, condition, traces, fits)
        frontier += [{"condition": condition, **row} for row in edges]
        table += [{"condition": condition, **row} for row in _rows(comparison, played, edges)]
        traced += _traced(comparison, condition, traces, played)
    store.write_csv(TRACE_FILE, tuple(traced[0]), traced)
    store.write_csv(FRONTIER_FILE, FRONTIER_COLUMNS, frontier)
    # Last: where there is this, there is everything.
    store.write_csv(ADAPTATION_FILE, TABLE_COLUMNS, table)
    return table


def _rows(
    comparison: Comparison, played: dict[str, Played], edges: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    speed = comparison.images_per_second
    draws = _drawn_blocks(played[FITTED].wrong.shape)
    reference = speed(_block_means(played[FITTED].air_time, draws))
    rows = []
    for name, way in played.items():
        errors = 100 * _block_means(way.wrong, draws)
        speeds = speed(_block_means(way.air_time, draws))
        low, high = np.percentile(errors, (2.5, 97.5))
        slow, fast = np.percentile(speeds, (2.5, 97.5))
        less, more = np.percentile(speeds / reference, (2.5, 97.5))
        rows.append(
            {
                "policy": name,
                "error_pct": 100 * way.wrong.mean(),
                "error_low_pct": low,
                "error_high_pct": high,
                "predicted_error_pct": 100 * way.error.mean(),
                "images_per_s": speed(way.air_time.mean()),
                "images_per_s_low": slow,
                "images_per_s_high": fast,
                "images_per_s_at_target": _at_target(edges, name, 100 * comparison.config.error),
                "over_snr_table": played[FITTED].air_time.mean() / way.air_time.mean(),
                "over_snr_table_low": less,
                "over_snr_table_high": more,
            }
        )
    return rows


def _drawn_blocks(shape: tuple[int, int]) -> np.ndarray:
    """Draw blocks of images again and again (moving blocks have to outlast the fading; Künsch 1989)."""
    traces, images = shape
    blocks = traces * (images // _BLOCK)
    return np.random.default_rng(6).integers(0, blocks, (_DRAWS, blocks))


def _block_means(values: np.ndarray, draws: np.ndarray) -> np.ndarray:
    per_trace = values.shape[1] // _BLOCK
    blocks = values[:, : per_trace * _BLOCK].reshape(-1, _BLOCK).mean(axis=1)
    return blocks[draws].mean(axis=1)


def _frontier(
    comparison: Comparison,
    condition: str,
    traces: Sequence[Outcomes],
    fits: dict[str, TableFit],
) -> list[dict[str, Any]]:
    rows = []
    for nominal in NOMINAL:
        for name, policy in policies(comparison, fits, condition, nominal).items():
            way = play(traces, policy)
            speed = comparison.images_per_second(way.air_time.mean())
            error = 100 * way.wrong.mean()
            rows.append(
                {"policy": name, "nominal_pct": 100 * nominal, "error_pct": error, "images_per_s": speed}
            )
    return rows


def _at_target(edges: list[dict[str, Any]], name: str, error_pct: float) -> float:
    """Return the speed where the policy's error really is the target's, between two nominal ones; or NaN."""
    points = sorted((row["error_pct"], row["images_per_s"]) for row in edges if row["policy"] == name)
    if not points or not points[0][0] <= error_pct <= points[-1][0]:
        return float("nan")
    return float(np.interp(error_pct, *zip(*points, strict=True)))


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
