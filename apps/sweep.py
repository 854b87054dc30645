#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""./aeiqa sweep: send a data set over many links and measure everything that arrives.

Without arguments: the paper's Table II, 32 links, all 10,000 MNIST test images. Run again, it goes on where
it was interrupted. Without torch it measures the links alone, unless a target or a score is asked for.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from gnuradio.aeiqa.cli import OWN_TARGET_HELP, ArgumentParser, run
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.layout import IMAGES_FILE, RUN_FILE, TABLE_FILE
from gnuradio.aeiqa.experiments.sweep import Plan, SweepConfig, run_sweep
from gnuradio.aeiqa.experiments.sweep.grid import parse_names, parse_snr
from gnuradio.aeiqa.experiments.sweep.unit import SCORES
from gnuradio.aeiqa.iqa.networks.torch_support import import_torch
from gnuradio.aeiqa.report import load_results, report_text

DATASET_HELP = (
    "mnist (default), fashion-mnist, colour, a folder of pictures with a sub-folder per class, IDX or "
    ".npz file"
)
TARGET_HELP = f"the classifier: paper (default), none: the link alone, or your own: {OWN_TARGET_HELP}"

# Options that go to every link as they are: type, what they mean. LinkConfig has their defaults and rules.
LINK_OPTIONS = {
    "labels": (str, "natural or gray"),
    "seed": (int, "of noise and fading"),
    "fft_len": (int, "subcarriers"),
    "cp_len": (int, "samples of cyclic prefix"),
    "n_taps": (int, "taps of the Rayleigh channel, exponential profile"),
    "fading": (str, "image, symbol or jakes"),
    "doppler": (float, "Doppler frequency over the OFDM symbol rate"),
    "estimation": (str, "none, ls, ls-dft or perfect"),
    "equalizer": (str, "zf or mmse"),
    "training_symbols": (int, "known OFDM symbols at a time"),
    "training_period": (int, "OFDM symbols from training to training; 0: once per image"),
}
_FLAGS = {"n_taps": "--taps"}


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run the sweep that the options describe, print its table and say where the files are."""
    args = _parser().parse_args(_attach_negative(sys.argv[1:] if argv is None else argv))
    plan = Plan(_config(args))
    print(f"{len(plan.conditions)} links, {len(plan.dataset)} images each. {plan.snr_definition}")
    if plan.models_text:
        print(plan.models_text)
    sys.stdout.flush()
    folder = run_sweep(plan, args.out, args.workers)
    results = load_results(folder)
    print(f"\n{report_text(results)}\n", flush=True)
    files = [folder / TABLE_FILE, folder / IMAGES_FILE, folder / RUN_FILE]
    if not args.no_report:
        from gnuradio.aeiqa.report.page import write_report  # not at the top: workers import this file too

        files += write_report(folder, results)
    print("\n".join(map(str, files)))
    return 0


def _parser() -> ArgumentParser:
    first, rest = __doc__.split("\n\n")
    parser = ArgumentParser(prog="aeiqa sweep", description=first.split(": ", 1)[1], epilog=rest)
    add, default = parser.add_argument, SweepConfig()
    add("--preset", default=default.preset, help="table2 (the paper's link, default) or physical")
    add("--channels", default=",".join(default.channels), help="default: %(default)s")
    add("--modulations", default=",".join(default.modulations), help="default: %(default)s")
    add("--snr", default="0:15:5", help="in dB: a list 0,5,10 or first:last:step (default: %(default)s)")
    add("--images", default="all", metavar="N|all", help="how many, spread over the set (default: all)")
    add("--dataset", default=default.dataset, metavar="NAME|DIR|FILE", help=DATASET_HELP)
    add(
        "--background", default="auto", help="for black pixels: a value, none, or auto: 20 for the named sets"
    )
    add("--target", metavar="NAME|FILE", help=TARGET_HELP)
    add("--score", metavar="NAME", help=f"{', '.join(SCORES)} (default: paper; own target: reference)")
    add("--models", type=Path, metavar="DIR", help="of ./aeiqa train (default: the data set's own)")
    add("--workers", type=int, metavar="N", help="processes (default: one per processor)")
    add("--out", type=Path, metavar="DIR", help="folder for the results (default: one in results/)")
    add("--no-report", action="store_true", help="leave out report.html and its figures")
    group = parser.add_argument_group("link options (default: the preset's)")
    for name, (kind, text) in LINK_OPTIONS.items():
        flag = _FLAGS.get(name, "--" + name.replace("_", "-"))
        group.add_argument(flag, dest=name, type=kind, help=text)
    return parser


def _config(args) -> SweepConfig:
    return SweepConfig(
        preset=args.preset,
        channels=parse_names(args.channels, "--channels"),
        modulations=parse_names(args.modulations, "--modulations"),
        snr_db=parse_snr(args.snr),
        images=None if args.images == "all" else _whole(args.images, "--images", "or all"),
        dataset=args.dataset,
        background=_background(args.background),
        target=_target(args),
        score=args.score,
        models=args.models,
        link={name: value for name in LINK_OPTIONS if (value := getattr(args, name)) is not None},
    )


def _target(args) -> Optional[str]:
    if args.target is not None:
        return None if args.target == "none" else args.target
    if args.score is None and args.models is None:
        try:
            import_torch()
        except InputError as error:
            print(f"aeiqa sweep: {error}; they are left out", file=sys.stderr)
            return None
    return SweepConfig.target


def _background(text: str) -> str | int | None:
    if text in ("auto", "none"):
        return "auto" if text == "auto" else None
    return _whole(text, "--background", "from 0 to 255, none or auto")


def _whole(text: str, option: str, otherwise: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(f"{option} must be a whole number {otherwise}, got {text!r}") from None


def _attach_negative(argv: Sequence[str]) -> list[str]:
    """Turn ``--snr -5:15:5`` into ``--snr=-5:15:5``: argparse takes the value for an option."""
    attached: list[str] = []
    for word in argv:
        if attached and attached[-1] == "--snr" and word.startswith("-"):
            attached[-1] = f"--snr={word}"
        else:
            attached.append(word)
    return attached


if __name__ == "__main__":
    run("aeiqa sweep", main)
