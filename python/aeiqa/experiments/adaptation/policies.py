#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Ways to choose modes, replayed over what became of every image of a trace in every mode."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

import numpy as np

from ...adapt.adapter import AdapterSettings, LinkAdapter
from ...adapt.curves import ErrorCurves
from ...adapt.loop import AdaptationLoop
from ...adapt.modes import Mode

# What the receiver's SNR is taken to be where an image was lost.
_LOST_SNR_DB = -20.0
_SNR_GRID_DB = np.arange(-20.0, 45.0, 0.1)
_PRICES = np.geomspace(1e-1, 1e5, 601)  # OFDM symbols an error is worth


@dataclass(frozen=True)
class Outcomes:
    """Outcomes of N images in M modes.

    Attributes:
        modes: the modes.
        wrong: bool [N, M], misclassified or lost.
        error: float64 [N, M] in [0, 1], as the receiver's score predicts it; 1 where lost.
        snr_db: float64 [N, M], as the receiver measured it; NaN where lost.
    """

    modes: tuple[Mode, ...]
    wrong: np.ndarray
    error: np.ndarray
    snr_db: np.ndarray

    @property
    def air_times(self) -> np.ndarray:
        """Air time of an image in each mode, float64 [M]."""
        return np.array([mode.air_time for mode in self.modes])

    def of(self, modes: Sequence[Mode]) -> np.ndarray:
        """Return where these modes stand, int64."""
        names = [mode.name for mode in self.modes]
        return np.array([names.index(mode.name) for mode in modes])


def fixed(outcomes: Outcomes, name: str) -> np.ndarray:
    """Return the choice of one mode for all images, int64 [N]."""
    index = [mode.name for mode in outcomes.modes].index(name)
    return np.full(len(outcomes.wrong), index)


def adaptive(
    outcomes: Outcomes,
    curves: ErrorCurves,
    settings: AdapterSettings,
    delay: int,
    with_snr: bool = True,
    modes: Optional[Sequence[Mode]] = None,
) -> np.ndarray:
    """Return what a `LinkAdapter` chooses, int64 [N]; the report on an image comes ``delay`` images late."""
    loop = AdaptationLoop(LinkAdapter(modes or outcomes.modes, curves, settings))
    where = dict(zip(loop.adapter.modes, outcomes.of(loop.adapter.modes), strict=True))
    choices = np.empty(len(outcomes.wrong), np.int64)
    for i in range(len(choices)):
        heard = i - 1 - delay
        if heard >= 0:
            got = heard, choices[heard]
            loop.report(heard, float(outcomes.error[got]), outcomes.snr_db[got] if with_snr else None)
        choices[i] = where[loop.choose(i)]
    return choices


class SnrTable:
    """The fastest mode for each SNR that the receiver reports.

    ``modes``: int64 [K], which mode from ``snr_db[k]`` on; below the first the first's.
    """

    def __init__(self, snr_db: np.ndarray, modes: np.ndarray) -> None:
        self.snr_db, self.modes = snr_db, modes

    @classmethod
    def over_noise(cls, modes: Sequence[Mode], curves: ErrorCurves, target: float) -> "SnrTable":
        """Make the usual table: the fastest mode that over white noise stays within the target."""
        order = np.argsort([mode.air_time for mode in modes], kind="stable")
        errors = np.array([curves.error(mode.name, _SNR_GRID_DB) for mode in modes])
        robust = int(np.argmin([curves.mean(mode.name) for mode in modes]))
        chosen = np.full(len(_SNR_GRID_DB), robust)
        for m in order[::-1]:
            chosen[errors[m] <= target] = m
        return cls(_SNR_GRID_DB, chosen)

    def look_up(self, snr_db: np.ndarray) -> np.ndarray:
        """Return the mode's number for each SNR, int64."""
        at = np.searchsorted(self.snr_db, snr_db, side="right") - 1
        return self.modes[np.maximum(at, 0)]

    def choose(self, outcomes: Outcomes, delay: int) -> np.ndarray:
        """Return its choices, int64 [N]; until the first report the most robust mode."""
        choices = np.empty(len(outcomes.wrong), np.int64)
        for i in range(len(choices)):
            heard = i - 1 - delay
            snr_db = outcomes.snr_db[heard, choices[heard]] if heard >= 0 else np.nan
            choices[i] = self.look_up(np.nan_to_num(snr_db, nan=_LOST_SNR_DB))
        return choices


class TableFit:
    """Makes the SNR table of least air time over some traces, for any error.

    Each mode's error against the SNR last reported is fitted by isotonic regression; at a price lambda of
    errors the best mode at an SNR is that of least air time + lambda error.
    """

    def __init__(self, traces: Sequence[Outcomes], delay: int) -> None:
        from ...iqa.scores.calibrators import isotonic

        self._seen = np.concatenate([_reported_snr(trace, delay) for trace in traces])
        self._wrong = np.concatenate([trace.wrong for trace in traces])
        falling = np.argsort(-self._seen, kind="stable")
        fits = (isotonic(column[falling]) for column in self._wrong.T.astype(np.float64))
        self._errors = np.array([np.interp(-_SNR_GRID_DB, -self._seen[falling], fit) for fit in fits])
        self._times = traces[0].air_times[:, None]

    def table(self, target: float) -> SnrTable:
        """Return the table of the least lambda whose error over the traces is within the target."""
        rows = np.arange(len(self._seen))
        for price in _PRICES:
            table = SnrTable(_SNR_GRID_DB, np.argmin(self._times + price * self._errors, axis=0))
            if self._wrong[rows, table.look_up(self._seen)].mean() <= target:
                break
        return table


def _reported_snr(outcomes: Outcomes, delay: int) -> np.ndarray:
    """Return the SNR known when each image is sent, float64 [N], of some mode: they differ little."""
    measured = np.nan_to_num(outcomes.snr_db, nan=_LOST_SNR_DB)
    middle = np.median(measured, axis=1)
    return np.concatenate([np.full(1 + delay, _LOST_SNR_DB), middle[: len(middle) - 1 - delay]])


def genie(outcomes: Outcomes, target: float) -> np.ndarray:
    """Return the choices of least air time within the target by one who knows every outcome, int64 [N].

    Each image goes in the fastest mode in which it is classified correctly. The errors that the target allows
    are spent where the fastest mode of all saves most.
    """
    times = outcomes.air_times
    fastest = int(times.argmin())
    cost = np.where(outcomes.wrong, np.inf, times)
    choices = np.where(np.isinf(cost.min(axis=1)), fastest, cost.argmin(axis=1))
    hopeless = outcomes.wrong.all(axis=1)
    allowed = int(target * len(choices)) - int(hopeless.sum())
    if allowed > 0:
        saving = times[choices] - times[fastest]
        spend = np.argsort(-saving, kind="stable")[:allowed]
        choices[spend] = fastest
    return choices
