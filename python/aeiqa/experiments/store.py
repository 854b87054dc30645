#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The result store: a folder in which long work leaves what it has finished, and finds it again."""

import csv
import fcntl
import io
import json
import os
import sys
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Optional

import numpy as np
from tqdm import tqdm

from ..errors import InputError
from ..files import SUFFIX, atomic_write, write_arrays
from .layout import RUN_FILE, UNITS_FOLDER
from .sweep.unit import RECORD, Unit


class FolderStore:
    """The folder of one piece of work, held by one process at a time; ``what`` is what errors call it."""

    what = "sweep"

    def __init__(self, folder: Path, run: dict):
        """Open ``folder`` for the work described by ``run``, or make it.

        ``run["configuration"]`` has to be that of the folder; the rest of ``run`` is for the reader and stays
        as it was when the folder was made.

        Raises ``InputError`` if the folder holds something else or is in use; ``OSError`` if it cannot be
        written. Neither changes anything in it.
        """
        self.folder = folder
        # Whatever a JSON file cannot tell apart (tuples and lists) must not tell two configurations apart.
        run = json.loads(json.dumps(run))
        held = _read_run(folder, self.what)
        if held is None and folder.is_dir() and any(folder.iterdir()):
            raise InputError(
                f"{folder} is not empty and holds no {self.what}: choose another folder with --out"
            )
        if held is not None:
            _check_same(folder, self.what, held["configuration"], run["configuration"])
        self.units = folder / UNITS_FOLDER
        self.units.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(folder, self.what)
        try:
            self._prepare(held or run)
        except BaseException:
            self.close()
            raise

    def _prepare(self, run: dict) -> None:
        for leftover in [*self.folder.glob(f"*{SUFFIX}"), *self.units.glob(f"*{SUFFIX}")]:
            leftover.unlink()
        # In a folder found it is written again as it was: that this is no longer possible shows now, not
        # after an hour.
        with self.writing(RUN_FILE) as file:
            file.write(json.dumps(run, indent=2).encode() + b"\n")

    def close(self) -> None:
        """Let other processes open the folder."""
        os.close(self._lock)

    def __enter__(self) -> "FolderStore":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def write(self, unit: Any, result: Any) -> None:
        """Keep what was found for a unit."""
        raise NotImplementedError

    def keep(
        self,
        results: Generator[tuple[Any, Any], None, None],
        missing: int,
        total: int,
        noun: str,
        after: Callable[[Any], None] = lambda unit: None,
    ) -> None:
        """Keep results as they come, in front of a terminal behind a progress bar.

        Args:
            results: (unit, result), as of ``run_local``; closed at the end, whatever ends it.
            missing: how many of them come.
            total: how many there are then, with those that were there already.
            noun: what the bar calls a unit.
            after: told each unit once it is kept.
        """
        quiet = not missing or not sys.stderr.isatty()
        with tqdm(total=total, initial=total - missing, unit=noun, disable=quiet) as bar, closing(results):
            for unit, result in results:
                self.write(unit, result)
                bar.update()
                after(unit)

    def writing(self, name: str):
        """Open the file ``name`` of the folder for writing, to appear there only when complete."""
        return atomic_write(self.folder / name)

    def write_csv(self, name: str, columns: Sequence[str], rows: Iterable[dict]) -> None:
        """Write a table of the folder: floats to six digits, nan as an empty cell."""
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({key: _cell(value) for key, value in row.items()})
        with self.writing(name) as file:
            file.write(text.getvalue().encode())

    def write_records(self, key: str, records: np.ndarray) -> None:
        """Keep the records of a finished unit."""
        write_arrays(self._path(key), {"records": records})

    def read_records(self, key: str, dtype: np.dtype, count: int) -> Optional[np.ndarray]:
        """Return a unit's records, or None if they are missing or damaged and have to be made again."""
        try:
            # The zip's CRC finds what a bad disk or a half copied folder did to the file.
            with open(self._path(key), "rb") as file, np.load(file, allow_pickle=False) as archive:
                records = archive["records"]
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error):
            return None
        return records if records.dtype == dtype and records.shape == (count,) else None

    def _path(self, key: str) -> Path:
        return self.units / f"{key}.npz"


class ResultStore(FolderStore):
    """The folder of one sweep: an .npz file for each unit that is done."""

    def write(self, unit: Unit, records: np.ndarray) -> None:
        """Keep the records of a finished unit."""
        self.write_records(unit.key, records)

    def read(self, unit: Unit) -> Optional[np.ndarray]:
        """Return the records of a unit, or None if it is missing or damaged and has to be done again."""
        return self.read_records(unit.key, RECORD, unit.stop - unit.start)


def _cell(value: object) -> object:
    """A float to six digits, and nothing for nan: it says that there is no such number."""
    if isinstance(value, float):
        return "" if value != value else f"{value:.6g}"
    return value


def _read_run(folder: Path, what: str) -> Optional[dict]:
    path = folder / RUN_FILE
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"{path} is damaged ({error}): choose another folder with --out") from None
    if not isinstance(run, dict) or not isinstance(run.get("configuration"), dict):
        raise InputError(f"{path} is not the description of a {what}: choose another folder with --out")
    return run


def _check_same(folder: Path, what: str, held: dict, asked: dict) -> None:
    held_fields, asked_fields = dict(_fields(held)), dict(_fields(asked))
    for name in dict.fromkeys([*asked_fields, *held_fields]):
        old, new = held_fields.get(name), asked_fields.get(name)
        if old != new:
            raise InputError(
                f"{folder} holds another {what}: its {name} is {_show(old)}, asked is {_show(new)}; "
                "choose another folder with --out"
            )


def _fields(configuration: dict, prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in configuration.items():
        if isinstance(value, dict):
            yield from _fields(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _show(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return "not set" if value is None else str(value)


def _lock(folder: Path, what: str) -> int:
    """Hold the folder until the handle is closed or the process ends, however it ends."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise InputError(f"{folder} is in use by another {what}: wait, or choose another --out") from None
    return handle
