#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The return path: the receiver's verdict on each image, over a ZeroMQ socket to the transmitter.

A message is a JSON object, ``{"index": 17, "error": 0.02, "snr_db": 18.3, "missed": 0}``: the image's number,
its predicted error, Es/N0, and how many images before it never came. Messages may get lost.
"""

import json
import math
from typing import Any, NamedTuple, Optional

from ...errors import InputError
from ...files import parse_json
from .shared_key import Guard

# Reports that may wait; what is older is of little use.
_WAITING = 256
_MOST_BYTES = 1024
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
        self._socket, self._guard = _open(url, "PUSH", key)

    def send(self, report: Report) -> None:
        """Send one; never waits."""
        import zmq

        fields = report._asdict()
        if not math.isfinite(report.snr_db):
            del fields["snr_db"]
        try:
            self._socket.send(json.dumps(fields).encode(), zmq.NOBLOCK)
        except zmq.Again:
            return

    def close(self) -> None:
        """Give what waits a moment to go out."""
        self._socket.close(linger=500)
        self._guard.close()


class ReportListener:
    """Takes reports from receivers.

    Args:
        url: ``zmq:tcp://127.0.0.1:5556``, at which to listen.
        key: the secret that both ends share; None: the address must be of this machine.

    Raises:
        InputError: the address is invalid or taken, or needs a key.
    """

    def __init__(self, url: str, key: Optional[bytes] = None) -> None:
        self._socket, self._guard = _open(url, "PULL", key)

    def take(self) -> list[Report]:
        """Return the reports that have come since the last call; anything else is dropped."""
        import zmq

        reports = []
        while len(reports) < _WAITING:
            try:
                message = self._socket.recv(zmq.NOBLOCK)
            except zmq.Again:
                break
            report = read_report(message)
            if report is not None:
                reports.append(report)
        return reports

    def close(self) -> None:
        """Listen no more."""
        self._socket.close(linger=0)
        self._guard.close()


def read_report(message: bytes) -> Optional[Report]:
    """Return the report in a message, or None: anybody may send anything to an open port."""
    try:
        fields = parse_json(message, "report")
        index, missed = (_whole(fields.get(name, 0)) for name in ("index", "missed"))
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


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def _open(url: str, kind: str, key: Optional[bytes]) -> tuple[Any, Guard]:
    try:
        import zmq
    except ImportError as error:
        raise InputError(f"--reports {url}: needs Python's zmq module ({error})") from error

    scheme, _, address = url.partition(":")
    if scheme != "zmq" or not address.startswith(("tcp://", "ipc://")):
        raise InputError(f"--reports {url}: must be like zmq:tcp://HOST:PORT or zmq:ipc://FILE")
    guard = Guard("--reports", address, key)
    socket = zmq.Context.instance().socket(getattr(zmq, kind))
    socket.set_hwm(_WAITING)
    socket.setsockopt(zmq.MAXMSGSIZE, _MOST_BYTES)
    guard.secure(socket, listens=kind == "PULL")
    try:
        # The transmitter listens, as for samples.
        (socket.bind if kind == "PULL" else socket.connect)(address)
    except zmq.ZMQError as error:
        socket.close(linger=0)
        guard.close()
        raise InputError(f"--reports {url}: {error}") from error
    return socket, guard
