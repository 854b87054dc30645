#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Samples over ZeroMQ: a PUSH or PUB socket that listens, PULL or SUB ones that connect, and who is there.

PUSH and PULL join one transmitter and one receiver, PUB and SUB one transmitter and any number of receivers.
GNU Radio's blocks of the same kind understand them. Unlike these, ours tell when nobody is there, when
somebody speaks another pattern, and go on behind a message that is no samples.
"""

import time
from typing import Any, Optional

import numpy as np
from gnuradio import gr

from ...errors import InputError

_SAMPLE_BYTES = np.dtype(np.complex64).itemsize
# What may wait between the two programs, in messages of a socket and in bytes of the system's: enough to keep
# both sides busy, and little, since it is lost with a program that is killed.
_WAITING = 2
_WAITING_BYTES = 1 << 17
_MOST_BYTES = 1 << 26
_POLL_MS = 100
_LINGER_MS = 1000
# How long a transmitter waits for a receiver that is slower than the others, before these go on without it.
_PATIENCE_S = 3.0
# XPUB is a PUB socket that tells of its subscribers.
_PARTNERS = {"PUSH": "PULL", "PULL": "PUSH", "XPUB": "SUB", "SUB": "PUB"}


class _Socket:
    """A ZeroMQ socket and what its monitor has told of the other end."""

    def __init__(self, kind: str, address: str) -> None:
        try:
            import zmq
        except ImportError as error:
            raise InputError(f"needs Python's zmq module ({error})") from error

        if not address.startswith(("tcp://", "ipc://")):
            raise InputError("must be like zmq:tcp://HOST:PORT or zmq:ipc://FILE (HOST *: the transmitter's)")
        self._zmq = zmq
        self.kind, self.partners, self.strangers = kind, 0, 0
        self.socket: Any = zmq.Context.instance().socket(getattr(zmq, kind))
        self.socket.set_hwm(_WAITING)
        for option in (zmq.SNDBUF, zmq.RCVBUF):
            self.socket.setsockopt(option, _WAITING_BYTES)
        self.socket.setsockopt(zmq.MAXMSGSIZE, _MOST_BYTES)
        self._monitor: Any = self.socket.get_monitor_socket(
            zmq.EVENT_CONNECTED | zmq.EVENT_ACCEPTED | zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED
        )
        self._unknown: list[int] = []  # connections whose handshake is under way
        self._known: set[int] = set()
        try:
            (self.socket.bind if kind in ("PUSH", "XPUB") else self.socket.connect)(address)
        except zmq.ZMQError as error:
            self.close(0)
            raise InputError(error.strerror or str(error)) from error

    def watch(self) -> None:
        """Take in what the monitor tells."""
        from zmq.utils.monitor import recv_monitor_message

        while not self._monitor.closed and self._monitor.poll(0):
            message = recv_monitor_message(self._monitor)
            event, handle = message["event"], message["value"]
            if event in (self._zmq.EVENT_CONNECTED, self._zmq.EVENT_ACCEPTED):
                self._unknown.append(handle)
            elif event == self._zmq.EVENT_HANDSHAKE_SUCCEEDED:  # does not say whose: the first's that waits
                self._known.update(self._unknown[:1])
                del self._unknown[:1]
                self.strangers = 0
            elif handle in self._known:
                self._known.remove(handle)
            elif handle in self._unknown:  # ZeroMQ hangs up on a socket of a kind that does not fit
                self._unknown.remove(handle)
                self.strangers += 1
            self.partners = len(self._known)

    def close(self, linger_ms: int) -> None:
        """Let what waits go out for so long, and no longer watch."""
        self.socket.disable_monitor()
        self._monitor.close(linger=0)
        self.socket.close(linger=linger_ms)


class zmq_source(gr.sync_block):
    """Complex samples from a ZeroMQ PUSH or PUB socket; output: complex samples.

    Args:
        address: ``tcp://HOST:PORT`` or ``ipc://FILE`` at which a transmitter listens.
        published: the transmitter's is a PUB socket.

    Raises:
        InputError: the address is none, or Python's zmq module is missing.
    """

    def __init__(self, address: str, published: bool = False) -> None:
        gr.sync_block.__init__(self, "zmq_source", None, [np.complex64])
        self._address, self._socket = address, _Socket("SUB" if published else "PULL", address)
        if published:
            self._socket.socket.subscribe(b"")
        self._waiting = np.empty(0, np.complex64)
        self.messages = self.dropped = 0
        self.error: Optional[str] = None

    def work(self, input_items: list[np.ndarray], output_items: list[np.ndarray]) -> int:
        """Hand on what came; the scheduler calls this."""
        self._socket.watch()
        if not len(self._waiting) and not self._receive():
            return 0
        out = output_items[0]
        count = min(len(out), len(self._waiting))
        out[:count] = self._waiting[:count]
        self._waiting = self._waiting[count:]
        return count

    def _receive(self) -> bool:
        if not self._socket.socket.poll(_POLL_MS):
            return False
        message = self._socket.socket.recv()
        self.messages += 1
        if not message or len(message) % _SAMPLE_BYTES:
            self.dropped += 1
            return False
        self._waiting = np.frombuffer(message, np.complex64)
        return True

    def notice(self) -> Optional[str]:
        """Return what there is to say of the other end; None: samples come."""
        if self._socket.strangers:
            own = self._socket.kind
            return f"{self._address} is no {_PARTNERS[own]} socket, and this one is {own}: nothing can come"
        if not self._socket.partners:
            return f"nobody listens at {self._address}"
        if self.dropped:
            return f"{self.dropped} of {self.messages} messages were no complex64 samples, dropped"
        return None if self.messages else "the transmitter has sent nothing yet"

    def stop(self) -> bool:
        """Close the socket; the scheduler calls this."""
        self._socket.close(0)
        return True


class zmq_sink(gr.sync_block):
    """Complex samples to a ZeroMQ PULL socket; input: complex samples.

    It is a PUSH socket, and waits while nobody takes its messages. With several partners each gets a part of
    the messages, so there should be one: `zmq_publisher` serves more.

    Args:
        address: ``tcp://*:PORT`` or ``ipc://FILE`` at which to listen.

    Raises:
        InputError: the address is none or taken, or Python's zmq module is missing.
    """

    def __init__(self, address: str) -> None:
        gr.sync_block.__init__(self, "zmq_sink", [np.complex64], None)
        self._socket = _Socket("PUSH", address)

    def last_endpoint(self) -> str:
        """Return the address at which it listens."""
        return self._socket.socket.getsockopt_string(self._socket._zmq.LAST_ENDPOINT)

    def work(self, input_items: list[np.ndarray], output_items: list[np.ndarray]) -> int:
        """Send; the scheduler calls this."""
        self._socket.watch()
        zmq, samples = self._socket._zmq, input_items[0]
        if not self._socket.socket.poll(_POLL_MS, zmq.POLLOUT):
            return 0
        try:
            self._socket.socket.send(samples.tobytes(), zmq.NOBLOCK)
        except zmq.Again:
            return 0
        return len(samples)

    def notice(self) -> Optional[str]:
        """Return what there is to say of the other end; None: one receiver takes the samples."""
        if self._socket.strangers:
            return "somebody who is no PULL socket wants samples from this PUSH socket, and gets none"
        if not self._socket.partners:
            return "no receiver is connected"
        if self._socket.partners > 1:
            count = self._socket.partners
            return f"{count} receivers at a PUSH socket: each gets a part of the samples (with zmq+pub: all)"
        return None

    def stop(self) -> bool:
        """Close the socket once what waits has gone out; the scheduler calls this."""
        self._socket.close(_LINGER_MS)
        return True


class zmq_publisher(gr.sync_block):
    """Complex samples to any number of ZeroMQ SUB sockets; input: complex samples.

    It is a PUB socket. It waits for a first subscriber, and up to three seconds for one that is slower than
    the others; after that these go on, and the slow one misses samples, counted in `dropped` messages.

    Args:
        address: ``tcp://*:PORT`` or ``ipc://FILE`` at which to listen.

    Raises:
        InputError: the address is none or taken, or Python's zmq module is missing.
    """

    def __init__(self, address: str) -> None:
        gr.sync_block.__init__(self, "zmq_publisher", [np.complex64], None)
        self._socket = _Socket("XPUB", address)
        zmq = self._socket._zmq
        self._socket.socket.setsockopt(zmq.XPUB_VERBOSER, 1)
        self._socket.socket.setsockopt(zmq.XPUB_NODROP, 1)
        self._subscribers = self.dropped = 0
        self._full_since: Optional[float] = None

    def work(self, input_items: list[np.ndarray], output_items: list[np.ndarray]) -> int:
        """Send; the scheduler calls this."""
        self._socket.watch()
        self._count_subscribers()
        socket, zmq, samples = self._socket.socket, self._socket._zmq, input_items[0]
        if not self._subscribers:
            socket.poll(_POLL_MS, zmq.POLLIN)  # until one comes
            return 0
        try:
            socket.send(samples.tobytes(), zmq.NOBLOCK)
        except zmq.Again:
            now = time.monotonic()
            self._full_since = self._full_since or now
            if now - self._full_since < _PATIENCE_S:
                time.sleep(0.001)
                return 0
            socket.setsockopt(zmq.XPUB_NODROP, 0)
            socket.send(samples.tobytes(), zmq.NOBLOCK)
            socket.setsockopt(zmq.XPUB_NODROP, 1)
            self.dropped += 1
        else:
            self._full_since = None
        return len(samples)

    def _count_subscribers(self) -> None:
        zmq = self._socket._zmq
        while self._socket.socket.poll(0, zmq.POLLIN):
            message = self._socket.socket.recv()
            self._subscribers += 1 if message[:1] == b"\x01" else -1

    def notice(self) -> Optional[str]:
        """Return what there is to say of the other ends; None: there are receivers, and all keep up."""
        if self._socket.strangers:
            return "somebody who is no SUB socket wants samples from this PUB socket, and gets none"
        if not self._subscribers:
            return "no receiver is connected"
        if self.dropped:
            return f"a receiver is too slow: {self.dropped} messages went to the others only"
        return None

    def stop(self) -> bool:
        """Close the socket once what waits has gone out; the scheduler calls this."""
        self._socket.close(_LINGER_MS)
        return True
