#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
r"""./aeiqa device: send images to an edge, take its answers, and ask again where it is not sure.

With --log it goes on where the log ends, so that it can be stopped, or killed, and started again. Legal
power and band are the user's affair.

Example:
    ./aeiqa device --to zmq:tcp://127.0.0.1:5555 --answers zmq:tcp://127.0.0.1:5557 --images 1000 \
        --ask-again 0.2
"""

import argparse
import secrets
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

from gnuradio.aeiqa.air import AirConfig
from gnuradio.aeiqa.cli import EXIT_INTERRUPTED, ArgumentParser, run
from gnuradio.aeiqa.edge.answers import AnswerListener
from gnuradio.aeiqa.edge.device import converse, sturdier
from gnuradio.aeiqa.edge.exchange import Exchange
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.fields import add_options
from gnuradio.aeiqa.files import check_outputs
from gnuradio.aeiqa.images import DATASET_HELP, load_dataset
from gnuradio.aeiqa.radio.image_log import MOST_IMAGES, ImageLog
from gnuradio.aeiqa.radio.options import (
    ENDPOINT_HELP,
    add_radio_options,
    add_simulated_air_options,
    air_settings,
    radio_settings,
    simulated_air,
    stop_on_signals,
)
from gnuradio.aeiqa.radio.sockets.shared_key import read_key
from gnuradio.aeiqa.radio.transmitting import Choice, Transmitter

_SENDER = ("modulation", "labels", "copies")
_WINDOW, _TIMEOUT = 16, 10.0


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Send what the options say, and print what came back."""
    args = _parser().parse_args(argv)
    _check(args)
    settings, config = radio_settings(args), air_settings(args, *_SENDER)
    config = replace(config, stream=secrets.randbelow(1 << 16))
    again = None
    if args.ask_again is not None:
        again = Choice(sturdier(config.modulation), config.copies)
    check_outputs({"--dataset": args.dataset}, {"--log": args.log})
    dataset = load_dataset(args.dataset)
    known = _Numbers()
    log = ImageLog(args.log, known.recall)
    first, count = known.next_index, len(dataset) if args.images is None else args.images
    if first >= count and not args.endless:
        print(f"all {count} images were sent already, says {args.log}", file=sys.stderr)
        return 0
    stop = stop_on_signals()
    listener = AnswerListener(args.answers, read_key(args.key))
    sent = converse(
        Transmitter(args.to, settings, config, args.amplitude, log, simulated_air(args)),
        dataset,
        None if args.endless else count,
        first,
        stop,
        Exchange(config.stream, args.window, args.timeout, args.ask_again),
        listener,
        Choice(config.modulation, config.copies),
        again,
    )
    log.close()
    listener.close()
    return 0 if args.endless or first + sent == count else EXIT_INTERRUPTED


class _Numbers:
    """The number behind all those in a log, in which images sent again follow later ones."""

    def __init__(self) -> None:
        self.next_index = 0

    def recall(self, line: dict[str, Any]) -> None:
        for name, step in (("index", 1), ("next", 0)):
            self.next_index = max(self.next_index, line.get(name, -step) + step)


def _check(args: argparse.Namespace) -> None:
    if args.to.startswith("sigmf:"):
        raise InputError(f"--to {args.to}: nobody answers a recording; ./aeiqa transmit makes one")
    if args.images is not None and not 1 <= args.images <= MOST_IMAGES:
        raise InputError(f"--images: must be from 1 to {MOST_IMAGES}, got {args.images}")
    if args.ask_again is not None and not 0 <= args.ask_again < 1:
        raise InputError(f"--ask-again: must be from 0 to below 1, got {args.ask_again}")
    if args.window < 1:
        raise InputError(f"--window: must be 1 or more, got {args.window}")
    if not 0 < args.timeout < 1e9:
        raise InputError(f"--timeout: must be a number of seconds above 0, got {args.timeout}")


def _parser() -> ArgumentParser:
    parser = ArgumentParser.of(__doc__)
    add = parser.add_argument
    add("--to", required=True, metavar="ENDPOINT", help=ENDPOINT_HELP)
    add(
        "--answers",
        required=True,
        metavar="zmq:ADDRESS",
        help="where to listen for answers, as zmq:tcp://127.0.0.1:5557",
    )
    add("--key", type=Path, metavar="FILE", help="secret that the edge has too, for answers over a network")
    add("--dataset", default="mnist", metavar="NAME|DIR|FILE", help=f"{DATASET_HELP} (default: mnist)")
    add("--images", type=int, metavar="N", help="number at which to end (default: all)")
    add("--endless", action="store_true", help="start over behind the last, numbers going on")
    add(
        "--ask-again",
        type=float,
        metavar="P",
        help="send an image whose P(wrong) exceeds P once more, in the next sturdier modulation",
    )
    add(
        "--window",
        type=int,
        default=_WINDOW,
        metavar="N",
        help=f"images that wait for an answer, at most (default: {_WINDOW})",
    )
    add(
        "--timeout",
        type=float,
        default=_TIMEOUT,
        metavar="SECONDS",
        help=f"that an answer is waited for (default: {_TIMEOUT:g})",
    )
    add_options(parser, AirConfig, *_SENDER)
    add("--amplitude", type=float, default=0.2, help="of the samples, full scale 1 (default: 0.2)")
    add("--log", type=Path, metavar="FILE", help="add a JSON line there for each image")
    add_radio_options(parser)
    add_simulated_air_options(parser)
    return parser


if __name__ == "__main__":
    run("aeiqa device", main)
