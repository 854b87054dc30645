#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""./aeiqa bench: the link's speed beside the same link of GNU Radio's own blocks, and its memory."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from tqdm import tqdm

from gnuradio.aeiqa.bench import mnist_images
from gnuradio.aeiqa.bench.gray_qam import AXIS_BITS
from gnuradio.aeiqa.bench.memory import SIZES, measure_memory
from gnuradio.aeiqa.bench.speed import measure_speed
from gnuradio.aeiqa.bench.table import as_json, memory_table, speed_table
from gnuradio.aeiqa.cli import ArgumentParser, run
from gnuradio.aeiqa.errors import InputError


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Measure, print the tables, write the JSON file."""
    args = _parser().parse_args(argv)
    if args.json and not args.json.absolute().parent.is_dir():
        raise InputError(f"--json {args.json}: no such folder")
    speed = measure_speed(mnist_images(args.images), args.modulation, args.snr, args.repeats, _progress)
    print(speed_table(speed), flush=True)
    peaks = None
    if args.memory:
        print(f"measuring memory with {SIZES[0]} and {SIZES[1]} images ...", file=sys.stderr)
        peaks = measure_memory()
        print("\n" + memory_table(peaks))
    if args.json:
        args.json.write_text(json.dumps(as_json(speed, peaks), indent=2) + "\n", encoding="utf-8")
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="aeiqa bench", description=__doc__.split(": ", 1)[1])
    add = parser.add_argument
    add("--images", type=_count, default=30000, metavar="N", help="MNIST images to send (default: 30000)")
    add("--repeats", type=_count, default=5, metavar="N", help="runs of each link (default: 5)")
    add("--modulation", choices=AXIS_BITS, default="qam16", help="default: qam16")
    add("--snr", type=float, default=10.0, metavar="DB", help="Es/N0 in dB (default: 10)")
    add("--json", type=Path, metavar="FILE", help="write everything measured there, too")
    add("--no-memory", dest="memory", action="store_false", help="measure the speed only")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, got {text!r}")
    return int(text)


def _progress(runs: list):
    if not sys.stderr.isatty():
        print(f"{len(runs)} runs, the links in turn ...", file=sys.stderr)
    return tqdm(runs, unit="run", file=sys.stderr, disable=not sys.stderr.isatty())


if __name__ == "__main__":
    run("aeiqa bench", main)
