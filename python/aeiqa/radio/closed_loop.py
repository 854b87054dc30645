#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The transmitter's end of the closed loop: reports in, modes of the next images out."""

import sys
import time
from collections.abc import Callable
from typing import Optional

from ..adapt import AdaptationLoop, LinkAdapter
from .sockets.reports import ReportListener
from .transmitting import Choice

# Images under way without a report, beyond which the next one waits for a report ...
WINDOW = 16
# ... for so many seconds; then there is taken to be nobody who reports.
PATIENCE = 2.0


class ClosedLoop:
    """Chooses each image's mode by the reports on those before; see `send_images`.

    A transmitter without a radio's clock would be far ahead of the reports, so it waits for them: not more
    than 16 images are under way, unless reports have failed to come for two seconds. Then images go out in
    the most robust mode, without waiting, until one comes.

    Args:
        adapter: makes the choices.
        listener: where the reports come in.
        clock: seconds that go on; for tests.
    """

    def __init__(
        self,
        adapter: LinkAdapter,
        listener: ReportListener,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._loop, self._listener, self._clock = AdaptationLoop(adapter), listener, clock
        self._latest = clock()
        self._late = False

    def choose(self, index: int) -> Optional[Choice]:
        """Return how to send the image of that number, or None: not yet."""
        for report in self._listener.take():
            # Anything else is of an earlier start, or a stranger's.
            if self._loop.report(*report):
                self._latest = self._clock()
        late = self._clock() - self._latest > PATIENCE
        if late:
            self._loop.adapter.give_up()
        elif self._loop.unanswered >= WINDOW:
            return None
        if late != self._late:
            self._late = late
            self._say()
        mode = self._loop.choose(index)
        return Choice(mode.modulation, mode.copies)

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()

    def _say(self) -> None:
        robust = self._loop.adapter.modes[-1].name
        text = f"no reports come, sending {robust}" if self._late else "reports come again"
        print(f"aeiqa transmit: {text}", file=sys.stderr)
