#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Measure what an experiment costs the process that hands out its units: processor time and memory for each.

``./aeiqa python docs/measure_scale.py --units 100000 --workers 2`` with this machine's processes,
``--scheduler ADDRESS`` with a Dask cluster. The units compute nothing, so all that is measured is the cost of
handing out, keeping and finding them; docs/scale.md has the figures.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from gnuradio.aeiqa.experiments.experiment import Experiment, run
from gnuradio.aeiqa.experiments.store import Store


class Unit(NamedTuple):
    """A number."""

    number: int

    @property
    def key(self) -> str:
        """The number."""
        return f"{self.number:09d}"


class Nothing(Experiment):
    """An experiment whose units are done as soon as they are begun, and have no table."""

    kind = "measurement"

    def __init__(self, count: int) -> None:
        self.units = [Unit(number) for number in range(count)]
        self.compute = abs_of  # a function that every worker can import

    def description(self) -> dict[str, Any]:
        """Return what tells one size from another."""
        return {"configuration": {"units": len(self.units)}}

    def row_of(self, unit: Unit) -> int:
        """Return the row of a unit: thousands share one."""
        return unit.number // 1000

    def write_tables(self, store: Store) -> None:
        """There are none."""


def abs_of(unit: Unit) -> int:
    """Return a unit's result."""
    return unit.number


def memory_bytes() -> int:
    """Return the memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Measure and print a line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--scheduler")
    args = parser.parse_args()
    engine = None
    if args.scheduler:
        from gnuradio.aeiqa.experiments.cluster import DaskEngine

        engine = DaskEngine.at(args.scheduler)
    with tempfile.TemporaryDirectory(prefix="aeiqa-scale-") as place:
        warm, large = Nothing(min(1000, args.units)), Nothing(args.units)
        run(warm, Path(place) / "warm", args.workers, engine)
        memory, busy, began = memory_bytes(), time.process_time(), time.monotonic()
        folder = run(large, Path(place) / "large", args.workers, engine)
        busy, grown = time.process_time() - busy, memory_bytes() - memory
        took = time.monotonic() - began
        begin = time.process_time()
        run(large, folder, args.workers, engine)
        found = time.process_time() - begin
        size = sum(path.stat().st_size for path in (folder / "units").iterdir()) / args.units
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    per = 1 / args.units
    print(
        f"{args.units} units: {1e3 * busy * per:.3f} ms of processor time, {grown * per:.0f} bytes of growth "
        f"a unit, {1e3 * took * per:.3f} ms elapsed, {1e3 * found * per:.3f} ms to find one, {size:.0f} "
        f"bytes of disk, peak {peak:.0f} MB"
    )


if __name__ == "__main__":
    # Workers import what computes: not from the main file.
    sys.path.insert(0, str(Path(__file__).parent))
    import measure_scale

    measure_scale.main()
