#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""./aeiqa transmit: send the images of a data set over a radio, to a socket or into a recording.

With --log it goes on where the log ends, so that it can be stopped, or killed, and started again. Legal power
and band are the user's affair.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from gnuradio.aeiqa.cli import EXIT_INTERRUPTED, ArgumentParser, run
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.images import load_dataset
from gnuradio.aeiqa.radio.journal import Journal
from gnuradio.aeiqa.radio.options import (
    ENDPOINT_HELP,
    add_radio_options,
    air_settings,
    given,
    radio_settings,
    stop_on_signals,
)
from gnuradio.aeiqa.radio.transmitting import Choice, Transmitter, send_images

_SENDER = ("modulation", "labels", "copies")


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Send what the options say."""
    args = _parser().parse_args(argv)
    if args.images is not None and args.images < 1:
        raise InputError(f"images: must be 1 or more, got {args.images}")
    settings, config = radio_settings(args), air_settings(args, **given(args, _SENDER))
    dataset = load_dataset(args.dataset)
    journal = Journal(args.log)
    first = journal.last("index", -1) + 1
    count = len(dataset) if args.images is None else args.images
    if first >= count and not args.endless:
        print(f"all {count} images were sent already, says {args.log}", file=sys.stderr)
        return 0
    stop = stop_on_signals()
    choice = Choice(config.modulation, config.copies)
    sent = send_images(
        Transmitter(args.to, settings, config, args.amplitude),
        dataset,
        None if args.endless else count,
        first,
        journal,
        stop,
        lambda: choice,
        (args.to.partition(":")[2], settings) if args.to.startswith("sigmf:") else None,
    )
    journal.close()
    return 0 if args.endless or first + sent == count else EXIT_INTERRUPTED


def _parser() -> ArgumentParser:
    first, rest = __doc__.split("\n\n")
    parser = ArgumentParser(prog="aeiqa transmit", description=first.split(": ", 1)[1], epilog=rest)
    add = parser.add_argument
    add("--to", required=True, metavar="ENDPOINT", help=ENDPOINT_HELP)
    add("--dataset", default="mnist", metavar="NAME|DIR|FILE", help="as for sweep (default: mnist)")
    add("--images", type=int, metavar="N", help="number at which to end (default: all)")
    add("--endless", action="store_true", help="start over behind the last, numbers going on")
    add("--modulation", help="bpsk, qpsk (default), qam16, qam64, qam256 or qam1024")
    add("--labels", help="gray (default) or natural")
    add("--copies", type=int, metavar="N", help="times that each image is sent (default: 1)")
    add("--amplitude", type=float, default=0.2, help="of the samples, full scale 1 (default: 0.2)")
    add("--log", type=Path, metavar="FILE", help="add a JSON line there for each image")
    add_radio_options(parser)
    return parser


if __name__ == "__main__":
    run("aeiqa transmit", main)
