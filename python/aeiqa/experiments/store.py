#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The store of an experiment: a folder in which it leaves what is finished, and finds it again."""

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Optional

import numpy as np

from ..errors import InputError
from ..files import SUFFIX, atomic_write, hold_folder, read_arrays, read_json, write_arrays
from .csv_tables import write_rows

RUN_FILE = "run.json"  # the configuration the folder is for, versions, digests
UNITS_FOLDER = "units"  # one file per unit, whole or not there
_UNWRITTEN = f"{RUN_FILE}.*{SUFFIX}"  # all that a run killed at once leaves

# Of a unit's file; raised when files of before must not be read any more.
UNIT_FORMAT = 1
_ARRAY = "\0array"


def versions() -> dict[str, str]:
    """Return what computes: Python and the libraries that decide results."""
    libraries = ("numpy", "scipy", "scikit-image", "Pillow", "torch", "onnxruntime")
    return {"python": platform.python_version(), **installed(libraries)}


def installed(packages: Iterable[str]) -> dict[str, str]:
    """Return the version of each Python package, or that it is not installed."""
    found = {}
    for name in packages:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


class Units:
    """The results of an experiment's units, each in an .npz file that says what it is.

    A result is what JSON can hold, nan and infinity too, with numpy arrays anywhere in it. Its file has the
    format, the unit's key, the digest of the experiment's configuration and the digest of the result itself
    in it, so that a file of another unit or experiment, a damaged or an edited one is never mistaken for it.
    """

    def __init__(self, folder: Path, configuration: dict[str, Any], kind: str = "experiment") -> None:
        """``folder``: of the experiment; ``configuration``: that of its run.json; errors call it ``kind``."""
        self.folder, self._kind = folder / UNITS_FOLDER, kind
        self._experiment = _digest(json.dumps(configuration, sort_keys=True).encode())

    def write(self, key: str, result: Any) -> None:
        """Keep a result."""
        arrays: list[np.ndarray] = []

        def put_aside(value: Any) -> dict[str, int]:
            if isinstance(value, np.generic):
                return value.item()
            if not isinstance(value, np.ndarray):
                raise TypeError(f"a result cannot hold a {type(value).__name__}")
            arrays.append(value)
            return {_ARRAY: len(arrays) - 1}

        text = json.dumps(result, default=put_aside)
        stamp = json.dumps(self._stamp(key, text, arrays))
        named = {f"array{number}": array for number, array in enumerate(arrays)}
        write_arrays(self.path(key), {"stamp": _as_bytes(stamp), "result": _as_bytes(text), **named})

    def __getitem__(self, unit: Any) -> Any:
        """Return the result of a finished unit; ``InputError`` if it is not there (any more)."""
        result = self.read(unit.key)
        if result is None:
            message = f"is missing or was damaged meanwhile: run the same {self._kind} again"
            raise InputError(f"{self.path(unit.key)} {message}")
        return result

    def read(self, key: str) -> Any:
        """Return a result; None if it is missing, damaged or another's."""
        try:
            found = read_arrays(self.path(key))
            text = found["result"].tobytes().decode()
            arrays = [found[f"array{number}"] for number in range(len(found) - 2)]
            if json.loads(found["stamp"].tobytes()) != self._stamp(key, text, arrays):
                return None
            return json.loads(text, object_hook=lambda d: arrays[d[_ARRAY]] if _ARRAY in d else d)
        except Exception:  # whatever a file that is damaged, or nobody's, makes readers raise
            return None

    def path(self, key: str) -> Path:
        """Return the file of a unit."""
        return self.folder / f"{key}.npz"

    def _stamp(self, key: str, text: str, arrays: Sequence[np.ndarray]) -> dict[str, Any]:
        parts = [key.encode(), self._experiment.encode(), text.encode()]
        for array in arrays:
            parts += [repr((array.dtype.descr, array.shape)).encode(), array.tobytes()]
        digest = _digest(*parts)
        return {"format": UNIT_FORMAT, "key": key, "experiment": self._experiment, "sha256": digest}


