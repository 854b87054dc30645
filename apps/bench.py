#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""./aeiqa bench: the link's speed beside the same link of GNU Radio's own blocks, and its memory.

--air measures the air instead: frames found, frames made of noise, and speed beside GNU Radio's packet OFDM.

Examples:
    ./aeiqa bench --repeats 11
    ./aeiqa bench --air --frames 1000
"""

import argparse
import json
import sys
import tempfile
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
    if args.air:
        return _air(args)
    speed = measure_speed(mnist_images(args.images), args.modulation, args.snr, args.repeats, _progress)
    print(speed_table(speed), flush=True)
    peaks = None
    if args.memory:
        print(f"measuring memory with {SIZES[0]} and {SIZES[1]} images ...", file=sys.stderr)
        peaks = measure_memory()
        print("\n" + memory_table(peaks))
    if args.json:
        _write(args.json, as_json(speed, peaks))
    return 0


def _write(path: Path, measured: dict) -> None:
    path.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")


def _air(args: argparse.Namespace) -> int:
    from gnuradio.aeiqa.bench.air import air_speed, frame_statistics, noise_statistics, tone_statistics
    from gnuradio.aeiqa.bench.air_table import air_as_json, frames_rows, noise_row, speed_rows, tone_row

    frames = []
    for snr_db in (20.0, 5.0):
        frames.append(frame_statistics(args.frames, snr_db, progress=_batches))
        print(frames_rows(frames[-1]), flush=True)
    tones = []
    for level_db in (-10.0, 0.0):
        for carrier in (0.0, -26.5, 26.5, 30.2):
            for pauses in (False, True):
                tones.append(tone_statistics(200, level_db, carrier, pauses))
                print(tone_row(tones[-1]), flush=True)
    noise = noise_statistics(args.noise)
    print(noise_row(noise), flush=True)
    with tempfile.NamedTemporaryFile() as samples:
        speed = air_speed(2000, 300, args.repeats, samples.name)
    print(speed_rows(speed))
    if args.json:
        _write(args.json, air_as_json(frames, tones, noise, speed))
    return 0


def _batches(steps: range) -> tqdm:
    return tqdm(steps, desc="frames", unit="batch", leave=False)


def _parser() -> ArgumentParser:
    parser = ArgumentParser.of(__doc__)
    add = parser.add_argument
    add("--images", type=_count, default=30000, metavar="N", help="MNIST images to send (default: 30000)")
    add("--repeats", type=_count, default=5, metavar="N", help="runs of each link (default: 5)")
    add("--modulation", choices=AXIS_BITS, default="qam16", help="default: qam16")
    add("--snr", type=float, default=10.0, metavar="DB", help="Es/N0 in dB (default: 10)")
    add("--json", type=Path, metavar="FILE", help="write everything measured there, too")
    add("--air", action="store_true", help="measure the air: --frames, --noise and --repeats apply")
    add("--frames", type=_count, default=10_000, metavar="N", help="frames at each SNR (default: 10000)")
    add("--noise", type=_count, default=100_000_000, metavar="N", help="samples of noise (default: 10^8)")
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
