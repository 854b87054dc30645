#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
r"""./aeiqa receive: receive images from a radio, a socket or a recording, and score them as they come.

It ends with the recording, with Ctrl-C, or as --images and --idle say. With --log it counts as missed what
was sent while it was away.

Examples:
    ./aeiqa receive --from zmq:tcp://localhost:5555 --score blind --images 1000
    ./aeiqa receive --from soapy:driver=rtlsdr --rate 2e6 --frequency 2.45e9 --gain 30 --record walk \
        --log rx.jsonl
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

import numpy as np

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.cli import ArgumentParser, run
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.files import check_outputs
from gnuradio.aeiqa.images import load_dataset
from gnuradio.aeiqa.radio import sigmf
from gnuradio.aeiqa.radio.image_log import ImageLog
from gnuradio.aeiqa.radio.options import (
    ENDPOINT_HELP,
    add_judge_options,
    add_radio_options,
    air_settings,
    judge_of,
    radio_settings,
    recording_of,
    stop_on_signals,
)
from gnuradio.aeiqa.radio.receiving import Receiver, receive_images
from gnuradio.aeiqa.radio.recording import Recording
from gnuradio.aeiqa.radio.sockets.reports import ReportSender
from gnuradio.aeiqa.radio.sockets.shared_key import read_key


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Receive as the options say."""
    args = _parser().parse_args(argv)
    if args.save is not None and not args.save.absolute().parent.is_dir():
        raise InputError(f"--save {args.save}: no such folder")
    reference = None if args.dataset is None else load_dataset(args.dataset)
    judge = None if args.score == "none" else judge_of(args, reference)
    reports = None if args.reports is None else _reports(args, judge)
    source = getattr(args, "from")
    recording = recording_of(source, args.channel)
    settings, config = radio_settings(args, recording), air_settings(args, recording=recording)
    _check_files(args, recording)
    log = ImageLog(args.log)
    stop = stop_on_signals()
    origin = source if recording is None else recording
    largest = None if reference is None else max(image.nbytes for image in reference.images)
    receiver = Receiver(origin, settings, config, args.record, largest)
    keep = args.save is not None
    limits = (args.images, args.idle)
    _, images = receive_images(receiver, log, stop, reference, judge, *limits, keep, reports)
    log.close()
    if reports is not None:
        reports.close()
    if args.save is not None:
        _save(args.save, images)
    return 0


def _check_files(args: argparse.Namespace, recording: Optional[Recording]) -> None:
    inputs = {"--dataset": args.dataset}
    if recording is not None:
        inputs |= {"--from": recording.data, "--from's metadata": recording.meta}
    outputs = {"--log": args.log, "--save": args.save}
    if args.record is not None:
        outputs |= zip(("--record", "--record's metadata"), sigmf.paths(args.record), strict=True)
    check_outputs(inputs, outputs)


def _reports(args: argparse.Namespace, judge: Optional[iqa.Judge]) -> ReportSender:
    if judge is None:
        raise InputError("--reports: report what --score says of the images (--score blind)")
    return ReportSender(args.reports, read_key(args.key))


def _save(path: Path, images: list) -> None:
    """Write images of one shape to an .npz file: ``images``, ``labels``, ``index``."""
    from gnuradio.aeiqa.files import write_arrays

    if len({image.image.shape for image in images}) > 1:
        raise InputError("--save: takes images of one shape, and several came")
    write_arrays(
        path,
        {
            "images": np.array([image.image for image in images], np.uint8),
            "labels": np.array([image.label for image in images], np.int64),
            "index": np.array([image.index for image in images], np.int64),
        },
    )


def _parser() -> ArgumentParser:
    parser = ArgumentParser.of(__doc__)
    add = parser.add_argument
    add("--from", required=True, metavar="ENDPOINT", help=ENDPOINT_HELP)
    add("--channel", type=int, metavar="N", help="which channel of a recording that has several, from 0")
    sent = "what is being sent, for bit errors and some scores; larger images are refused"
    add("--dataset", metavar="NAME|DIR|FILE", help=sent)
    add_judge_options(parser, "none")
    add(
        "--reports",
        metavar="zmq:ADDRESS",
        help="send scores back to transmit --adapt, as zmq:tcp://HOST:5556",
    )
    add("--key", type=Path, metavar="FILE", help="secret that transmit has too, for reports over a network")
    add("--images", type=int, metavar="N", help="number at which to end, as for transmit")
    add("--idle", type=float, metavar="SECONDS", help="end so long after the last image")
    add("--log", type=Path, metavar="FILE", help="add a JSON line there for each image")
    add("--record", metavar="FILE", help="write the samples to a SigMF recording as well")
    add("--save", type=Path, metavar="FILE.npz", help="write the images there at the end")
    add_radio_options(parser)
    return parser


if __name__ == "__main__":
    run("aeiqa receive", main)
