#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Small JSON messages from one program to another, over a ZeroMQ PUSH and a PULL socket.

The transmitter of samples listens, as for these. Messages may get lost, and anybody may send anything to a
port that is open: what is taken has a limit in number and in bytes.
"""

import json
from collections.abc import Mapping
from typing import Any, Optional

from ...errors import InputError
from .shared_key import Guard

# Messages that may wait in a socket; those that are older are of little use.
WAITING = 256
_MOST_BYTES = 1024


class MessageSender:
    """Sends messages to a program that listens, or drops them if nobody takes them.

    Args:
        option: the command's option that names the address.
        url: ``zmq:tcp://HOST:5556``, where the other program listens.
        key: the secret that both ends share; None: the address must be of this machine.

    Raises:
        InputError: the address is invalid, or needs a key.
    """

    def __init__(self, option: str, url: str, key: Optional[bytes] = None) -> None:
        self._socket, self._guard = _open(option, url, "PUSH", key)

    def send(self, fields: Mapping[str, Any]) -> bool:
        """Send a JSON object and return whether there was room for it; never waits."""
        import zmq

        try:
            self._socket.send(json.dumps(fields).encode(), zmq.NOBLOCK)
        except zmq.Again:
            return False
        return True

    def close(self) -> None:
        """Give what waits a moment to go out."""
        self._socket.close(linger=500)
        self._guard.close()


class MessageListener:
    """Takes messages from other programs.

    Args:
        option: the command's option that names the address.
        url: ``zmq:tcp://127.0.0.1:5556``, at which to listen.
        key: the secret that both ends share; None: the address must be of this machine.

    Raises:
        InputError: the address is invalid or taken, or needs a key.
    """

    def __init__(self, option: str, url: str, key: Optional[bytes] = None) -> None:
        self._socket, self._guard = _open(option, url, "PULL", key)

    def take(self) -> list[bytes]:
        """Return the messages that have come since the last call, at most 256 of them; never waits."""
        import zmq

        messages: list[bytes] = []
        while len(messages) < WAITING:
            try:
                messages.append(self._socket.recv(zmq.NOBLOCK))
            except zmq.Again:
                break
        return messages

    def close(self) -> None:
        """Listen no more."""
        self._socket.close(linger=0)
        self._guard.close()


def whole_number(value: Any) -> int:
    """Return a value of a message that must be a whole number; ``TypeError`` if it is anything else."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def _open(option: str, url: str, kind: str, key: Optional[bytes]) -> tuple[Any, Guard]:
    try:
        import zmq
    except ImportError as error:
        raise InputError(f"{option} {url}: needs Python's zmq module ({error})") from error

    scheme, _, address = url.partition(":")
    if scheme != "zmq" or not address.startswith(("tcp://", "ipc://")):
        raise InputError(f"{option} {url}: must be like zmq:tcp://HOST:PORT or zmq:ipc://FILE")
    guard = Guard(option, address, key)
    socket = zmq.Context.instance().socket(getattr(zmq, kind))
    socket.set_hwm(WAITING)
    socket.setsockopt(zmq.MAXMSGSIZE, _MOST_BYTES)
    guard.secure(socket, listens=kind == "PULL")
    try:
        # The transmitter listens, as for samples.
        (socket.bind if kind == "PULL" else socket.connect)(address)
    except zmq.ZMQError as error:
        socket.close(linger=0)
        guard.close()
        raise InputError(f"{option} {url}: {error}") from error
    return socket, guard
