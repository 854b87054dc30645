#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The return path: the receiver's verdict on each image, over a ZeroMQ socket to the transmitter.

A message is a JSON object, ``{"index": 17, "error": 0.02, "snr_db": 18.3, "missed": 0}``: the image's number,
its predicted error, Es/N0, and how many images before it never came. Messages may get lost.
"""

import math
from typing import Any, NamedTuple, Optional

from ...files import parse_json
from .messages import MessageListener, MessageSender, whole_number

_MOST_MISSED = 4096


class Report(NamedTuple):
    """The verdict on an image; ``snr_db`` is NaN if unknown, ``missed`` as `ReceiverStats.record`."""

    index: int
    error: float
    snr_db: float
    missed: int

    def fields(self) -> dict[str, Any]:
        """Return the message."""
        return {name: value for name, value in self._asdict().items() if math.isfinite(value)}


def read_report(message: bytes) -> Optional[Report]:
    """Return the report in a message, or None: anybody may send anything to an open port."""
    try:
        fields = parse_json(message, "report")
        index, missed = (whole_number(fields.get(name, 0)) for name in ("index", "missed"))
        error, snr_db = float(fields["error"]), float(fields.get("snr_db", math.nan))
    except (ValueError, TypeError, KeyError):
        return None
    if (
        not 0.0 <= error <= 1.0
        or abs(snr_db) > 200.0
        or index < 0
        or not 0 <= missed <= min(index, _MOST_MISSED)
    ):
        return None
    return Report(index, error, snr_db, missed)


class ReportSender(MessageSender[Report]):
    """Sends reports to a transmitter."""

    option = "--reports"
    fields = staticmethod(Report.fields)


class ReportListener(MessageListener[Report]):
    """Takes reports from receivers."""

    option = "--reports"
    read = staticmethod(read_report)
