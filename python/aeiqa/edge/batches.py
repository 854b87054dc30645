#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Batches of images, bounded by count and by time: what waits is classified at once."""

import time
from collections import deque
from collections.abc import Callable, Sequence

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
