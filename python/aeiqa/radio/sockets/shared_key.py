#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A secret that two programs share, by which their ZeroMQ sockets authenticate and encrypt.

Both ends derive both pairs of CurveZMQ keys (https://rfc.zeromq.org/spec/26/) from a file; without the file
nobody can connect. Addresses that only this machine reaches need none.
"""

import hashlib
import ipaddress
import re
from pathlib import Path
from typing import Any

from ...errors import InputError

_LEAST_BYTES, _MOST_BYTES = 16, 4096
_TCP = re.compile(r"tcp://(\[[^]]*\]|[^:]*):")


def read_key(path: Path | None) -> bytes | None:
    """Return a key file's content, None without a file; ``InputError`` if it holds no secret."""
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            key = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"--key {path}: {error.strerror}") from None
    if not _LEAST_BYTES <= len(key) <= _MOST_BYTES:
        size = f"{len(key)} bytes" if len(key) <= _MOST_BYTES else "more"
        raise InputError(
            f"--key {path}: must hold {_LEAST_BYTES} to {_MOST_BYTES} bytes, has {size} "
            f"(head -c 32 /dev/urandom > {path} makes one; copy it to the other end)"
        )
    return key


def is_local(address: str) -> bool:
    """Return whether a ZeroMQ address can be reached from this machine only."""
    if address.startswith("ipc://"):
        return True
    match = _TCP.match(address)
    host = match.group(1).strip("[]") if match else ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """Lets only ends with the same key through a ZeroMQ socket; to be closed after it."""

    def __init__(self, option: str, address: str, key: bytes | None) -> None:
        """``option`` gave the address. Raises ``InputError`` if that needs a key that is missing."""
        if key is None and not is_local(address):
            raise InputError(
                f"{option}: {address} goes beyond this machine, where anybody may connect: give both ends "
                "the same --key FILE, or use tcp://127.0.0.1"
            )
        self._key = key
        self._authenticator: Any = None

    def secure(self, socket: Any, listens: bool) -> None:
        """Set up a socket before it binds (``listens``) or connects."""
        if self._key is None:
            return
        import zmq

        ours, theirs = ("listener", "sender") if listens else ("sender", "listener")
        socket.curve_secretkey = self._secret(ours)
        socket.curve_publickey = zmq.curve_public(self._secret(ours))
        if not listens:
            socket.curve_serverkey = zmq.curve_public(self._secret(theirs))
            return
        from zmq.auth.thread import ThreadAuthenticator

        socket.curve_server = True
        socket.zap_domain = b"aeiqa"
        self._authenticator = ThreadAuthenticator(socket.context)
        self._authenticator.start()
        self._authenticator.configure_curve_callback("aeiqa", _Known(zmq.curve_public(self._secret(theirs))))

    def close(self) -> None:
        """End the thread that checks keys."""
        if self._authenticator is not None:
            self._authenticator.stop()

    def _secret(self, end: str) -> bytes:
        from zmq.utils import z85

        return z85.encode(hashlib.sha256(b"gr-aeiqa " + end.encode() + b"\0" + self._key).digest())


class _Known:
    """Answers ZeroMQ whether a client may connect: only with the public key that both ends derive."""

    def __init__(self, public: bytes) -> None:
        self._public = public

    def callback(self, domain: str, key: bytes) -> bool:
        return key == self._public
