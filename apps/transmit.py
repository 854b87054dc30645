#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
r"""./aeiqa transmit: send the images of a data set over a radio, to a socket or into a recording.

With --log it goes on where the log ends, so that it can be stopped, or killed, and started again. With
--adapt the receiver's reports choose each image's modulation and copies. Legal power and band are the user's
affair.

Examples:
    ./aeiqa transmit --to zmq:tcp://127.0.0.1:5555 --images 1000 --channel rayleigh --snr 12
    ./aeiqa transmit --to soapy:driver=hackrf --rate 2e6 --frequency 2.45e9 --gain 0 --endless \
        --log tx.jsonl
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from gnuradio.aeiqa.adapt import MODES, AdapterSettings, LinkAdapter, air_modes, load_curves
from gnuradio.aeiqa.air import AirConfig
from gnuradio.aeiqa.cli import EXIT_INTERRUPTED, ArgumentParser, run
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.fields import add_options, read_options
from gnuradio.aeiqa.files import check_outputs
from gnuradio.aeiqa.images import DATASET_HELP, Dataset, load_dataset
from gnuradio.aeiqa.radio import sigmf
from gnuradio.aeiqa.radio.closed_loop import ClosedLoop
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
from gnuradio.aeiqa.radio.sockets.reports import ReportListener
from gnuradio.aeiqa.radio.sockets.shared_key import read_key
from gnuradio.aeiqa.radio.transmitting import Choice, Transmitter, send_images

_SENDER = ("modulation", "labels", "copies")


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Send what the options say."""
    args = _parser().parse_args(argv)
    if args.images is not None and not 1 <= args.images <= MOST_IMAGES:
        raise InputError(f"images: must be from 1 to {MOST_IMAGES}, got {args.images}")
    settings, config = radio_settings(args), air_settings(args, *_SENDER)
    _check_files(args)
    dataset = load_dataset(args.dataset)
    log = ImageLog(args.log)
    first = log.next_index
    count = len(dataset) if args.images is None else args.images
    if first >= count and not args.endless:
        print(f"all {count} images were sent already, says {args.log}", file=sys.stderr)
        return 0
    stop = stop_on_signals()
    loop = _closed_loop(args, config, dataset)
    fixed = Choice(config.modulation, config.copies)
    sent = send_images(
        Transmitter(args.to, settings, config, args.amplitude, log, simulated_air(args)),
        dataset,
        None if args.endless else count,
        first,
        stop,
        (lambda index: fixed) if loop is None else loop.choose,
        (args.to.partition(":")[2], settings) if args.to.startswith("sigmf:") else None,
    )
    log.close()
    if loop is not None:
        loop.close()
    return 0 if args.endless or first + sent == count else EXIT_INTERRUPTED


def _check_files(args: argparse.Namespace) -> None:
    inputs = {"--dataset": args.dataset, "--curves": args.curves}
    outputs = {"--log": args.log}
    if args.to.startswith("sigmf:"):
        outputs |= zip(("--to", "--to's metadata"), sigmf.paths(args.to.partition(":")[2]), strict=True)
    check_outputs(inputs, outputs)


def _closed_loop(args: argparse.Namespace, config: AirConfig, dataset: Dataset) -> Optional[ClosedLoop]:
    if not args.adapt:
        if args.reports is not None:
            raise InputError("--reports: goes with --adapt")
        return None
    if args.reports is None:
        raise InputError("--adapt: needs --reports, where the receiver's reports come in")
    if args.modulation is not None or args.copies is not None:
        raise InputError("--adapt: chooses modulation and copies, which --modes names")
    names = MODES if args.modes is None else tuple(args.modes.split(","))
    modes = air_modes(config, dataset.images[0].nbytes, names)
    curves = load_curves(args.target, args.curves)
    adapter = LinkAdapter(
        modes, curves, AdapterSettings(**read_options(args, AdapterSettings, "target_error"))
    )
    left = ", ".join(f"{mode.name} {mode.air_time:g}" for mode in adapter.modes)
    print(f"aeiqa transmit: OFDM symbols of an image: {left}", file=sys.stderr)
    return ClosedLoop(adapter, ReportListener(args.reports, read_key(args.key)))


def _parser() -> ArgumentParser:
    parser = ArgumentParser.of(__doc__)
    add = parser.add_argument
    add("--to", required=True, metavar="ENDPOINT", help=ENDPOINT_HELP)
    add("--dataset", default="mnist", metavar="NAME|DIR|FILE", help=f"{DATASET_HELP} (default: mnist)")
    add("--images", type=int, metavar="N", help="number at which to end (default: all)")
    add("--endless", action="store_true", help="start over behind the last, numbers going on")
    add_options(parser, AirConfig, *_SENDER)
    add("--amplitude", type=float, default=0.2, help="of the samples, full scale 1 (default: 0.2)")
    add("--log", type=Path, metavar="FILE", help="add a JSON line there for each image")
    loop = parser.add_argument_group("link adaptation")
    add = loop.add_argument
    add("--adapt", action="store_true", help="choose modulation and copies by the receiver's reports")
    add("--reports", metavar="zmq:ADDRESS", help="where to listen for reports, as zmq:tcp://127.0.0.1:5556")
    add("--key", type=Path, metavar="FILE", help="secret that receive has too, for reports over a network")
    add("--target", default="paper", metavar="NAME", help="the receiver's classifier (default: paper)")
    add("--curves", type=Path, metavar="FILE", help="its error curves (default: the project's)")
    add_options(loop, AdapterSettings, "target_error")
    add("--modes", metavar="NAME,...", help="to choose from (default: qpskx2,qpsk,qam16,qam256)")
    add_radio_options(parser)
    add_simulated_air_options(parser)
    return parser


if __name__ == "__main__":
    run("aeiqa transmit", main)
