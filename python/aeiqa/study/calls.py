#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Parts that all calls share: their options, their data set, and the folder that a result holds."""

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

from ..errors import InputError
from ..experiments.results import load
from ..images import Dataset


def check_options(call: str, options: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise ``InputError`` for an option that is not known."""
    known = sorted(known)
    for name in options:
        if name not in known:
            raise InputError(f"{call}: {name} is not a setting; there are {', '.join(known)}")


def several(names: str | Sequence[str]) -> tuple[str, ...]:
    """Return one name or several as a tuple."""
    return (names,) if isinstance(names, str) else tuple(names)


def with_paths(
    options: Mapping[str, Any], dataset: str | os.PathLike[str] | Dataset
) -> tuple[dict[str, Any], Optional[Dataset]]:
    """Return options as config classes take them, with the data set's name; and the data set if it is one."""
    found = dict(options)
    if found.get("models") is not None:
        found["models"] = Path(found["models"])
    if isinstance(dataset, Dataset):
        return found | {"dataset": dataset.name}, dataset
    return found | {"dataset": os.fspath(dataset)}, None


class ResultsFolder:
    """A folder of results: the user's, or a temporary one that is deleted with this object."""

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        """``path``: the user's folder; None: a temporary one."""
        if path is not None:
            self.path = Path(path)
            return
        parent = tempfile.mkdtemp(prefix="aeiqa-")
        self.path = Path(parent) / "results"
        weakref.finalize(self, shutil.rmtree, parent, ignore_errors=True)


class Result:
    """A finished experiment.

    Attributes:
        folder: of its files.
    """

    def __init__(self, folder: ResultsFolder) -> None:
        self._kept = folder  # a temporary one goes with the last who holds it
        self.folder = folder.path
        self._loaded = load(self.folder)

    def report(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Write report.html and its figures into a folder, by default the results' own; return the page."""
        from ..report.page import write_report

        folder = self.folder if path is None else Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        return write_report(folder, self._loaded)[0]
