#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Options shared by the command lines of those that transmit and receive."""

import argparse
import signal
import threading
from pathlib import Path
from typing import Any, Optional

from .. import iqa
from ..errors import InputError
from ..fields import add_options, option, read_options, settings
from ..images import Dataset
from ..iqa.classifiers.user_network import USER_CLASSIFIER_HELP
from ..iqa.networks.devices import DeviceSettings, found_device, use_device
from ..link.air_config import AirConfig
from ..link.simulated_air import SimulatedAir
from .endpoints import SCHEMES, RadioSettings
from .recording import Recording

ENDPOINT_HELP = (
    "soapy:ARGS, uhd:ARGS, iio:URI, sigmf:FILE, zmq:ADDRESS (PUSH to PULL, one receiver) or "
    "zmq+pub:ADDRESS (PUB to SUB, any number of them)"
)
assert all(f"{scheme}:" in ENDPOINT_HELP for scheme in SCHEMES)

_RADIO = ("rate", "frequency", "gain", "bandwidth", "antenna")
_SIMULATED = tuple(settings(SimulatedAir))
# What both ends must agree on, as far as there are options.
_FORMAT = ("fft_len", "cp_len", "training_symbols", "payload_symbols")


def add_radio_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `radio_settings` and `air_settings` read."""
    add_options(parser.add_argument_group("the radio"), RadioSettings, *_RADIO)
    frames = parser.add_argument_group("the frames; both ends must agree")
    add_options(frames, AirConfig, *_FORMAT, fft_len="here 32, 64 or 128")


def add_simulated_air_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `simulated_air` reads."""
    group = parser.add_argument_group(
        "a simulated channel", "in front of a socket or a recording, from the first of these options on"
    )
    add_options(group, SimulatedAir, *_SIMULATED)


def simulated_air(args: argparse.Namespace) -> Optional[SimulatedAir]:
    """Return the channel that the options ask for, or None.

    Raises ``InputError`` if they are invalid, or a radio is asked for, too.
    """
    given = read_options(args, SimulatedAir, *_SIMULATED)
    if not given:
        return None
    if args.to.partition(":")[0] not in ("zmq", "zmq+pub", "sigmf"):
        names = ", ".join(option(SimulatedAir, name) for name in given)
        raise InputError(f"{names}: a simulated channel goes with a socket or sigmf:, {args.to} has its own")
    if args.amplitude <= 0:
        raise InputError(f"--amplitude: must be more than 0 with a simulated channel, got {args.amplitude}")
    found = SimulatedAir(**given)
    if "doppler" in given and found.channel != "rayleigh":
        raise InputError(f"--doppler: goes with --channel rayleigh, got {args.doppler} with {found.channel}")
    return found


def add_judge_options(parser: argparse.ArgumentParser, score: str) -> None:
    """Add the options that `judge_of` reads, save ``--dataset``; ``score``: the default's name."""
    add = parser.add_argument
    add(
        "--score",
        default=score,
        metavar="NAME",
        help=f"score the images: one of {', '.join(iqa.SCORES)} (default: {score})",
    )
    add(
        "--target",
        default="paper",
        metavar="NAME",
        help=f"whose error is predicted: paper (default), lenet ..., or your own: {USER_CLASSIFIER_HELP}",
    )
    add("--models", type=Path, metavar="DIR", help="of ./aeiqa train (default: the data set's, or MNIST's)")
    add_options(parser, DeviceSettings, "device")


def judge_of(
    args: argparse.Namespace,
    reference: Optional[Dataset],
    no_reference: str = "which --dataset has to name",
) -> iqa.Judge:
    """Return the judge that the options name, tried out on the reference if there is one.

    From here on torch computes on the device that they choose.

    Args:
        args: with ``target, score, models, device`` and ``dataset``, whose models are taken.
        reference: what is being sent; None: unknown.
        no_reference: what a score that compares is told without.

    Raises:
        InputError: no such target, score, models or device; or a score that cannot score images one by one
            as they come, or needs a reference that is not there.
    """
    if iqa.is_own(args.target) and args.models is None:
        raise InputError(iqa.no_models_text(args.target))
    use_device(found_device(DeviceSettings(**read_options(args, DeviceSettings, "device")).device))
    models = {"path": args.models, "dataset": args.dataset or "mnist"}
    class_names = () if reference is None else reference.class_names
    target = iqa.load_target(args.target, **models, class_names=class_names)
    if reference is not None:
        # Before the score, which is fitted to a classifier known by its answers.
        iqa.Judge(target).answers(reference.images[:1])
    score = iqa.load_score(args.score, target, **models)
    if "reference" in score.needs and reference is None:
        raise InputError(f"--score {args.score}: compares with what was sent, {no_reference}")
    if not score.pools:
        raise InputError(f"--score {args.score}: compares whole sets of images, and these come one by one")
    judge = iqa.Judge(target, score)
    if reference is not None:
        judge(reference.images[:1], reference.images[:1])
    return judge


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
