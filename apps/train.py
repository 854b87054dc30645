#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""./aeiqa train: train the scores' encoders and the target classifiers again, and fit the scores to these.

Interrupted, it goes on after the last whole epoch when run again with the same options. The models that the
project comes with are in data/models; --out data/models replaces them.

Examples:
    ./aeiqa train --out models
    ./aeiqa train --target my_model.onnx --dataset my_pictures/ --out my_models --minutes 10
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Optional

from gnuradio.aeiqa.cli import ArgumentParser, run
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.fields import add_options, parse_names, read_options
from gnuradio.aeiqa.files import hold_folder
from gnuradio.aeiqa.images import NAMED_SETS, load_dataset
from gnuradio.aeiqa.iqa.classifiers.user_network import USER_CLASSIFIER_HELP
from gnuradio.aeiqa.iqa.networks.devices import DeviceSettings, found_device, use_device
from gnuradio.aeiqa.iqa.networks.torch_support import import_torch
from gnuradio.aeiqa.iqa.training.settings import TrainingSettings

# Parts that fit the scores to the targets; the second on AWGN links, to see how such a fit does on others.
FITS = {"fits": "", "awgn-fits": "awgn"}
PARTS = ("encoder", "classifier", "lenet", "wide", "robust", "noise-encoder", "vae", *FITS)

TARGET_HELP = f"fit the scores to your own classifier: {USER_CLASSIFIER_HELP}"
SCORE_HELP = "with --target: the scores to fit, of those that docs/scores.md names (default: blind,reference)"


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Train what the options ask for and say what it measures and where it is."""
    args = _parser().parse_args(argv)
    how = read_options(args, TrainingSettings, "epochs", "threads")
    device = DeviceSettings(**read_options(args, DeviceSettings, "device")).device
    TrainingSettings(**{"epochs": 1, **how})  # what is wrong is told before the data are read
    import_torch()  # its absence is told before the data are read
    use_device(found_device(device))
    from gnuradio.aeiqa.iqa.classifiers.targets import trained_targets
    from gnuradio.aeiqa.iqa.scores.fit_scores import fit_scores
    from gnuradio.aeiqa.iqa.training.recipes import RECIPES, train_models

    if args.target is None and (args.score, args.minutes) != (None, None):
        raise InputError("--score and --minutes are for --target, your own classifier: --what names parts")
    if args.target is not None:
        return _train_user_scores(args, how)
    what = PARTS if args.what == "all" else parse_names(args.what, "--what")
    for name in what:
        if name not in PARTS:
            raise InputError(f"--what must be all or among {', '.join(PARTS)}, got {name!r}")
    data = load_dataset(args.dataset, split="train")
    # A folder or file is one set: there are no test images apart from those held out.
    test = load_dataset(args.dataset, split="test") if args.dataset in NAMED_SETS else None
    with _held(args.out):
        for name in (name for name in what if name in RECIPES):
            for seed in RECIPES[name].seeds if args.seeds is None else _seeds(args.seeds):
                for card in train_models([name], data, test, args.out, seed, **how):
                    _report(args.out, card)
        variants = [FITS[name] for name in what if name in FITS]
        for path in fit_scores(data, trained_targets(args.out), args.out, variants, how.get("threads", 1)):
            print(path)
    return 0


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Make the folder of the models, if it is missing, and hold it."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = hold_folder(folder, "training")
    try:
        yield
    finally:
        os.close(handle)


def _train_user_scores(args, how: dict[str, int]) -> int:
    from gnuradio.aeiqa.iqa.classifiers.clean_errors import CleanError
    from gnuradio.aeiqa.iqa.scores.fit_files import read_fit_card
    from gnuradio.aeiqa.iqa.scores.user_scores import DEFAULT_SCORES, train_user_scores

    if args.what != "all":
        raise InputError(f"--what: --target decides what is trained, got {args.what!r}")
    seeds = [1] if args.seeds is None else _seeds(args.seeds)
    if len(seeds) > 1:
        raise InputError(f"--seeds: scores of your own classifier have one seed, got {args.seeds}")
    scores = DEFAULT_SCORES if args.score is None else parse_names(args.score, "--score")
    data = load_dataset(args.dataset, split="train")
    how_long = {"passes": how.get("epochs"), "threads": how.get("threads", 1), "minutes": args.minutes}
    with _held(args.out):
        path = train_user_scores(args.target, data, args.out, seeds[0], scores, **how_long)
    clean = CleanError.of_json(read_fit_card(path).get("clean_error"))
    print(f"Clean error of {Path(args.target).name} on the pictures of the fit: {clean}")
    print(path)
    return 0


def _report(folder: Path, card: dict) -> None:
    for images, results in card["results"].items():
        measured = ", ".join(f"{key} {value:.5g}" for key, value in results.items())
        print(f"{folder / card['name']}: {images.replace('_', '-')} images: {measured}", flush=True)


def _seeds(text: str) -> list[int]:
    if not all(part.strip().isdigit() for part in text.split(",")):
        raise InputError(f"--seeds must be whole numbers from 0 up, separated by commas, got {text!r}")
    return [int(part) for part in text.split(",")]


def _parser() -> ArgumentParser:
    parser = ArgumentParser.of(__doc__)
    add = parser.add_argument
    add("--dataset", default="mnist", metavar="NAME|DIR|FILE", help="images with labels (default: mnist)")
    add("--target", metavar="FILE", help=TARGET_HELP)
    add("--score", metavar="NAME,...", help=SCORE_HELP)
    add("--minutes", type=float, metavar="N", help="with --target: do less once it would take longer")
    add("--what", default="all", metavar="NAME,...", help=f"{', '.join(PARTS)} (default: all)")
    add("--seeds", metavar="S,...", help="of weights and order (default: 1, and 2 and 3 for the encoders)")
    add_options(parser, TrainingSettings, "epochs", "threads", epochs="default: each network's own")
    add_options(parser, DeviceSettings, "device")
    add("--out", type=Path, default=Path("models"), metavar="DIR", help="default: models")
    return parser


if __name__ == "__main__":
    run("aeiqa train", main)
