#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""An experiment and how it runs: its units are computed once each, kept for good, and made into tables."""

import sys
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar, Optional, Protocol

from tqdm import tqdm

from .local import run_local, worker_count
from .store import Store


class Unit(Protocol):
    """A part of an experiment that is computed at a time; ``key`` is its name, and that of its file."""

    @property
    def key(self) -> str:
        """Unique in the experiment."""


Compute = Callable[[Any], Any]
Engine = Callable[[Compute, Sequence[Any]], Iterator[tuple[Any, Any]]]
"""An engine is a function ``engine(compute, units)`` that yields ``(unit, compute(unit))`` in any order; it
keeps nothing, so it may put its workers anywhere."""


class Experiment(ABC):
    """A checked experiment: everything it needs is there, nothing is computed yet.

    Attributes:
        kind: how errors call it.
        noun: how progress calls a unit.
        units: all there is to compute.
        compute: returns a unit's result, as ``Store.write`` takes it; goes to every worker process.
        default_folder: where results go unless told otherwise.
    """

    kind: ClassVar[str]
    noun: ClassVar[str] = "unit"
    units: Sequence[Unit]
    compute: Compute
    default_folder: Path

    @abstractmethod
    def description(self) -> dict[str, Any]:
        """Return the content of run.json; ``configuration`` in it decides whether two runs are the same."""

    @abstractmethod
    def write_tables(self, store: Store) -> None:
        """Make the tables of all units' results; last the one that stands for all being there."""

    def table_bytes(self, unit: Any, result: Any) -> int:
        """Return how many bytes a unit's result adds to the tables, if they are worth counting."""
        return 0

    def further_units(self, store: Store) -> Sequence[Unit]:
        """Return what has to be computed besides ``units``, once these and all returned before are there."""
        return ()

    def row_of(self, unit: Any) -> Hashable:
        """Return the table's row that a unit counts for."""
        return unit

    def row_text(self, row: Any, store: Store) -> str:
        """Return the line to print when all units of a row are there; nothing: none."""
        return ""


def run(
    experiment: Experiment,
    folder: Optional[Path] = None,
    workers: Optional[int] = None,
    engine: Optional[Engine] = None,
) -> Path:
    """Do what is missing of an experiment, write its tables, and return its folder.

    Progress goes to the standard output in lines and to a terminal's standard error as a bar. Interrupted at
    any point, the same call goes on from the units that are finished and ends with the same bytes in the
    tables; so does any number of ``workers`` (default: one per processor), or an ``engine`` other than this
    machine's processes.

    Raises ``InputError`` if ``folder`` holds something else or is in use, ``OSError`` if it cannot be written
    (both before anything is computed), and what the engine raises; what was finished by then is kept.
    """
    workers = worker_count(workers)
    engine = engine or (lambda compute, units: run_local(compute, units, workers))
    folder, units = folder or experiment.default_folder, experiment.units
    with Store(folder, experiment.description(), experiment.kind) as store:
        missing = [unit for unit in units if store.read(unit.key) is None]
        there = len(units) - len(missing)
        if there:
            print(f"{folder}: {there} of {len(units)} {experiment.noun}s are there already")
        quiet = sys.stderr is None or not sys.stderr.isatty()
        with tqdm(total=len(units), initial=there, unit=experiment.noun, disable=quiet or not missing) as bar:
            _compute(experiment, missing, store, engine, bar)
            while units := experiment.further_units(store):
                missing = [unit for unit in units if store.read(unit.key) is None]
                bar.total += len(missing)
                _compute(experiment, missing, store, engine, bar)
        experiment.write_tables(store)
    return folder


def _compute(experiment: Experiment, units: Sequence[Any], store: Store, engine: Engine, bar: tqdm) -> None:
    """Compute units and keep their results; tell of the rows that are finished."""
    left = Counter(map(experiment.row_of, units))
    with closing(engine(experiment.compute, units)) as results:
        for unit, result in results:
            store.write(unit.key, result)
            bar.update()
            row = experiment.row_of(unit)
            left[row] -= 1
            if not left[row] and (text := experiment.row_text(row, store)):
                with tqdm.external_write_mode():
                    print(text, flush=True)
