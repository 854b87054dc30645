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
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional, TypeGuard

from ..errors import InputError
from ..experiments.experiment import Engine
from ..experiments.local import run_here
from ..experiments.results import load
from ..images import Dataset
from ..iqa import UserClassifier


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


def is_named(target: Any) -> TypeGuard[str | os.PathLike[str] | None]:
    """Return whether a target is given by name: its file, ``module:callable``, or one of the project's."""
    return target is None or isinstance(target, (str, os.PathLike))


def classifier_of(target: Any, prepare: Optional[Callable], class_names: Sequence[str]) -> UserClassifier:
    """Return a live torch module, with what makes its input of a picture, as a classifier."""
    if isinstance(target, UserClassifier):
        if prepare is not None:
            raise InputError(f"prepare: {target.name} has its own")
        return target
    return UserClassifier.from_module(target, prepare, class_names, type(target).__name__)


def engine_for(targets: Iterable[Any], workers: Optional[int]) -> Optional[Engine]:
    """Return this process as the engine if a target is a live classifier, which cannot go to others.

    None: any engine will do. Raises ``InputError`` for more ``workers`` than one beside a live classifier.
    """
    if all(map(is_named, targets)):
        return None
    if workers not in (None, 1):
        raise InputError(
            f"workers: a live module stays in this process, got {workers}; one that a MODULE:CALLABLE "
            "returns goes to several"
        )
    return run_here


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
