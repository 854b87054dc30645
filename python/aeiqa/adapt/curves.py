#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Error curves: a classifier's error rate in each mode against Es/N0, and their files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import numpy as np

from ..errors import InputError
from ..files import atomic_write, data_dir, read_json


@dataclass(frozen=True)
class ErrorCurves:
    """P(misclassified) over white Gaussian noise, a falling curve for each mode.

    Attributes:
        snr_db: float64 [K], rising: Es/N0 of a carrier.
        curves: float64 [K] in [0, 1] for each mode's name.
        made: how they were measured.

    Raises:
        InputError: invalid shapes or values.
    """

    snr_db: np.ndarray
    curves: Mapping[str, np.ndarray]
    made: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Check shapes and values."""
        snr_db = np.asarray(self.snr_db, np.float64)
        if snr_db.ndim != 1 or len(snr_db) < 2 or not (np.diff(snr_db) > 0).all():
            raise InputError(f"snr_db: must be rising numbers, two or more, got {self.snr_db!r}")
        curves = {name: np.asarray(curve, np.float64) for name, curve in self.curves.items()}
        for name, curve in curves.items():
            falling = curve.shape == snr_db.shape and (np.diff(curve) <= 1e-12).all()
            if not falling or not (curve[-1] >= 0 and curve[0] <= 1):
                raise InputError(f"curve {name}: must be {len(snr_db)} numbers that fall, within 0 and 1")
        object.__setattr__(self, "snr_db", snr_db)
        object.__setattr__(self, "curves", curves)

    def error(self, mode: str, snr_db: np.ndarray) -> np.ndarray:
        """Return P(misclassified) of a mode at these Es/N0; beyond the measured range that of its end."""
        return np.interp(snr_db, self.snr_db, self._curve(mode))

    def mean(self, mode: str) -> float:
        """Return the mean over the measured Es/N0: the lower, the more robust the mode."""
        return float(self._curve(mode).mean())

    def _curve(self, mode: str) -> np.ndarray:
        if mode not in self.curves:
            raise InputError(f"mode {mode}: no error curve; there are {', '.join(self.curves)}")
        return self.curves[mode]


def curves_path(target: str, folder: Optional[Path] = None) -> Path:
    """Return where a target's curves are in a folder, or in that of the project's models."""
    return (folder or data_dir() / "models") / f"adapt-{target}.json"


def load_curves(target: str, path: Optional[Path] = None) -> ErrorCurves:
    """Read the curves of a target, from a file of the user's or the one that comes with the project.

    Raises:
        InputError: no such file, the file is damaged, or no file is named and the project has no such target.
    """
    if path is None:
        from ..iqa.classifiers.targets import check_target

        check_target(target)
        path = curves_path(target)
    try:
        content = read_json(path)
    except FileNotFoundError as error:
        hint = f"./aeiqa adapt --calibrate DIR --target {target} makes DIR/{curves_path(target).name}"
        raise InputError(f"{path}: no such file of error curves; {hint}") from error
    try:
        return ErrorCurves(content["snr_db"], content["curves"], content["made"])
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{path}: holds no error curves") from error


def save_curves(path: Path, curves: ErrorCurves) -> None:
    """Write the curves to a file, which ``load_curves`` reads."""
    rounded = {name: [round(float(v), 5) for v in curve] for name, curve in curves.curves.items()}
    content = {"made": curves.made, "snr_db": [float(v) for v in curves.snr_db], "curves": rounded}
    with atomic_write(path) as file:
        file.write((json.dumps(content, indent=1) + "\n").encode())
