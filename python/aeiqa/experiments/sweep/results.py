#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The results a report is made of: a sweep's folder, and the paper's table."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import InputError
from ...files import data_dir
from ..layout import ADAPTATION_FILE, EVALUATION_FILE, RUN_FILE, TABLE_FILE, UNITS_FOLDER
from .table import Value, read_table

Row = Mapping[str, Value]


@dataclass(frozen=True)
class Results:
    """A finished sweep: its folder, what run.json says of it, and the rows of its table."""

    folder: Path
    run: dict
    rows: list[Row]

    @property
    def configuration(self) -> dict:
        """What was swept."""
        return self.run["configuration"]

    @property
    def models(self) -> dict:
        """Which models read the images, as ``iqa.load_target`` and ``iqa.load_score`` take it."""
        source = self.run.get("dataset_source", self.configuration["dataset"])
        return {"path": self.run.get("models_source"), "dataset": source}

    @property
    def is_table2(self) -> bool:
        """Whether the rows can stand beside the paper's: its link and its images."""
        return self.configuration["preset"] == "table2" and self.configuration["dataset"] == "mnist"


def holds_no_sweep(folder: Path) -> bool:
    """Whether ``folder`` holds an evaluation of scores or a comparison of link adaptation, but no sweep."""
    others = any((folder / name).exists() for name in (EVALUATION_FILE, ADAPTATION_FILE))
    return others and not (folder / TABLE_FILE).exists()


def load_results(folder: Path) -> Results:
    """Read the folder of a sweep. Raises ``InputError`` if it holds none, an unfinished or a damaged one."""
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder: give the folder of a sweep")
    try:
        run = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
        expected = len(run["configuration"]["snr_db"]) * len(run["configuration"]["channels"])
        expected *= len(run["configuration"]["modulations"])
        for name in ("preset", "dataset", "link", "images"):
            run["configuration"][name]
        units = run["units"]
    except FileNotFoundError:
        raise InputError(f"{folder} holds no sweep: it has no {RUN_FILE}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder / RUN_FILE} is damaged ({type(error).__name__}: {error})") from None
    table = folder / TABLE_FILE
    try:
        rows = read_table(table)
    except FileNotFoundError:
        done = len(list((folder / UNITS_FOLDER).glob("*.npz")))
        raise InputError(
            f"{folder} is incomplete, {done} of {units} units are done: run the same sweep again to finish it"
        ) from None
    except ValueError as error:
        raise InputError(f"{table} is damaged ({error}): run the same sweep again to write it anew") from None
    if len(rows) != expected:
        raise InputError(
            f"{table} is damaged ({len(rows)} rows for {expected} conditions): run the same sweep again"
        )
    return Results(folder, run, rows)


def load_paper() -> dict[tuple, Row]:
    """Return the rows of the paper's Table II by (channel, modulation, SNR in dB)."""
    path = data_dir() / "paper" / "table2.csv"
    try:
        return {condition(row): row for row in read_table(path)}
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error})") from None


def condition(row: Row) -> tuple:
    """The row's link, as a key."""
    return row["channel"], row["modulation"], row["snr_db"]
