#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""What the command lines of the transmitter and the receiver share."""

import argparse
import signal
import threading

from ..link.air_config import AirConfig
from .endpoints import SCHEMES, RadioSettings

ENDPOINT_HELP = "soapy:ARGS, uhd:ARGS, iio:URI, zmq:ADDRESS or sigmf:FILE"
assert all(f"{scheme}:" in ENDPOINT_HELP for scheme in SCHEMES)

_RADIO = {
    "rate": (float, "samples a second (default: 1e6)"),
    "frequency": (float, "of the carrier, Hz"),
    "gain": (float, "dB; iio transmitters: minus the attenuation"),
    "bandwidth": (float, "of the analogue filters, Hz"),
    "antenna": (str, "name of the port"),
}
# What both ends must agree on.
_FORMAT = {
    "fft_len": "carriers of an OFDM symbol: 32, 64 or 128 (default: 64)",
    "cp_len": "samples of cyclic prefix (default: 16)",
    "training_symbols": "in each frame (default: 2)",
    "payload_symbols": "in each frame (default: 66)",
}


def add_radio_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `radio_settings` and `air_settings` read."""
    radio = parser.add_argument_group("the radio; what is left out stays as the driver has it")
    for name, (kind, text) in _RADIO.items():
        radio.add_argument(f"--{name}", type=kind, metavar=name.upper(), help=text)
    frames = parser.add_argument_group("the frames; both ends must agree")
    for name, text in _FORMAT.items():
        frames.add_argument(f"--{name.replace('_', '-')}", type=int, metavar="N", help=text)


def radio_settings(args: argparse.Namespace) -> RadioSettings:
    """Return the radio's settings; ``InputError`` if they cannot be."""
    return RadioSettings(**given(args, _RADIO))


def air_settings(args: argparse.Namespace, **more: object) -> AirConfig:
    """Return the frames' settings; ``InputError`` if they cannot be."""
    return AirConfig(**given(args, _FORMAT), **more)


def given(args: argparse.Namespace, names: object) -> dict[str, object]:
    """Return the options that were given, of those names."""
    return {name: getattr(args, name) for name in names if getattr(args, name) is not None}


def stop_on_signals() -> threading.Event:
    """Return an event that Ctrl-C or SIGTERM sets; a second one ends the process at once."""
    stop = threading.Event()

    def handle(number: int, frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)
    return stop
