#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Work for the tests of clusters, which workers import."""

import time
from pathlib import Path
from typing import NamedTuple


class Unit(NamedTuple):
    """A number."""

    number: int

    @property
    def key(self) -> str:
        """The number."""
        return str(self.number)


class Squares:
    """Squares numbers slowly, and adds what a file says."""

    def __init__(self, file: Path | None = None, wrong: int | None = None) -> None:
        self.file, self.wrong = file, wrong

    def __call__(self, unit: Unit) -> int:
        """Return the square."""
        if unit.number == self.wrong:
            raise ValueError(f"{unit.number} is not to be squared")
        time.sleep(0.02)
        return unit.number**2 + (0 if self.file is None else int(self.file.read_text()))
