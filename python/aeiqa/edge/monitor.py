#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The edge's state over HTTP, for people and for Prometheus: read-only, and bounded in clients and time."""

import contextlib
import ipaddress
import json
import socket
import threading
from collections import OrderedDict
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ..errors import InputError
from .metrics_text import CONTENT_TYPE, metrics_text

_MOST_CLIENTS = 16
_PATIENCE = 5.0  # seconds that a client may take for a part of its request or of the answer
_STALE = 30.0  # seconds after which a status says that the edge stands still
_FILES = {
    "/": ("page.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Monitor:
    """Serves ``/``, ``/status``, ``/metrics`` and ``/health`` from threads of its own until it is closed.

    ``address`` is where it is found, as ``127.0.0.1:8080``.

    Args:
        address: host and port of this machine's loopback; port 0: one that is free.
        status: returns the status, a dict that JSON takes, empty until the first one is made.
        age: returns how many seconds old it is.

    Raises:
        InputError: the address is invalid, taken, or of another interface.
    """

    def __init__(self, address: str, status: Callable[[], dict[str, Any]], age: Callable[[], float]) -> None:
        host, port = _parsed(address)
        try:
            self._server = _Server(host, port, status, age)
        except OSError as error:
            raise InputError(f"--http {address}: {error.strerror or error}") from error
        shown = f"[{host}]" if ":" in host else host
        self.address = f"{shown}:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(
        self, host: str, port: int, status: Callable[[], dict[str, Any]], age: Callable[[], float]
    ) -> None:
        self.status, self.age = status, age
        self._lock = threading.Lock()
        self._clients: OrderedDict[socket.socket, None] = OrderedDict()
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a client; the one that has taken longest gives way to one too many."""
        with self._lock:
            self._clients[request] = None
            oldest = next(iter(self._clients)) if len(self._clients) > _MOST_CLIENTS else None
            if oldest is not None:
                del self._clients[oldest]
        if oldest is not None:
            with contextlib.suppress(OSError):  # it may just have gone by itself
                oldest.shutdown(socket.SHUT_RDWR)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._clients.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that vanish or stall: anybody can make as many of these as they like."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version, sys_version = "aeiqa", ""
    timeout = _PATIENCE

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if not self._names_this_machine():
            self._reply(403, b"this host is not served\n", "text/plain; charset=utf-8")
        elif path in _FILES:
            name, kind = _FILES[path]
            self._reply(200, (Path(__file__).parent / name).read_bytes(), kind)
        elif path == "/health":
            fine = bool(self.server.status()) and self.server.age() < _STALE
            self._reply_json(200 if fine else 503, {"status": "ok" if fine else "stalled"})
        elif path in ("/status", "/metrics"):
            status = self.server.status()
            if not status:
                self._reply_json(503, {"status": "starting"})
            elif path == "/status":
                self._reply_json(200, status)
            else:
                self._reply(200, metrics_text(status).encode(), CONTENT_TYPE)
        else:
            self._reply(404, b"not here\n", "text/plain; charset=utf-8")

    do_HEAD = do_GET

    def _names_this_machine(self) -> bool:
        """Whether the request is for the loopback: a stranger's page may give its own name our address."""
        host = (self.headers.get("Host") or "localhost").strip()
        name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
        return _is_loopback(name)

    def _reply_json(self, code: int, content: dict[str, Any]) -> None:
        self._reply(code, json.dumps(content, allow_nan=False).encode(), "application/json")

    def _reply(self, code: int, body: bytes, kind: str) -> None:
        self.send_response(code)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **_HEADERS}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of each request."""


def _parsed(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not port.isascii() or not port.isdigit() or int(port) > 65535 or not host:
        raise InputError(f"--http {address}: must be like 127.0.0.1:8080")
    if not _is_loopback(host):
        raise InputError(
            f"--http {address}: is not this machine's loopback, and whoever reaches it could read it: use "
            "127.0.0.1, and a proxy that asks who comes"
        )
    return "127.0.0.1" if host == "localhost" else host, int(port)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
