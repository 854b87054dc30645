#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The device's side of the answers: which images wait for one, which are sent again, what was learned."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from typing import NamedTuple, Optional

from .answers import Answer


class _Question(NamedTuple):
    deadline: float
    label: int
    first: Optional[Answer]  # of an image that was sent again


class Exchange:
    """Matches answers to images sent, and says which to send again.

    Args:
        stream: the device's number: answers to another one, or to an earlier start, are dropped.
        window: images that may wait for an answer.
        timeout: seconds after which none is waited for any more.
        ask_again: P(wrong) above which an image is sent once more; None: never.
        clock: seconds that go on; for tests.

    Attributes:
        answered: images with an answer.
        timeouts: images without one in time.
        asked_again: images sent once more.
        again_timeouts: of these, such whose second answer did not come in time, so that the first one stands.
        strays: answers that nobody waited for: to another device, an earlier start, too late, or twice.
        labelled, right: answers to images whose class is known, and how many of them are that class.
    """

    def __init__(
        self,
        stream: int,
        window: int,
        timeout: float,
        ask_again: Optional[float] = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream, self._window, self._timeout = stream, window, timeout
        self._ask_again, self._clock = ask_again, clock
        self._waiting: OrderedDict[int, _Question] = OrderedDict()  # by the image's number, oldest first
        self._again: deque[tuple[int, _Question]] = deque()
        self.answered = self.timeouts = self.asked_again = self.again_timeouts = self.strays = 0
        self.labelled = self.right = 0
        self._wrong_sum = 0.0

    def has_room(self) -> bool:
        """Return whether another image may be sent."""
        return len(self._waiting) + len(self._again) < self._window

    def is_idle(self) -> bool:
        """Return whether nothing is waited for, and nothing is to be sent again."""
        return not self._waiting and not self._again

    def again(self) -> Optional[int]:
        """Return the number of the next image to send again, or None if no image waits for that."""
        return self._again[0][0] if self._again else None

    def sent(self, index: int, label: int) -> None:
        """Wait for the answer to an image that has just been sent; ``label``: its class, -1 if unknown."""
        first = None
        if self._again and self._again[0][0] == index:
            first = self._again.popleft()[1].first
            self.asked_again += 1
        self._waiting[index] = _Question(self._clock() + self._timeout, label, first)

    def take(self, answers: Sequence[Answer]) -> None:
        """Take answers in, then give up what has waited for too long."""
        for answer in answers:
            question = self._waiting.get(answer.index)
            if answer.stream != self._stream or question is None:
                self.strays += 1
                continue
            if question.first is not None and answer.copies == question.first.copies:
                self.strays += 1  # the first one twice
                continue
            del self._waiting[answer.index]
            if question.first is None and self._ask_again is not None and answer.p_wrong > self._ask_again:
                self._again.append((answer.index, question._replace(first=answer)))
            else:
                self._learn(answer, question.label)
        now = self._clock()
        while self._waiting and next(iter(self._waiting.values())).deadline <= now:
            _, question = self._waiting.popitem(last=False)
            if question.first is None:
                self.timeouts += 1
            else:
                self.again_timeouts += 1
                self._learn(question.first, question.label)

    def text(self) -> str:
        """Return what was learned, in a line."""
        parts = [f"answered {self.answered}, timed out {self.timeouts}"]
        if self._ask_again is not None:
            parts.append(f"asked again {self.asked_again}")
        if self.answered:
            parts.append(f"mean P(wrong) {100 * self._wrong_sum / self.answered:.2f} %")
        if self.labelled:
            parts.append(f"right {100 * self.right / self.labelled:.2f} %")
        if self.strays:
            parts.append(f"{self.strays} answers not waited for")
        return ", ".join(parts)

    def _learn(self, answer: Answer, label: int) -> None:
        self.answered += 1
        self._wrong_sum += answer.p_wrong
        self.labelled += label >= 0
        self.right += label >= 0 and answer.label == label
