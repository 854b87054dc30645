#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Reports reach the transmitter from who has its key, and from nobody else."""

import time

import pytest

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.radio.sockets.reports import Report, ReportListener, ReportSender
from gnuradio.aeiqa.radio.sockets.shared_key import is_local, read_key

zmq = pytest.importorskip("zmq", reason="no zmq (Debian package python3-zmq)")
KEY, OTHER = b"k" * 32, b"l" * 32


def exchange(listener_key, sender_key, wait=3.0):
    """Send a report every 50 ms until one arrives or the time is over; return what arrived."""
    listener = ReportListener("zmq:ipc://@aeiqa-test-shared-key", listener_key)
    sender = ReportSender("zmq:ipc://@aeiqa-test-shared-key", sender_key)
    try:
        end = time.monotonic() + wait
        while time.monotonic() < end:
            sender.send(Report(7, 0.25, 12.0, 0))
            time.sleep(0.05)
            if arrived := listener.take():
                return arrived[0]
        return None
    finally:
        sender.close()
        listener.close()


@pytest.mark.parametrize("key", [None, KEY])
def test_the_same_key_at_both_ends(key):
    assert exchange(key, key, wait=60.0) == Report(7, 0.25, 12.0, 0)


@pytest.mark.parametrize(("listener", "sender"), [(KEY, OTHER), (KEY, None), (None, KEY)])
def test_another_key_or_none_gets_nothing_through(listener, sender):
    assert exchange(listener, sender, wait=1.0) is None


@pytest.mark.parametrize(
    "address", ["tcp://*:5556", "tcp://0.0.0.0:5556", "tcp://example.org:1", "tcp://[::]:5"]
)
@pytest.mark.parametrize("kind", [ReportListener, ReportSender])
def test_beyond_this_machine_a_key_is_needed(kind, address):
    with pytest.raises(InputError, match=r"--reports: tcp://.* goes beyond this machine.*--key FILE"):
        kind(f"zmq:{address}")


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "tcp://localhost:1", "tcp://[::1]:1", "ipc://reports"]
)
def test_addresses_of_this_machine(address):
    assert is_local(address)


@pytest.mark.parametrize(
    ("content", "words"), [(b"short", "must hold 16 to 4096 bytes, has 5 bytes"), (b"x" * 5000, "has more")]
)
def test_files_that_hold_no_key(tmp_path, content, words):
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_key(tmp_path / "key")
    with pytest.raises(InputError, match="none: No such file"):
        read_key(tmp_path / "none")
    assert read_key(None) is None