class Store(Units):
    """The folder of an experiment, held by one process at a time."""

    def __init__(self, folder: Path, run: dict[str, Any], kind: str = "experiment") -> None:
        """Open ``folder`` for the experiment described by ``run``, or make it; errors call it ``kind``.

        ``run["configuration"]`` has to be that of the folder; the rest of ``run`` is for the reader and stays
        as it was when the folder was made.

        Raises ``InputError`` if the folder holds something else or is in use; ``OSError`` if it cannot be
        written. Neither changes anything in it.
        """
        run = _as_written(run)
        held = check_folder(folder, run, kind)
        super().__init__(folder, run["configuration"], kind)
        self.root = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = hold_folder(folder, kind)
        try:
            self._prepare(held or run)
        except BaseException:
            self.close()
            raise

    def _prepare(self, run: dict[str, Any]) -> None:
        for leftover in self.folder.glob(f"*{SUFFIX}"):
            leftover.unlink()
        # In a folder found it is written again as it was: that this is no longer possible shows now, not
        # after an hour.
        with self.writing(RUN_FILE) as file:
            file.write(json.dumps(run, indent=2).encode() + b"\n")
        self.folder.mkdir(exist_ok=True)

    def close(self) -> None:
        """Let other processes open the folder."""
        os.close(self._lock)

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def writing(self, name: str):
        """Open the file ``name`` of the folder for writing, to appear there only when complete."""
        return atomic_write(self.root / name)

    def write_csv(self, name: str, columns: Sequence[str], rows: Iterable[dict], digits: int = 6) -> None:
        """Write a table of the folder; floats to that many digits."""
        with self.writing(name) as file:
            write_rows(file, columns, rows, digits)


def check_folder(folder: Path, run: dict[str, Any], kind: str) -> Optional[dict[str, Any]]:
    """Return the run.json of a folder that is this experiment's; None: there is none yet.

    Raises ``InputError`` if the folder holds something else; changes nothing.
    """
    held = _read_run(folder, kind)
    if held is None and folder.is_dir() and set(folder.iterdir()) - set(folder.glob(_UNWRITTEN)):
        raise InputError(f"{folder} is not empty and holds no {kind}: choose another folder with --out")
    if held is not None:
        _check_same(folder, kind, held["configuration"], _as_written(run)["configuration"])
    return held


def load_run(folder: Path) -> dict[str, Any]:
    """Return run.json of a folder that may be anybody's; ``FileNotFoundError`` and ``InputError`` name it."""
    run = read_json(folder / RUN_FILE)
    for name, kind in {"configuration": dict, "versions": dict, "snr_definition": str}.items():
        if not isinstance(run.get(name, kind()), kind):
            raise InputError(f"{folder / RUN_FILE} is damaged ({name} is no {kind.__name__})")
    return run


def _as_written(run: dict[str, Any]) -> dict[str, Any]:
    """Return a description as its file gives it back.

    Whatever a JSON file cannot tell apart (tuples and lists) must not tell two configurations apart, and
    names of files that are no UTF-8 cannot be written.
    """
    return json.loads(json.dumps(run, ensure_ascii=False).encode(errors="replace"))


def _as_bytes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), np.uint8)


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def _read_run(folder: Path, kind: str) -> Optional[dict[str, Any]]:
    path = folder / RUN_FILE
    try:
        run = read_json(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except InputError as error:
        raise InputError(f"{error}: choose another folder with --out") from None
    if not isinstance(run.get("configuration"), dict):
        raise InputError(f"{path} is not the description of a {kind}: choose another folder with --out")
    return run


def _check_same(folder: Path, kind: str, held: dict, asked: dict) -> None:
    held_fields, asked_fields = dict(_fields(held)), dict(_fields(asked))
    for name in dict.fromkeys([*asked_fields, *held_fields]):
        old, new = held_fields.get(name), asked_fields.get(name)
        if old != new:
            raise InputError(
                f"{folder} holds another {kind}: its {name} is {_show(old)}, asked is {_show(new)}; "
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
