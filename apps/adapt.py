#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""./aeiqa adapt: choose modulation and copies by predicted error, against fixed ones and SNR tables.

MNIST test images cross traces of a fading channel; how fast is each way of choosing while at most 5 % are
misclassified? Run again, it goes on where it was interrupted. --calibrate measures the targets' error
curves anew instead.

Examples:
    ./aeiqa adapt
    ./aeiqa adapt --config campaign.yml --scheduler tcp://HOST:8786
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from gnuradio.aeiqa import cli
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.adaptation.config import ComparisonConfig, TraceSettings
from gnuradio.aeiqa.experiments.campaign import Campaign
from gnuradio.aeiqa.experiments.engines import RunSettings
from gnuradio.aeiqa.experiments.forecast import forecast
from gnuradio.aeiqa.experiments.local import worker_count
from gnuradio.aeiqa.fields import add_options, parse_names
from gnuradio.aeiqa.iqa.networks.torch_support import import_torch

_OPTIONS = ("conditions", "snr_db", "images", "target", "error", "delay")
_TRACES = ("traces", "seed", "curves")
_RUN = ("workers", "scheduler", "out", "no_report")
CAMPAIGN = Campaign("adapt", (ComparisonConfig, _OPTIONS), (TraceSettings, _TRACES), (RunSettings, _RUN))


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Compare as the options say, print the table and say where the files are."""
    args = _parser().parse_args(argv)
    chosen, traces, how = CAMPAIGN.read(args)
    settings, traces = RunSettings(**how), TraceSettings(**traces)
    engine = settings.engine()
    import_torch()  # its absence is told before the data are read
    if args.calibrate is not None:
        names = parse_names(chosen.get("target", ComparisonConfig.target), "--target")
        return _calibrate(args.calibrate, names, worker_count(settings.workers))
    from gnuradio.aeiqa.experiments.adaptation.comparison import Comparison
    from gnuradio.aeiqa.experiments.adaptation.results import TABLES
    from gnuradio.aeiqa.experiments.experiment import run
    from gnuradio.aeiqa.experiments.results import load
    from gnuradio.aeiqa.report.text import comparison_text

    config = ComparisonConfig(**chosen, **traces.seeds())
    comparison = Comparison(config, traces.curves)
    if args.plan:
        print(forecast(comparison, settings.out, settings.workers, engine).text())
        return 0
    folder = run(comparison, settings.out, settings.workers, engine)
    print(comparison_text(comparison.rows, config.error))
    if not settings.no_report:
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
    parser = cli.ArgumentParser.of(__doc__)
    CAMPAIGN.add_option(parser)
    add_options(parser, ComparisonConfig, *_OPTIONS, target="several names with --calibrate")
    add_options(parser, TraceSettings, *_TRACES)
    calibrate = "only write error curves there, as adapt-NAME.json"
    parser.add_argument("--calibrate", type=Path, metavar="DIR", help=calibrate)
    add_options(parser, RunSettings, *_RUN, "plan")
    return parser


if __name__ == "__main__":
    cli.run("aeiqa adapt", main)
