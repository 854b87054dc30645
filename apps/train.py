#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""./aeiqa train: train the paper's autoencoder and classifier again.

Interrupted, it goes on after the last whole epoch when run again with the same options. The models that the
project comes with are in data/models; --out data/models replaces them.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from gnuradio.aeiqa.cli import ArgumentParser, run
from gnuradio.aeiqa.images import load_dataset
from gnuradio.aeiqa.iqa.torch_support import import_torch

NAMED_SETS = ("mnist", "fashion-mnist")


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Train what the options ask for and say what it measures and where it is."""
    args = _parser().parse_args(argv)
    import_torch()  # its absence is told before the data are read
    from gnuradio.aeiqa.iqa.recipes import RECIPES, train_models

    what = list(RECIPES) if args.what == "all" else [args.what]
    data = load_dataset(args.dataset, split="train")
    # A folder or file is one set: there are no test images apart from those held out.
    test = load_dataset(args.dataset, split="test") if args.dataset in NAMED_SETS else None
    for card in train_models(what, data, test, args.out, args.seed, args.epochs, args.threads):
        for images, results in card["results"].items():
            measured = ", ".join(f"{key} {value:.5g}" for key, value in results.items())
            print(f"{args.out / card['name']}: {images.replace('_', '-')} images: {measured}")
    return 0


def _parser() -> ArgumentParser:
    first, rest = __doc__.split("\n\n")
    parser = ArgumentParser(prog="aeiqa train", description=first.split(": ", 1)[1], epilog=rest)
    add = parser.add_argument
    add("--dataset", default="mnist", metavar="NAME|DIR|FILE", help="images with labels (default: mnist)")
    add("--what", choices=["all", "encoder", "classifier"], default="all", help="default: all")
    add("--seed", type=int, default=1, help="of weights and order (default: 1)")
    add("--epochs", type=int, metavar="N", help="passes over the images (default: each network's own)")
    add("--threads", type=int, default=1, metavar="N", help="for torch; changes rounding (default: 1)")
    add("--out", type=Path, default=Path("models"), metavar="DIR", help="default: models")
    return parser


if __name__ == "__main__":
    run("aeiqa train", main)
