#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""What a program on the air says while it runs: JSON lines in a file, one status line on the terminal."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Optional

import numpy as np

from ..errors import InputError
from ..files import parse_json


class ImageLog:
    """JSON lines behind those that a file has already; each is whole on the disk's side before the next.

    Args:
        path: the file; None: lines go nowhere.

    Raises:
        InputError: the file is none of these.
    """

    def __init__(self, path: Optional[Path]) -> None:
        self._path = path
        self._file = None
        if path is None:
            return
        self._drop_partial_line()
        self._file = open(path, "a", encoding="utf-8")  # noqa: SIM115 (closed by close())

    def _drop_partial_line(self) -> None:
        # Of a process that was killed while it wrote.
        if self._path.exists():
            content = self._path.read_bytes()
            whole = content.rfind(b"\n") + 1
            if whole < len(content):
                os.truncate(self._path, whole)

    def last(self, field: str, default: int) -> int:
        """Return the latest line's whole number of that name, or the default if no line has one.

        Raises ``InputError`` naming a line that is no JSON object or has something else there.
        """
        if self._path is None:
            return default
        latest = default
        with open(self._path, "rb") as lines:
            for number, line in enumerate(lines, 1):
                latest = parse_json(line, f"{self._path}: line {number}").get(field, latest)
                if type(latest) is not int:
                    raise InputError(f"{self._path}: line {number}: {field} must be a whole number")
        return latest

    def write(self, **fields: Any) -> None:
        """Add a line; ``time`` is put in front."""
        if self._file is not None:
            line = json.dumps({"time": round(time.time(), 3), **fields}, default=_plain)
            self._file.write(f"{line}\n")
            self._file.flush()

    def close(self) -> None:
        """Nothing can be written any more."""
        if self._file is not None:
            self._file.close()
            self._file = None


class StatusLine:
    """One line on standard error that is written over; not on a terminal, a line every ten seconds."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._pause = 0.2 if self._live else 10.0
        self._next = time.monotonic() + (0.0 if self._live else self._pause)

    def show(self, text: str) -> None:
        """Show it, unless it is too soon."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._pause
            print(f"\r{text}\x1b[K" if self._live else text, end="" if self._live else "\n", file=sys.stderr)
            sys.stderr.flush()

    def end(self, text: str) -> None:
        """Show the last of it."""
        print(f"\r{text}\x1b[K" if self._live else text, file=sys.stderr)


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(type(value).__name__)
