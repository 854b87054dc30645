#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
r"""./aeiqa sweep: send a data set over many links and measure everything that arrives.

Without arguments: the paper's Table II, 32 links, all 10,000 MNIST test images. Run again, it goes on where
it was interrupted. Without torch it measures the links alone, unless a target or a score is asked for.

Examples:
    ./aeiqa sweep --images 1000
    ./aeiqa sweep --preset physical --channels rayleigh --modulations qpsk,qam16 --snr 0:20:5 \
        --out results/mine
    ./aeiqa sweep --target my_model.onnx --dataset my_pictures/ --preset physical --until error:1
"""

import sys
from collections.abc import Sequence
from typing import Any, Optional

from gnuradio.aeiqa.cli import ArgumentParser, run
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.campaign import Campaign
from gnuradio.aeiqa.experiments.engines import RunSettings
from gnuradio.aeiqa.experiments.forecast import forecast
from gnuradio.aeiqa.experiments.results import load
from gnuradio.aeiqa.experiments.store import RUN_FILE
from gnuradio.aeiqa.experiments.sweep import Plan, SweepConfig, run_sweep
from gnuradio.aeiqa.experiments.sweep.table import IMAGES_FILE, TABLE_FILE
from gnuradio.aeiqa.fields import add_options, settings
from gnuradio.aeiqa.iqa.networks.torch_support import import_torch
from gnuradio.aeiqa.link.config import LinkConfig
from gnuradio.aeiqa.report import report_text

_SWEEP = ("preset", "channels", "modulations", "snr_db", "images", "dataset", "background", "target", "score",
          "models", "ssim_window", "device", "draws", "until", "min_bit_errors", "max_images")  # fmt: skip
_RUN = ("workers", "scheduler", "out", "no_report")
# Every further field of a link; the sweep's own decide the others.
_LINK = tuple(
    name for name in settings(LinkConfig) if name not in ("preset", "channel", "modulation", "snr_db")
)
CAMPAIGN = Campaign("sweep", (SweepConfig, _SWEEP), (RunSettings, _RUN), (LinkConfig, _LINK))


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run the sweep that the options describe, print its table and say where the files are."""
    args = _parser().parse_args(_attach_negative(sys.argv[1:] if argv is None else argv))
    chosen, how, link = CAMPAIGN.read(args)
    run_settings = RunSettings(**how)
    engine = run_settings.engine()
    plan = Plan(_config(chosen, link))
    least = "" if plan.config.stopping is None else " at least"
    print(f"{len(plan.conditions)} links,{least} {len(plan.dataset)} images each. {plan.snr_definition}")
    if plan.models_text:
        print(plan.models_text, flush=True)
    for line in (line for each in plan.clean_errors if each.fitted for line in each.lines()):
        print(line, flush=True)
    if args.plan:
        print(forecast(plan, run_settings.out, run_settings.workers, engine).text())
        if plan.config.stopping is not None:
            print(f"and as much again as precision takes, to {plan.config.stopping.most} images a link")
        return 0
    folder = run_sweep(plan, run_settings.out, run_settings.workers, engine)
    loaded = load(folder)
    print(f"\n{report_text(loaded.sweep)}\n", flush=True)
    files = [folder / TABLE_FILE, folder / IMAGES_FILE, folder / RUN_FILE]
    if not run_settings.no_report:
        from gnuradio.aeiqa.report.page import write_report  # matplotlib takes half a second to import

        files += write_report(folder, loaded)
    print("\n".join(map(str, files)))
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser.of(__doc__)
    CAMPAIGN.add_option(parser)
    add_options(parser, SweepConfig, *_SWEEP)
    add_options(parser, RunSettings, *_RUN, "plan")
    add_options(parser.add_argument_group("every link"), LinkConfig, *_LINK)
    return parser


def _config(chosen: dict[str, Any], link: dict[str, Any]) -> SweepConfig:
    if not chosen.keys() & {"target", "score", "models"} and not _has_torch():
        chosen["target"] = None
    return SweepConfig(**chosen, link=link)


def _has_torch() -> bool:
    try:
        import_torch()
    except InputError as error:
        print(f"aeiqa sweep: {error}; they are left out", file=sys.stderr)
        return False
    return True


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
