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
from typing import Any, ClassVar, Generic, Optional, TypeVar

from ...errors import InputError
from .shared_key import Guard

# Messages that may wait in a socket; those that are older are of little use.
WAITING = 256
_MOST_BYTES = 1024


Message = TypeVar("Message")


class MessageSender(Generic[Message]):
    """Sends messages to a program that listens, or drops them, counted, if nobody takes them.

    A subclass names the command's `option` for the address and says what `fields` a message has.

    Args:
        url: ``zmq:tcp://HOST:5556``, where the other program listens.
        key: the secret that both ends share; None: the address must be of this machine.

    Raises:
        InputError: the address is invalid, or needs a key.
    """

    option: ClassVar[str]

    def __init__(self, url: str, key: Optional[bytes] = None) -> None:
        self._socket, self._guard = _open(self.option, url, "PUSH", key)
        self.dropped = 0

    @staticmethod
    def fields(message: Message) -> Mapping[str, Any]:
        """Return the JSON object that stands for a message."""
        raise NotImplementedError

    def send(self, message: Message) -> bool:
        """Send one and return whether there was room for it; never waits."""
        import zmq

        try:
            self._socket.send(json.dumps(self.fields(message)).encode(), zmq.NOBLOCK)
        except zmq.Again:
            self.dropped += 1
            return False
        return True

    def close(self) -> None:
        """Give what waits a moment to go out."""
        self._socket.close(linger=500)
        self._guard.close()


class MessageListener(Generic[Message]):
    """Takes messages from other programs; ``refused`` counts those that were none.

    A subclass names the command's `option` for the address and says how to `read` a message.

    Args:
        url: ``zmq:tcp://127.0.0.1:5556``, at which to listen.
        key: the secret that both ends share; None: the address must be of this machine.

    Raises:
        InputError: the address is invalid or taken, or needs a key.
    """

    option: ClassVar[str]

    def __init__(self, url: str, key: Optional[bytes] = None) -> None:
        self._socket, self._guard = _open(self.option, url, "PULL", key)
        self.refused = 0

    @staticmethod
    def read(received: bytes) -> Optional[Message]:
        """Return the message, or None: anybody may send anything to an open port."""
        raise NotImplementedError

    def take(self) -> list[Message]:
        """Return what has come since the last call, at most 256 messages; never waits."""
        import zmq

        received: list[bytes] = []
        while len(received) < WAITING:
            try:
                received.append(self._socket.recv(zmq.NOBLOCK))
            except zmq.Again:
                break
        messages = [message for message in map(self.read, received) if message is not None]
        self.refused += len(received) - len(messages)
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
