#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""./aeiqa evaluate: compare every score with the true error of every target, over many links.

Without arguments: 64 links (the paper's own 32 and as many physical ones), all 10,000 MNIST test images, four
targets, every score, from the models that come with the project. Run again, it goes on where it was
interrupted.

Examples:
    ./aeiqa evaluate --images 2000
    ./aeiqa evaluate --targets my_model.onnx --dataset my_pictures/ --models my_models
"""

from collections.abc import Sequence
from typing import Optional

from gnuradio.aeiqa.cli import ArgumentParser, run
from gnuradio.aeiqa.experiments.campaign import Campaign
from gnuradio.aeiqa.experiments.engines import RunSettings
from gnuradio.aeiqa.experiments.evaluation.config import EvaluationConfig
from gnuradio.aeiqa.experiments.forecast import forecast
from gnuradio.aeiqa.fields import add_options
from gnuradio.aeiqa.iqa.networks.torch_support import import_torch

_OPTIONS = ("dataset", "images", "targets", "scores", "links", "seed", "models", "device")
_RUN = ("workers", "scheduler", "out")
CAMPAIGN = Campaign("evaluate", (EvaluationConfig, _OPTIONS), (RunSettings, _RUN))


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Evaluate what the options ask for, print the summary and say where the files are."""
    args = _parser().parse_args(argv)
    chosen, how = CAMPAIGN.read(args)
    settings = RunSettings(**how)
    engine = settings.engine()
    import_torch()  # its absence is told before the data are read
    from gnuradio.aeiqa.experiments.evaluation import Plan, run_evaluation
    from gnuradio.aeiqa.experiments.evaluation.results import (
        EVALUATION_FILE,
        SUMMARY_FILE,
        WORST_FILE,
        load_evaluation,
    )
    from gnuradio.aeiqa.experiments.evaluation.summary import summary_text
    from gnuradio.aeiqa.iqa.classifiers.clean_errors import clean_errors_of
    from gnuradio.aeiqa.report.evaluation.verdict_text import verdict_text

    plan = Plan(EvaluationConfig(**chosen))
    print(f"{len(plan.units)} links, {len(plan.dataset)} images each. Models: {plan.folder}.", flush=True)
    for line in (line for each in plan.clean_errors for line in each.lines()):
        print(line, flush=True)
    if args.plan:
        print(forecast(plan, settings.out, settings.workers, engine).text())
        return 0
    folder = run_evaluation(plan, settings.out, settings.workers, engine)
    found = load_evaluation(folder)
    print(f"\n{summary_text(found.summary)}\n")
    if found.verdicts:
        print(f"{verdict_text(found.verdicts, clean_errors_of(found.run))}\n")
    for name in (EVALUATION_FILE, SUMMARY_FILE, WORST_FILE):
        print(folder / name)
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser.of(__doc__)
    CAMPAIGN.add_option(parser)
    add_options(parser, EvaluationConfig, *_OPTIONS)
    add_options(parser, RunSettings, *_RUN, "plan")
    return parser


if __name__ == "__main__":
    run("aeiqa evaluate", main)
