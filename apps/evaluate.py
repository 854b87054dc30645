#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""./aeiqa evaluate: compare every score with the true error of every target, over many links.

Without arguments: 64 links (the paper's own 32 and as many physical ones), all 10,000 MNIST test images, four
targets, every score, from the models that come with the project. Run again, it goes on where it was
interrupted.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from gnuradio.aeiqa.cli import OWN_TARGET_HELP, ArgumentParser, run
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.sweep.grid import parse_names
from gnuradio.aeiqa.iqa.networks.torch_support import import_torch

TARGETS_HELP = f"paper, lenet, wide, robust (default: all), or your own: {OWN_TARGET_HELP}"


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Evaluate what the options ask for, print the summary and say where the files are."""
    args = _parser().parse_args(argv)
    import_torch()  # its absence is told before the data are read
    from gnuradio.aeiqa.experiments.evaluation import EvaluationConfig, Plan, run_evaluation
    from gnuradio.aeiqa.experiments.evaluation.config import LINK_SETS
    from gnuradio.aeiqa.experiments.evaluation.summary import read_rows, read_summary, summary_text
    from gnuradio.aeiqa.experiments.evaluation.verdict import verdicts
    from gnuradio.aeiqa.experiments.layout import EVALUATION_FILE, SUMMARY_FILE, WORST_FILE
    from gnuradio.aeiqa.report.evaluation.verdict_text import verdict_text

    plan = Plan(
        EvaluationConfig(
            dataset=args.dataset,
            images=None if args.images == "all" else _whole(args.images),
            targets=_names(args.targets, "--targets"),
            scores=_names(args.scores, "--scores"),
            links=_names(args.links, "--links") or LINK_SETS,
            seed=args.seed,
            models=args.models,
        )
    )
    print(f"{len(plan.links)} links, {len(plan.dataset)} images each. Models: {plan.folder}.", flush=True)
    folder = run_evaluation(plan, args.out, args.workers)
    summary = read_summary(folder / SUMMARY_FILE)
    print(f"\n{summary_text(summary)}\n")
    found = verdicts(read_rows(folder / EVALUATION_FILE), summary)
    if found:
        print(f"{verdict_text(found)}\n")
    for name in (EVALUATION_FILE, SUMMARY_FILE, WORST_FILE):
        print(folder / name)
    return 0


def _names(text: str, option: str) -> Optional[tuple[str, ...]]:
    return None if text == "all" else parse_names(text, option)


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(f"--images must be a whole number or all, got {text!r}") from None


def _parser() -> ArgumentParser:
    first, rest = __doc__.split("\n\n")
    parser = ArgumentParser(prog="aeiqa evaluate", description=first.split(": ", 1)[1], epilog=rest)
    add = parser.add_argument
    add("--dataset", default="mnist", metavar="NAME|DIR|FILE", help="as for sweep (default: mnist)")
    add("--images", default="all", metavar="N|all", help="how many, spread over the set (default: all)")
    add("--targets", "--target", default="all", metavar="NAME,...", help=TARGETS_HELP)
    add("--scores", default="all", metavar="NAME,...", help="paper, reference, blind ... (default: all)")
    add("--links", default="all", metavar="SET,...", help="table2, physical (default: both)")
    add("--seed", type=int, default=1, help="of noise and fading (default: 1)")
    add("--models", type=Path, metavar="DIR", help="folder with models (default: the data set's own)")
    add("--workers", type=int, metavar="N", help="processes (default: one per processor)")
    add("--out", type=Path, metavar="DIR", help="folder for the results (default: one in results/)")
    return parser


if __name__ == "__main__":
    run("aeiqa evaluate", main)
