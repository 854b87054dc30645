#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""./aeiqa adapt: choose modulation and copies by predicted error, against fixed ones and SNR tables.

MNIST test images cross traces of a fading channel; how fast is each way of choosing while at most 5 % are
misclassified? Run again, it goes on where it was interrupted. --calibrate measures the targets' error
curves anew instead.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from gnuradio.aeiqa import cli
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.adaptation.config import ComparisonConfig
from gnuradio.aeiqa.experiments.engines import add_engine_options, chosen_engine
from gnuradio.aeiqa.experiments.local import worker_count
from gnuradio.aeiqa.fields import add_options, parse_names, read_options
from gnuradio.aeiqa.iqa.networks.torch_support import import_torch

_OPTIONS = ("conditions", "snr_db", "images", "target", "error", "delay")


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Compare as the options say, print the table and say where the files are."""
    args = _parser().parse_args(argv)
    engine = chosen_engine(args)
    import_torch()  # its absence is told before the data are read
    workers = worker_count(args.workers)
    if args.calibrate is not None:
        return _calibrate(
            args.calibrate, parse_names(args.target or ComparisonConfig.target, "--target"), workers
        )
    from gnuradio.aeiqa.experiments.adaptation.comparison import Comparison
    from gnuradio.aeiqa.experiments.adaptation.results import TABLES
    from gnuradio.aeiqa.experiments.experiment import run
    from gnuradio.aeiqa.experiments.results import load
    from gnuradio.aeiqa.report.text import comparison_text

    config = ComparisonConfig(
        **read_options(args, ComparisonConfig, *_OPTIONS),
        seeds=tuple(range(args.seed, args.seed + args.traces)),
        calibration_seeds=tuple(range(args.seed + 100, args.seed + 102)),
    )
    comparison = Comparison(config, args.curves)
    folder = run(comparison, args.out, workers, engine)
    print(comparison_text(comparison.rows, config.error))
    if not args.no_report:
        from gnuradio.aeiqa.report.page import write_report

        print(f"\n{write_report(folder, load(folder))[0]}")
    for name in TABLES:
        print(folder / name)
    return 0


def _calibrate(folder: Path, targets: tuple[str, ...], workers: int) -> int:
    from tqdm import tqdm

    from gnuradio.aeiqa.adapt import save_curves
    from gnuradio.aeiqa.adapt.curves import curves_path
    from gnuradio.aeiqa.adapt.measure_curves import Work, calibrate
    from gnuradio.aeiqa.experiments.adaptation.comparison import FRAMES, SENT_MODES
    from gnuradio.aeiqa.experiments.local import run_local
    from gnuradio.aeiqa.iqa.classifiers.targets import check_target

    if not folder.is_dir():
        raise InputError(f"--calibrate {folder}: no such folder")
    for name in targets:
        check_target(name)

    def in_processes(work, points):
        done = run_local(work, points, workers)
        return tqdm(done, total=len(points), desc="sending", unit="point", disable=None)

    for name, curves in calibrate(Work(targets, FRAMES), ("bpskx2", *SENT_MODES), in_processes).items():
        path = curves_path(name, folder)
        save_curves(path, curves)
        print(path)
    return 0


def _parser() -> cli.ArgumentParser:
    first, rest = __doc__.split("\n\n")
    parser = cli.ArgumentParser(prog="aeiqa adapt", description=first.split(": ", 1)[1], epilog=rest)
    add = parser.add_argument
    add_options(parser, ComparisonConfig, *_OPTIONS, target="several names with --calibrate")
    few = "1 leaves the intervals unknown"
    add("--traces", type=int, default=10, metavar="N", help=f"of each condition; {few} (default: 10)")
    add("--seed", type=int, default=1, help="of the first trace (default: 1)")
    add("--curves", type=Path, metavar="FILE", help="the target's error curves (default: the project's)")
    add("--calibrate", type=Path, metavar="DIR", help="only write error curves there, as adapt-NAME.json")
    add_engine_options(parser)
    add("--out", type=Path, metavar="DIR", help="folder for the results (default: results/adaptation)")
    add("--no-report", action="store_true", help="no page and no figures")
    return parser


if __name__ == "__main__":
    cli.run("aeiqa adapt", main)
