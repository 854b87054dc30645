#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Answers of the edge to a device: one JSON object an image, version 1 of the format.

An answer is ``{"version": 1, "stream": 4711, "index": 17, "class": 7, "probability": 0.98, "p_wrong": 0.02,
"copies": 1}``: the device's number and the image's, the class, the classifier's probability of it, the
predicted probability that it is wrong, and how many transmissions of the image the answer was made of.
"""

from typing import Any, NamedTuple, Optional

from ..files import parse_json
from ..radio.sockets.messages import MessageListener, MessageSender, whole_number

VERSION = 1
_LIMITS = {"stream": 1 << 16, "index": 1 << 32, "class": 1 << 31, "copies": 256}


class Answer(NamedTuple):
    """The answer to an image, as the module describes it; ``label`` is the message's ``class``."""

    stream: int
    index: int  # type: ignore[assignment]  # hides the method of tuples, which nobody needs here
    label: int
    probability: float
    p_wrong: float
    copies: int = 1

    def fields(self) -> dict[str, Any]:
        """Return the message."""
        fields = {"version": VERSION, **self._asdict()}
        fields["class"] = fields.pop("label")
        return fields


def read_answer(message: bytes) -> Optional[Answer]:
    """Return the answer in a message, or None: anybody may send anything to an open port."""
    try:
        fields = parse_json(message, "answer")
        if whole_number(fields["version"]) != VERSION:
            return None
        numbers = {name: whole_number(fields[name]) for name in _LIMITS}
        shares = [float(fields[name]) for name in ("probability", "p_wrong")]
    except (ValueError, TypeError, KeyError):
        return None
    if not all(0 <= value < _LIMITS[name] for name, value in numbers.items()) or numbers["copies"] < 1:
        return None
    if not all(0.0 <= share <= 1.0 for share in shares):
        return None
    return Answer(numbers["stream"], numbers["index"], numbers["class"], *shares, numbers["copies"])


class AnswerSender(MessageSender[Answer]):
    """Sends answers to a device."""

    option = "--answers"
    fields = staticmethod(Answer.fields)


class AnswerListener(MessageListener[Answer]):
    """Takes answers from an edge."""

    option = "--answers"
    read = staticmethod(read_answer)
