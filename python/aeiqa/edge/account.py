#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Account of every image at the edge: come, missed, repeated; the same after a restart, from the log."""

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Optional

from ..errors import InputError
from ..link.config import BITS_PER_SYMBOL
from ..radio.receiving import ReceiverStats
from .answers import Answer

# Images whose first answer is still known when they come again.
MEMORY = 4096
_OUTCOMES = ("perfect", "damaged")


class Place(NamedTuple):
    """Place of an image among those before it.

    Attributes:
        missed: numbers left out right before it; -1 if it was itself counted as missed, and comes late.
        is_repeat: whether it came before: the device sends it again.
    """

    missed: int
    is_repeat: bool


@dataclass
class Account:
    """Account of the images of one edge, over all of its starts.

    Attributes:
        stats: images received, perfect ones, numbers missed and restarts of the device, as `receive` counts.
        images: how many came, by (modulation, "perfect" or "damaged"); each at its first transmission.
        repeats: images that came once more.
        late: images that were counted as missed before they came.
        judged: images with an answer.
        unfit: images of a shape that target or score does not take.
    """

    stats: ReceiverStats = field(default_factory=ReceiverStats)
    images: Counter[tuple[str, str]] = field(default_factory=Counter)
    repeats: int = 0
    late: int = 0
    judged: int = 0
    unfit: int = 0
    _stream: Optional[int] = None
    _known: OrderedDict[tuple[int, int], Optional[Answer]] = field(default_factory=OrderedDict)

    def place(self, stream: int, index: int, modulation: str, perfect: bool) -> Place:
        """Count an image that came and return its place.

        A device draws its number at each start. A number below the one expected, from the device that the
        latest image came from, is therefore an image sent again, or one overtaken; from another one it
        begins anew.
        """
        if (stream, index) in self._known:
            self._known.move_to_end((stream, index))
            self.repeats += 1
            return Place(0, True)
        expected = self.stats.next_index
        if stream == self._stream and expected is not None and index < expected:
            self.late += 1
            self.stats.received += 1
            self.stats.perfect += perfect
            missed = -1
        else:
            missed = self.stats.record(index, perfect)
            self._stream = stream
        self.images[modulation, _OUTCOMES[not perfect]] += 1
        self._known[stream, index] = None
        while len(self._known) > MEMORY:
            self._known.popitem(last=False)
        return Place(missed, False)

    def earlier(self, stream: int, index: int) -> Optional[Answer]:
        """Return the latest answer to an image; None: it has none, or is long forgotten."""
        return self._known.get((stream, index))

    def answer(self, answer: Answer) -> None:
        """Count an answer, and remember it for when the image comes again."""
        self.judged += answer.copies == 1
        if (answer.stream, answer.index) in self._known:
            self._known[answer.stream, answer.index] = answer

    def recall(self, line: Mapping[str, Any]) -> None:
        """Count an image of an earlier start from its line of the log; other lines say nothing.

        Raises:
            InputError: a field is missing, or of another type.
        """
        if "index" not in line:
            return
        stream, index, lost, damaged = (
            _checked(line, name, int) for name in ("stream", "index", "frames_lost", "frames_damaged")
        )
        modulation = _checked(line, "modulation", str)
        if modulation not in BITS_PER_SYMBOL:
            raise InputError(f"modulation must be one of {', '.join(BITS_PER_SYMBOL)}, got {modulation!r}")
        place = self.place(stream, index, modulation, lost + damaged == 0)
        if "prediction" in line:
            shares = (float(_checked(line, name, (int, float))) for name in ("probability", "score"))
            self.answer(
                Answer(
                    stream, index, _checked(line, "prediction", int), *shares, _checked(line, "copies", int)
                )
            )
        else:
            self.unfit += not place.is_repeat


def _checked(line: Mapping[str, Any], name: str, kind: Any) -> Any:
    value = line.get(name)
    if isinstance(value, bool) or not isinstance(value, kind):
        raise InputError(f"{name} of an image must be a {'text' if kind is str else 'number'}, got {value!r}")
    return value
