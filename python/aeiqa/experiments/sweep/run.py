#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A sweep from plan to table."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Optional

import numpy as np
from tqdm import tqdm

from ...errors import InputError
from ..layout import IMAGES_FILE, TABLE_FILE
from ..local import run_local, worker_count
from ..store import ResultStore
from .grid import Condition
from .per_image import write_images
from .plan import Plan
from .table import row, write_table
from .unit import Unit, Work

Engine = Callable[[Work, Sequence[Unit]], Iterator[tuple[Unit, np.ndarray]]]


def run_sweep(
    plan: Plan,
    folder: Optional[Path] = None,
    workers: Optional[int] = None,
    engine: Optional[Engine] = None,
) -> Path:
    """Do what is missing of a sweep, write its table, and return its folder.

    A line per finished condition goes to the standard output, a progress bar to the standard error.
    Interrupted at any point, the same call goes on from the units that are finished, and ends with the same
    bytes in table.csv and images.csv.gz; so does any number of ``workers`` (default: one per processor), or
    an ``engine`` other than this machine's processes.

    Raises ``InputError`` if ``folder`` holds another sweep, ``OSError`` if it cannot be written (both before
    anything is computed), and what the engine raises; what was finished by then is kept.
    """
    workers = worker_count(workers)
    engine = engine or (lambda work, units: run_local(work, units, workers))
    folder = folder or plan.default_folder
    with ResultStore(folder, plan.run_description()) as store:
        missing = [unit for unit in plan.units if store.read(unit) is None]
        if len(missing) < len(plan.units):
            print(f"{folder}: {len(plan.units) - len(missing)} of {len(plan.units)} units are there already")
        _compute(plan, store, missing, engine)
        _write_results(plan, store)
    return folder


def _compute(plan: Plan, store: ResultStore, missing: list[Unit], engine: Engine) -> None:
    left = dict.fromkeys(plan.conditions, 0)
    for unit in missing:
        left[unit.condition] += 1
    config = plan.config
    work = Work(plan.dataset, plan.links, config.target, config.score_name, config.models_folder)

    def say(unit: Unit) -> None:
        left[unit.condition] -= 1
        if left[unit.condition] == 0:
            tqdm.write(_progress_line(_row(plan, store, unit.condition)))
            sys.stdout.flush()

    store.keep(engine(work, missing), len(missing), len(plan.units), "unit", say)


def _write_results(plan: Plan, store: ResultStore) -> None:
    # images.csv.gz first: where there is a table, there is everything.
    with store.writing(IMAGES_FILE) as file:
        conditions = ((condition, _records(plan, store, condition)) for condition in plan.conditions)
        labelled, read = plan.dataset.labels is not None, plan.config.target is not None
        write_images(file, conditions, labelled, read, with_score=plan.score is not None)
    with store.writing(TABLE_FILE) as file:
        write_table(file, [_row(plan, store, condition) for condition in plan.conditions])


def _records(plan: Plan, store: ResultStore, condition: Condition) -> np.ndarray:
    units = [unit for unit in plan.units if unit.condition == condition]
    parts = [store.read(unit) for unit in units]
    for unit, part in zip(units, parts, strict=True):
        if part is None:
            raise InputError(f"{store.folder}: unit {unit.key} was damaged meanwhile: run the sweep again")
    return np.concatenate(parts)


def _row(plan: Plan, store: ResultStore, condition: Condition) -> dict:
    records = _records(plan, store, condition)
    eb_n0_db = plan.links[condition].eb_n0_db
    return row(condition, eb_n0_db, records, plan.config.target is not None, plan.pooled)


def _progress_line(values: dict) -> str:
    line = f"{values['channel']:<8} {values['modulation']:<7} {values['snr_db']:>5g} dB"
    line += f"   BER {values['ber']:<9.4g}"
    if values["classifier_error_pct"] is not None:
        line += f" error {values['classifier_error_pct']:5.2f} %"
    if values["iqa_error_pct"] is not None:
        line += f"   IQA {values['iqa_error_pct']:5.2f} %"
    return line
