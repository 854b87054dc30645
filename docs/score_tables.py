#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Put the tables of an evaluation's folder into score-tables.md, and those of MNIST into scores.md as well.

After ./aeiqa evaluate --out DIR: ./aeiqa python docs/score_tables.py DIR
"""

import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from page_tables import with_table

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.evaluation.results import load_evaluation

HERE = Path(__file__).parent
ALL_TABLES, SUMMARY = HERE / "score-tables.md", HERE / "scores.md"
DRAWN, FIGURE = "scores_fitted.png", HERE / "figures" / "scores-fitted.png"  # by ./aeiqa report
SCORES = (
    ("disagreement", "raw"),
    ("disagreement", "fitted"),
    ("blind", "raw"),
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
LINKS = {"table2": "Table II", "physical": "physical"}
TRANSFER = {"awgn-to-rayleigh": "AWGN", "target-transfer": "target"}
# Column of summary.csv, digits shown.
MEAN, MAX, AUROC = ("mean_abs_points", 2), ("max_abs_points", 1), ("auroc", 2)
COVERAGE, WIDTH = ("coverage_pct", 0), ("width_points", 1)

Summary = Mapping[tuple[str, str, str, str], dict]  # by target, score, variant, links


def main(folder: str) -> int:
    """Write the tables of this folder's data set."""
    path = Path(folder)
    evaluation = load_evaluation(path)
    if not evaluation.summary:
        raise InputError(f"{folder} holds no evaluation")
    name = evaluation.summary[0]["dataset"]
    found = {(r["target"], r["score"], r["variant"], r["links"]): r for r in evaluation.summary}
    targets = evaluation.targets
    text = ALL_TABLES.read_text(encoding="utf-8")
    for links, said in LINKS.items():
        text = with_table(text, f"{name}, {said}", targets, accuracy(found, targets, links))
        text = with_table(text, f"{name}, {said}, intervals", targets, intervals(found, targets, links))
    moved = [f"{target}: {said}" for target in targets for said in TRANSFER.values()]
    text = with_table(text, f"{name}, transfer", moved, transfer(found, targets))
    ALL_TABLES.write_text(text, encoding="utf-8")
    print(f"{ALL_TABLES}: tables of {name} written")
    if name == "mnist":
        text = SUMMARY.read_text(encoding="utf-8")
        columns = [f"{score}: {said}" for score in MAIN for said in ("mean", "max", "AUROC")]
        SUMMARY.write_text(with_table(text, "target", columns, summary(found, targets)), encoding="utf-8")
        if (path / DRAWN).exists():
            shutil.copyfile(path / DRAWN, FIGURE)
        print(f"{SUMMARY}: written")
    return 0


def summary(found: Summary, targets: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Return mean, max and AUROC of the two main scores over Table II's links, with the seeds' range."""
    return [
        (
            f"`{target}`",
            [
                with_range(found[target, score, "fitted", "table2"], *column)
                for score in MAIN
                for column in (MEAN, MAX, AUROC)
            ],
        )
        for target in targets
    ]


def accuracy(found: Summary, targets: list[str], links: str) -> list[tuple[str, list[str]]]:
    """Return mean / max / AUROC of every score."""
    return [
        (f"`{score}`, {variant}", [several(row, MEAN, MAX, AUROC) for row in rows])
        for score, variant in SCORES
        if all(rows := [found.get((target, score, variant, links)) for target in targets])
    ]


def intervals(found: Summary, targets: list[str], links: str) -> list[tuple[str, list[str]]]:
    """Return the per cent of links inside the interval / its mean width in points."""
    return [
        (
            f"`{score}`",
            [several(found[target, score, "fitted", links], COVERAGE, WIDTH) for target in targets],
        )
        for score in WITH_INTERVALS
    ]


def transfer(found: Summary, targets: list[str]) -> list[tuple[str, list[str]]]:
    """Return mean / max of scores fitted elsewhere; nothing where there is no such fit."""
    return [
        (
            f"`{score}`",
            [
                several(row, MEAN, MAX) if (row := found.get((target, score, "fitted", links))) else ""
                for target in targets
                for links in TRANSFER
            ],
        )
        for score in MOVED
    ]


def several(row: dict, *columns: tuple[str, int]) -> str:
    """Return figures of one row of the summary, slashes between; a dash where there is none."""
    return " / ".join("–" if row[name] is None else f"{row[name]:.{digits}f}" for name, digits in columns)


def with_range(row: dict, name: str, digits: int) -> str:
    """Return a figure with its least and largest over the seeds."""
    value, low, high = (several(row, (name + end, digits)) for end in ("", "_low", "_high"))
    return f"{value} ({low} to {high})"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("usage: score_tables.py DIR", file=sys.stderr)
        sys.exit(2)
    try:
        sys.exit(main(sys.argv[1]))
    except (InputError, OSError) as error:
        print(f"score_tables: {error}", file=sys.stderr)
        sys.exit(2)
