#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Output of a running transmitter or receiver: JSON lines in a file, a status line on the terminal."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Optional

import numpy as np

from ..errors import InputError
from ..files import hold, parse_json

# Frames number their images with 32 bits.
MOST_IMAGES = (1 << 32) - 1
_MOST_LINE_BYTES = 1 << 20
_LINE_START = b'{"time": '


class ImageLog:
    """JSON lines behind those that a file has already; each is whole on the disk's side before the next.

    ``next_index`` is the number of the image that follows those in the file, 0 if there are none.

    Args:
        path: the file; None: lines go nowhere.
        recall: called with the fields of each line that the file has already; may raise ``InputError``.

    Raises:
        InputError: a line of the file is no JSON object, has something else for an image's number, or is not
            as ``recall`` wants it; or another process writes the file.
    """

    def __init__(
        self, path: Optional[Path], recall: Optional[Callable[[dict[str, Any]], None]] = None
    ) -> None:
        self._path, self._recall = path, recall
        self._file = None
        self.next_index = 0
        if path is None:
            return
        self._file = open(path, "a", encoding="utf-8")  # noqa: SIM115 (closed by close())
        try:
            if path.is_file() and not hold(self._file):
                raise InputError(f"{path} is in use by another process: wait, or choose another --log")
            # What follows the whole lines is of a process that was killed while it wrote.
            self._file.truncate(self._read_lines())
        except BaseException:
            self.close()
            raise

    def _read_lines(self) -> int:
        """Read the lines that are whole; return where they end."""
        end = 0
        with open(self._path, "rb") as lines:
            for number, line in enumerate(iter(lambda: lines.readline(_MOST_LINE_BYTES), b""), 1):
                if not line.endswith(b"\n"):
                    start = line[: len(_LINE_START)]
                    if not _LINE_START.startswith(start) or len(line) == _MOST_LINE_BYTES:
                        raise InputError(f"{self._path}: line {number} is no line of a log")
                    break
                fields = parse_json(line, f"{self._path}: line {number}")
                for name, step in (("index", 1), ("next", 0)):
                    value = fields.get(name, 0)
                    if type(value) is not int or not 0 <= value + step <= MOST_IMAGES:
                        least = f"{self._path}: line {number}: {name} must be a whole number"
                        raise InputError(f"{least} from 0 to {MOST_IMAGES - step}")
                    if name in fields:
                        self.next_index = value + step
                if self._recall is not None:
                    try:
                        self._recall(fields)
                    except InputError as error:
                        raise InputError(f"{self._path}: line {number}: {error}") from None
                end += len(line)
        return end

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
