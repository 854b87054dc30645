#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""What the command lines of the transmitter and the receiver share."""

import argparse
import signal
import threading

from ..fields import add_options, read_options
from ..link.air_config import AirConfig
from .endpoints import SCHEMES, RadioSettings

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


def radio_settings(args: argparse.Namespace) -> RadioSettings:
    """Return the radio's settings; ``InputError`` if they cannot be."""
    return RadioSettings(**read_options(args, RadioSettings, *_RADIO))


def air_settings(args: argparse.Namespace, *also: str) -> AirConfig:
    """Return the frames' settings, with ``also`` further fields'; ``InputError`` if they cannot be."""
    return AirConfig(**read_options(args, AirConfig, *_FORMAT, *also))


def stop_on_signals() -> threading.Event:
    """Return an event that Ctrl-C or SIGTERM sets; a second one ends the process at once."""
    stop = threading.Event()

    def handle(number: int, frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)
    return stop
