#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Checks that the other end answers, and that the block that talks to it still runs."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Optional

from gnuradio import gr

# Seconds without anything, after which there is something to say.
PATIENCE = 3.0
# A thread's name has 15 characters.
_NAME_LENGTH = 15


class Partner:
    """Watches the block of an endpoint while a program sends or receives.

    Args:
        program: whose words they are.
        block: the endpoint's.
        clock: seconds that go on; for tests.
    """

    def __init__(
        self, program: str, block: gr.basic_block, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._program, self._block, self._clock = program, block, clock
        self._progress, self._since = -1, clock()
        self._said: Optional[str] = None
        self._died = False
        self._first: Optional[float] = None  # time of the first look
        self._checked = 0.0

    def look(self, progress: int) -> None:
        """Take in how far things have come; say once what stands in the way if they stand still."""
        now = self._clock()
        if progress != self._progress:
            self._progress, self._since = progress, now
        notice = getattr(self._block, "notice", lambda: None)()
        if notice is not None and notice != self._said and now - self._since > PATIENCE:
            self._said = notice
            print(f"aeiqa {self._program}: {notice}", file=sys.stderr)
        if now - self._checked > PATIENCE / 10:
            self._checked = now
            self._first = now if self._first is None else self._first
            # One that has ended in peace takes the graph with it before long.
            still = min(now - self._since, now - self._first) > PATIENCE
            self._died = still and not _has_thread(self._block)

    def failed(self) -> bool:
        """Return whether the block's thread has ended and left the graph waiting."""
        return self._died

    def error(self) -> Optional[str]:
        """Return what the block says went wrong, or that it is gone; None: nothing."""
        own = getattr(self._block, "error", None)
        return own or ("its thread ended, for a reason that is told above" if self._died else None)


def _has_thread(block: gr.basic_block) -> bool:
    """Return whether a thread of this process runs a block; True where that is unknown."""
    if isinstance(block, gr.hier_block2):
        return True
    name = f"{block.name()}{block.unique_id()}"[:_NAME_LENGTH]
    names = []
    for task in Path("/proc/self/task").glob("*/comm"):
        try:
            names.append(task.read_text().rstrip("\n"))
        except OSError:  # it has ended meanwhile
            continue
    return name in names or not names
