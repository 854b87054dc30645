#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Options shared by the command lines of transmitter and receiver."""

import argparse
import signal
import threading
from typing import Any, Optional

from ..errors import InputError
from ..fields import add_options, option, read_options
from ..link.air_config import AirConfig
from .endpoints import SCHEMES, RadioSettings
from .recording import Recording

ENDPOINT_HELP = "soapy:ARGS, uhd:ARGS, iio:URI, zmq:ADDRESS or sigmf:FILE"
assert all(f"{scheme}:" in ENDPOINT_HELP for scheme in SCHEMES)

_RADIO = ("rate", "frequency", "gain", "bandwidth", "antenna")
# What both ends must agree on, as far as there are options.
_FORMAT = ("fft_len", "cp_len", "training_symbols", "payload_symbols")


def add_radio_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `radio_settings` and `air_settings` read."""
    add_options(parser.add_argument_group("the radio"), RadioSettings, *_RADIO)
    frames = parser.add_argument_group("the frames; both ends must agree")
    add_options(frames, AirConfig, *_FORMAT, fft_len="here 32, 64 or 128")


def recording_of(url: str, channel: Optional[int] = None) -> Optional[Recording]:
    """Return the recording that an endpoint names, or None; ``channel``: which one of it to play.

    Raises ``InputError`` if it cannot be played, or if what has one channel is asked for another.
    """
    scheme, _, name = url.partition(":")
    if scheme != "sigmf":
        if channel is not None:
            raise InputError(f"--channel {channel}: is one of a recording's, and {url} is none (sigmf:FILE)")
        return None
    try:
        return Recording(name, channel)
    except InputError as error:
        raise InputError(f"{url}: {error}") from error


def radio_settings(args: argparse.Namespace, recording: Optional[Recording] = None) -> RadioSettings:
    """Return the radio's settings; what is left out is a recording's.

    Raises ``InputError`` if they are invalid, or the recording says otherwise.
    """
    given = read_options(args, RadioSettings, *_RADIO)
    return RadioSettings(**_agreed(given, RadioSettings, recording, "radio"))


def air_settings(args: argparse.Namespace, *also: str, recording: Optional[Recording] = None) -> AirConfig:
    """Return the frames' settings, with ``also`` further fields'; what is left out is a recording's.

    Raises ``InputError`` if they are invalid, or the recording says otherwise.
    """
    given = read_options(args, AirConfig, *_FORMAT, *also)
    return AirConfig(**_agreed(given, AirConfig, recording, "frames"))


def _agreed(given: dict[str, Any], config: type, recording: Optional[Recording], part: str) -> dict[str, Any]:
    recorded = {} if recording is None else getattr(recording, part)
    for name, value in recorded.items():
        if given.get(name, value) != value:
            raise InputError(
                f"{option(config, name)} {given[name]:g}: {recording.meta} was made with {value:g}"
            )
    return recorded | given


def stop_on_signals() -> threading.Event:
    """Return an event that Ctrl-C or SIGTERM sets; a second one ends the process at once."""
    stop = threading.Event()

    def handle(number: int, frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)
    return stop
