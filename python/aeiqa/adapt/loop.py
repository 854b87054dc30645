#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The closed loop around a `LinkAdapter`: which images are under way, and what reports on them mean."""

from collections import Counter, deque
from typing import Optional

from .adapter import LinkAdapter
from .modes import Mode

# Images of which a report, or the SNR ahead of it, is still waited for; the adapter forgets as many.
_MEMORY = 1024


class AdaptationLoop:
    """Images out, reports in; the program, the block and the replayed traces step their adapter by it.

    ``sent``, ``reported`` and ``lost`` count images, ``used`` those of each mode by name.

    Args:
        adapter: makes the choices.
    """

    def __init__(self, adapter: LinkAdapter) -> None:
        self.adapter = adapter
        self.sent = self.reported = self.lost = 0
        self.used: Counter[str] = Counter()
        self._under_way: deque[int] = deque(maxlen=_MEMORY)
        self._snr_db: dict[int, float] = {}
        self._latest = self._answered = -1

    @property
    def unanswered(self) -> int:
        """Images sent since the latest that was reported on."""
        return self._latest - self._answered

    def choose(self, index: int) -> Mode:
        """Return how to send the image of that number, which must be larger than those before."""
        if self.sent == 0:
            self._answered = index - 1
        mode = self.adapter.choose(index)
        self._latest = index
        self._under_way.append(index)
        self.sent += 1
        self.used[mode.name] += 1
        return mode

    def note_snr(self, index: int, snr_db: float) -> None:
        """Keep an image's SNR in dB for the report on it, which comes later."""
        if len(self._snr_db) >= _MEMORY:
            self._snr_db.clear()
        self._snr_db[index] = snr_db

    def report(
        self, index: int, error: float, snr_db: Optional[float] = None, missed: Optional[int] = None
    ) -> bool:
        """Take in what the receiver made of an image; False if it is not waited for.

        Args:
            index: the image's number.
            error: predicted probability that it is misclassified, 0 to 1.
            snr_db: Es/N0 as the receiver measured it; None: as noted before, if it was.
            missed: images right before it that never came; None: reports come in order, and all that were
                sent before it and not reported on are lost.

        Raises:
            InputError: ``error`` is no probability.
        """
        waited_for = index in self._under_way
        if missed is not None:
            gone = [i for i in self._under_way if index - missed <= i < index]
        else:
            gone = [i for i in self._under_way if i < index] if waited_for else []
        for number in gone:
            self._under_way.remove(number)
            self.lost += self.adapter.lost(number)
        if not waited_for:
            return False
        if snr_db is None:
            snr_db = self._snr_db.pop(index, None)
        self._under_way.remove(index)
        if not self.adapter.report(index, error, snr_db):
            return False
        self.reported += 1
        self._answered = max(self._answered, index)
        return True
