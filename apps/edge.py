#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
r"""./aeiqa edge: receive images, classify them, answer their sender, and watch the link without a label.

With --log it goes on behind its last image, so that it can be stopped, or killed, and started again without
losing count. It ends with Ctrl-C, with a recording, or as --images and --idle say.

Examples:
    ./aeiqa edge --from zmq:tcp://localhost:5555 --answers zmq:tcp://127.0.0.1:5557 --limit 5 \
        --http 127.0.0.1:8080
    ./aeiqa edge --from soapy:driver=rtlsdr --rate 2e6 --frequency 2.45e9 --gain 30 --log edge.jsonl
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from gnuradio.aeiqa.cli import ArgumentParser, run
from gnuradio.aeiqa.edge.account import Account
from gnuradio.aeiqa.edge.answers import AnswerSender
from gnuradio.aeiqa.edge.monitor import Monitor
from gnuradio.aeiqa.edge.service import Edge, serve
from gnuradio.aeiqa.edge.settings import EdgeSettings
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.fields import add_options, read_options
from gnuradio.aeiqa.files import check_outputs
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
from gnuradio.aeiqa.radio.receiving import Receiver
from gnuradio.aeiqa.radio.sockets.shared_key import read_key

_WATCH = ("limit", "false_alarms", "lost_limit", "silence", "level_limit", "window")
_BATCHES = ("batch", "batch_wait")


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Serve as the options say."""
    args = _parser().parse_args(argv)
    if args.score == "none":
        raise InputError("--score none: an edge needs a score that predicts the error (--score blind)")
    edge_settings = EdgeSettings(**read_options(args, EdgeSettings, *_WATCH, *_BATCHES))
    source = getattr(args, "from")
    recording = recording_of(source, args.channel)
    settings, config = radio_settings(args, recording), air_settings(args, recording=recording)
    inputs = {} if recording is None else {"--from": recording.data, "--from's metadata": recording.meta}
    check_outputs(inputs, {"--log": args.log})
    judge = judge_of(args, None, "which an edge does not know (--score blind)")
    answers = None if args.answers is None else AnswerSender(args.answers, read_key(args.key))
    account = Account()
    log = ImageLog(args.log, account.recall)
    stop = stop_on_signals()
    receiver = Receiver(source if recording is None else recording, settings, config)
    edge = Edge(judge, edge_settings, answers, log, account)
    monitor = None if args.http is None else Monitor(args.http, edge.status, edge.status_age)
    if monitor is not None:
        print(f"aeiqa edge: http://{monitor.address}", file=sys.stderr)
    serve(edge, receiver, stop, log, args.images, args.idle)
    log.close()
    if monitor is not None:
        monitor.close()
    if answers is not None:
        answers.close()
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser.of(__doc__)
    add = parser.add_argument
    add("--from", required=True, metavar="ENDPOINT", help=ENDPOINT_HELP)
    add("--channel", type=int, metavar="N", help="which channel of a recording that has several, from 0")
    add(
        "--answers",
        metavar="zmq:ADDRESS",
        help="send answers to the device that listens there, as zmq:tcp://HOST:5557",
    )
    add("--key", type=Path, metavar="FILE", help="secret that the device has too, for answers over a network")
    add(
        "--http",
        metavar="ADDRESS",
        help="show the state there, to people and to Prometheus, as 127.0.0.1:8080; this machine only",
    )
    add("--dataset", metavar="NAME", help="whose models classify and score (default: mnist)")
    add_judge_options(parser, "blind")
    add("--images", type=int, metavar="N", help="number at which to end, as for device")
    add("--idle", type=float, metavar="SECONDS", help="end so long after the last image")
    add("--log", type=Path, metavar="FILE", help="add a JSON line there for each image; read at the start")
    add_options(parser.add_argument_group("the watch"), EdgeSettings, *_WATCH)
    add_options(parser.add_argument_group("batches"), EdgeSettings, *_BATCHES)
    add_radio_options(parser)
    return parser


if __name__ == "__main__":
    run("aeiqa edge", main)
