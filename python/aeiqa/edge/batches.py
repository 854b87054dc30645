#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Batches of images, bounded by count and by time: what waits is classified at once; how long it waited."""

import bisect
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from ..link.air import AirImage


class Batcher:
    """Collects images until there are enough, or the oldest has waited long enough.

    Args:
        count: images of a batch, at most.
        seconds: that an image waits for others, at most.
        clock: seconds that go on; for tests.
    """

    def __init__(self, count: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._count, self._seconds, self._clock = count, seconds, clock
        self._waiting: deque[tuple[float, AirImage]] = deque()

    def add(self, images: Sequence[AirImage]) -> None:
        """Let images wait."""
        now = self._clock()
        self._waiting.extend((now, image) for image in images)

    def take(self, flush: bool = False) -> list[tuple[float, AirImage]]:
        """Return a batch that is due, each image with the time of its arrival; empty: none is.

        With ``flush`` whatever waits is due.
        """
        if not self._waiting:
            return []
        late = self._clock() - self._waiting[0][0] >= self._seconds
        if not (flush or late or len(self._waiting) >= self._count):
            return []
        return [self._waiting.popleft() for _ in range(min(self._count, len(self._waiting)))]


class Waits:
    """Histogram of the time from arrival to answer, in seconds, as Prometheus defines one."""

    BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)  # seconds

    def __init__(self) -> None:
        self._counts = [0] * (len(self.BOUNDS) + 1)
        self._seconds = 0.0

    def add(self, seconds: float) -> None:
        """Count an image."""
        self._counts[bisect.bisect_left(self.BOUNDS, seconds)] += 1
        self._seconds += seconds

    def fields(self) -> dict[str, Any]:
        """Return the number of images, the sum of their seconds, and how many took at most each bound."""
        at_most = {f"{bound:g}": sum(self._counts[: i + 1]) for i, bound in enumerate(self.BOUNDS)}
        return {"count": sum(self._counts), "sum": round(self._seconds, 6), "at_most": at_most}
