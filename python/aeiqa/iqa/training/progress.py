#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""One bar for a job of several stages, with the time that all of them will still take."""

import sys
import time
from collections.abc import Callable, Mapping

from tqdm import tqdm

_FORMAT = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}{postfix}"


class JobProgress:
    """Progress of a job on a terminal's standard error; elsewhere nothing is shown.

    Use it as a context manager. Estimates may be wrong: the time left is that of the stages still to come,
    corrected by how long those done took.
    """

    def __init__(
        self, title: str, stages: Mapping[str, float], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``stages``: the estimated seconds of each by name, in their order."""
        self._left = dict(stages)
        self._whole = dict(stages)
        self._clock, self._start, self._done = clock, clock(), 0.0
        quiet = sys.stderr is None or not sys.stderr.isatty()
        self._bar = tqdm(total=100, desc=title, bar_format=_FORMAT, disable=quiet)

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._start

    @property
    def seconds_left(self) -> float:
        """Estimated time of what is to come, s."""
        pace = self.elapsed / self._done if self._done else 1.0
        return pace * sum(self._left.values())

    def estimate(self, stage: str, seconds: float) -> None:
        """Correct the estimate of a stage that has not begun."""
        self._left[stage] = self._whole[stage] = seconds
        self._show()

    def advance(self, stage: str, share: float) -> None:
        """Count a share of a stage as done."""
        step = min(share * self._whole[stage], self._left[stage])
        self._left[stage] -= step
        self._done += step
        self._show()

    def finish(self, stage: str) -> None:
        """Count a stage as over, however much of it was done."""
        self._left[stage] = 0.0
        self._show()

    def say(self, line: str) -> None:
        """Write a line to the standard error, above the bar."""
        tqdm.write(line, file=sys.stderr)

    def _show(self) -> None:
        left = sum(self._left.values())
        share = self._done / (self._done + left) if self._done + left else 0.0
        self._bar.set_postfix_str(f"about {duration(self.seconds_left)} left", refresh=False)
        self._bar.update(100.0 * share - self._bar.n)

    def __enter__(self) -> "JobProgress":
        return self

    def __exit__(self, *_) -> None:
        self._bar.close()


def duration(seconds: float) -> str:
    """Return "40 s" or "7 min"."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
