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
from typing import NamedTuple, Optional

from ...files import parse_json
from .messages import MessageListener, MessageSender, whole_number

_OPTION = "--reports"
_MOST_MISSED = 4096


class Report(NamedTuple):
    """The verdict on an image; ``snr_db`` is NaN if unknown, ``missed`` as `ReceiverStats.record`."""

    index: int
    error: float
    snr_db: float
    missed: int


class ReportSender:
    """Sends reports to a transmitter, or drops them without a transmitter that takes them.

    Args:
        url: ``zmq:tcp://HOST:5556``, where the transmitter listens.
        key: the secret that both ends share; None: the address must be of this machine.

    Raises:
        InputError: the address is invalid, or needs a key.
    """

    def __init__(self, url: str, key: Optional[bytes] = None) -> None:
        self._sender = MessageSender(_OPTION, url, key)

    def send(self, report: Report) -> None:
        """Send one; never waits."""
        fields = report._asdict()
        if not math.isfinite(report.snr_db):
            del fields["snr_db"]
        self._sender.send(fields)

    def close(self) -> None:
        """Give what waits a moment to go out."""
        self._sender.close()


class ReportListener:
    """Takes reports from receivers.

    Args:
        url: ``zmq:tcp://127.0.0.1:5556``, at which to listen.
        key: the secret that both ends share; None: the address must be of this machine.

    Raises:
        InputError: the address is invalid or taken, or needs a key.
    """

    def __init__(self, url: str, key: Optional[bytes] = None) -> None:
        self._listener = MessageListener(_OPTION, url, key)

    def take(self) -> list[Report]:
        """Return the reports that have come since the last call; anything else is dropped."""
        return [report for report in map(read_report, self._listener.take()) if report is not None]

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()


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
