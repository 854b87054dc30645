#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The forecast of an experiment: how much there is to compute, how long it takes, how much disk it needs."""

import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from .experiment import Engine, Experiment
from .local import run_local, worker_count
from .store import Units, check_folder

PROBE_UNITS = 5
PROBE_S = 10.0  # no further unit is measured after that


@dataclass(frozen=True)
class Forecast:
    """What an experiment would do.

    Attributes:
        folder: where its results would go.
        noun: how a unit is called.
        units, there: all of them, and those that are finished already.
        workers: processes that would compute.
        probed: units that were measured.
        start_s, unit_s: seconds until a process has started and has computed its first unit; seconds a unit
            from then on. nan if nothing was measured.
        unit_bytes: disk for a unit's result and its part of the tables.
        free_bytes: free on the disk of ``folder``.
    """

    folder: Path
    noun: str
    units: int
    there: int
    workers: int
    probed: int
    start_s: float
    unit_s: float
    unit_bytes: float
    free_bytes: int

    @property
    def missing(self) -> int:
        """How many units there are to compute."""
        return self.units - self.there

    @property
    def seconds(self) -> float:
        """The time that it takes."""
        rounds = -(-self.missing // self.workers)
        return self.start_s + max(rounds - 1, 0) * self.unit_s

    @property
    def disk_bytes(self) -> float:
        """The disk that it needs."""
        return self.missing * self.unit_bytes

    def text(self) -> str:
        """Return the forecast in lines."""
        lines = [f"{self.folder}: {self.missing} of {self.units} {self.noun}s to compute"]
        if self.missing:
            lines += [
                f"time: about {_duration(self.seconds)} on {self.workers} worker{'s' * (self.workers != 1)} "
                f"({self.unit_s:.3g} s a {self.noun}, measured on {self.probed} here, one process)",
                f"disk: about {_size(self.disk_bytes)}, figures and pages aside; "
                f"{_size(self.free_bytes)} are free",
            ]
            if self.disk_bytes > self.free_bytes:
                lines.append("the disk is too small: choose another folder with --out")
        return "\n".join(lines)


def forecast(
    experiment: Experiment,
    folder: Optional[Path] = None,
    workers: Optional[int] = None,
    engine: Optional[Engine] = None,
) -> Forecast:
    """Return what ``run`` with these arguments would do, from some units that are computed and not kept.

    The units measured are spread over those that are missing; a process of its own computes them, as in a
    run. ``engine`` is asked how many threads its cluster has; nothing is sent there.

    Raises ``InputError`` if ``folder`` holds something else, and what a unit raises.
    """
    folder = folder or experiment.default_folder
    run = experiment.description()
    check_folder(folder, run, experiment.kind)
    kept = Units(folder, run["configuration"], experiment.kind)
    missing = [unit for unit in experiment.units if kept.read(unit.key) is None]
    count = worker_count(workers) if engine is None else engine.threads()
    start_s, unit_s, unit_bytes, probed = _probe(experiment, _spread(missing))
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    return Forecast(
        folder,
        experiment.noun,
        len(experiment.units),
        len(experiment.units) - len(missing),
        count,
        probed,
        start_s,
        unit_s,
        unit_bytes,
        shutil.disk_usage(there).free,
    )


def _spread(units: Sequence[Any]) -> list[Any]:
    count = min(PROBE_UNITS, len(units))
    return [units[k * (len(units) - 1) // max(count - 1, 1)] for k in range(count)]


def _probe(experiment: Experiment, units: Sequence[Any]) -> tuple[float, float, float, int]:
    """Return the seconds of the first unit and of each after it, bytes of a unit, how many were measured."""
    nan = float("nan")
    times, sizes = [time.monotonic()], []
    with (
        tempfile.TemporaryDirectory(prefix="aeiqa-probe-") as place,
        closing(run_local(experiment.compute, units, 1)) as results,
    ):
        kept = Units(Path(place), {})
        for unit, result in results:
            times.append(time.monotonic())
            kept.write(unit.key, result)
            sizes.append(kept.path(unit.key).stat().st_size + experiment.table_bytes(unit, result))
            if times[-1] - times[0] > PROBE_S:
                break
    if not sizes:
        return nan, nan, 0.0, 0
    first = times[1] - times[0]
    rest = (times[-1] - times[1]) / (len(sizes) - 1) if len(sizes) > 1 else first
    return first, rest, sum(sizes) / len(sizes), len(sizes)


def _duration(seconds: float) -> str:
    for size, name in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds:.0f} s"


def _size(count: float) -> str:
    for size, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if count >= size:
            return f"{count / size:.1f} {name}"
    return f"{count / 1e3:.0f} kB"
