#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Print the tables of scores.md from an evaluation's folder.

After ./aeiqa evaluate --out DIR: ./aeiqa python docs/score_tables.py DIR
"""

import csv
import sys
from collections.abc import Iterable
from pathlib import Path

SCORES = (
    ("disagreement", "raw"),
    ("disagreement", "fitted"),
    ("blind", "fitted"),
    ("reference", "fitted"),
    ("blind-no-answer", "fitted"),
    ("confidence", "fitted"),
    ("atc", "fitted"),
    ("paper", "raw"),
    ("paper", "fitted"),
    ("vae", "raw"),
    ("psnr", "fitted"),
    ("ssim", "fitted"),
    ("ber", "fitted"),
    ("frechet", "fitted"),
    ("piqe", "fitted"),
)
MAIN = ("reference", "blind")
WITH_INTERVALS = (*MAIN, "blind-no-answer")
MOVED = (*WITH_INTERVALS, "confidence", "paper", "psnr")
# Column of summary.csv, digits shown.
MEAN, MAX, AUROC = ("mean_abs_points", 2), ("max_abs_points", 1), ("auroc", 2)
COVERAGE, WIDTH = ("coverage_pct", 0), ("width_points", 1)


def main(folder: str) -> int:
    """Print every table."""
    with (Path(folder) / "summary.csv").open(newline="") as file:
        rows = {(r["target"], r["score"], r["variant"], r["links"]): r for r in csv.DictReader(file)}
    targets = list(dict.fromkeys(key[0] for key in rows))
    print("Links of Table II, with the seeds' range")
    for target in targets:
        found = [rows.get((target, score, "fitted", "table2")) for score in MAIN]
        row(target, (with_range(r, *column) for r in found if r for column in (MEAN, MAX, AUROC)))
    for links in ("table2", "physical"):
        print(f"\nMean / max / AUROC, {links}: {', '.join(targets)}")
        for score, variant in SCORES:
            found = [rows.get((target, score, variant, links)) for target in targets]
            if all(found):
                row(f"`{score}`, {variant}", (several(r, MEAN, MAX, AUROC) for r in found))
    for links in ("table2", "physical"):
        print(f"\nPer cent of links inside the interval / its mean width in points, {links}")
        for score in WITH_INTERVALS:
            found = [rows.get((target, score, "fitted", links)) for target in targets]
            row(f"`{score}`", (several(r, COVERAGE, WIDTH) for r in found if r))
    print("\nTransfer, mean / max: AWGN to Rayleigh, then from another target")
    for score in MOVED:
        moved = (
            rows.get((target, score, "fitted", links))
            for target in targets
            for links in ("awgn-to-rayleigh", "target-transfer")
        )
        row(f"`{score}`", (several(r, MEAN, MAX) for r in moved if r))
    return 0


def row(label: str, cells: Iterable[str]) -> None:
    """Print a row of a Markdown table."""
    print(f"| {label} | {' | '.join(cells)} |")


def several(summary: dict, *columns: tuple[str, int]) -> str:
    """Return figures of one row of the summary, slashes between."""
    return " / ".join(f"{float(summary[name]):.{digits}f}" for name, digits in columns)


def with_range(summary: dict, name: str, digits: int) -> str:
    """Return a figure with its least and largest over the seeds."""
    value, low, high = (several(summary, (name + end, digits)) for end in ("", "_low", "_high"))
    return f"{value} ({low} to {high})"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("usage: score_tables.py DIR", file=sys.stderr)
        sys.exit(2)
    sys.exit(main(sys.argv[1]))
