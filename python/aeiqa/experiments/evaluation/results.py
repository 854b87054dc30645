#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The results of an evaluation: its files, and what is read from them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import InputError
from ...iqa.classifiers.clean_errors import clean_errors_of
from ...link.config import CHANNELS, MODULATIONS
from ..csv_tables import read_rows
from ..pictures import Candidate, Mistakes, distinct
from ..store import RUN_FILE, Units, load_run
from .summary import SUMMARY_COLUMNS
from .verdict import VERDICT_COLUMNS, Verdict

EVALUATION_FILE = "evaluation.csv"  # a row for each target, score, variant and link
SUMMARY_FILE = "summary.csv"  # a row for each target, score, variant and set of links
WORST_FILE = "worst.csv"  # images that each score got most wrong
VERDICT_FILE = "verdict.csv"  # a row for each target and set of links, of the scores that have aims
PICTURES = "mistakes"  # of the images in the report, among the units

EVALUATION_COLUMNS = (
    "dataset", "target", "score", "variant", "seed", "preset", "channel", "modulation", "snr_db", "n_images",
    "true_error_pct", "predicted_error_pct", "predicted_low_pct", "predicted_high_pct", "auroc", "raw",
)  # fmt: skip
WORST_COLUMNS = (
    "dataset", "target", "score", "preset", "channel", "modulation", "snr_db", "kind", "index", "label",
    "answer", "value",
)  # fmt: skip


@dataclass(frozen=True)
class Evaluation:
    """The tables of an evaluation, and its run.json; empty if the folder holds none.

    ``mistakes`` are by target and score.
    """

    rows: list[dict] = field(default_factory=list)
    summary: list[dict] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    mistakes: dict[str, dict[str, Mistakes]] = field(default_factory=dict)
    run: dict = field(default_factory=dict)

    @property
    def targets(self) -> list[str]:
        """The classifiers whose error was predicted."""
        return list(dict.fromkeys(row["target"] for row in self.rows))

    def scores(self, variant: str) -> dict[str, float]:
        """Return the scores that predict an error in that variant, the closest ones first.

        With each the mean distance of predicted and true error over links and targets, in points.
        """
        found: dict[str, tuple[float, float]] = {}
        for score in dict.fromkeys(row["score"] for row in self.rows):
            rows = self._of(score, variant)
            if rows:
                gaps = [abs(row["predicted_error_pct"] - row["true_error_pct"]) for row in rows]
                of_points = [abs(predicted - true) for *_, true, predicted in self.points(score, variant)]
                found[score] = float(np.mean(gaps)), float(np.mean(of_points))
        return {score: found[score][1] for score in sorted(found, key=lambda score: found[score][0])}

    def points(self, score: str, variant: str) -> list[tuple[str, str, float, float]]:
        """(target, channel, true error, predicted error) of each link, the mean over training seeds."""
        groups: dict[tuple, list[tuple[float, float]]] = {}
        for row in self._of(score, variant):
            names = ("target", "channel", "dataset", "preset", "modulation", "snr_db")
            key = tuple(row[name] for name in names)
            groups.setdefault(key, []).append((row["true_error_pct"], row["predicted_error_pct"]))
        return [(key[0], key[1], *map(float, np.mean(values, axis=0))) for key, values in groups.items()]

    def _of(self, score: str, variant: str) -> list[dict]:
        rows = (row for row in self.rows if (row["score"], row["variant"]) == (score, variant))
        return [row for row in rows if row["predicted_error_pct"] is not None]


def load_evaluation(folder: Path) -> Evaluation:
    """Read an evaluation's files. Raises ``InputError`` if one that is there cannot be read.

    Nothing but files in the folder is opened, whatever they name.
    """
    needed = tuple(name for name in EVALUATION_COLUMNS if name not in ("seed", "n_images", "raw"))
    rows = _read(folder / EVALUATION_FILE, needed)
    if not rows:
        return Evaluation()
    run = load_run(folder) if (folder / RUN_FILE).exists() else {}
    configuration = run.get("configuration", {})
    clean_errors_of(run)
    kept = Units(folder, configuration).read(PICTURES)
    summary = _read(folder / SUMMARY_FILE, (*SUMMARY_COLUMNS[:5], "mean_abs_points", "max_abs_points"))
    try:
        for row in rows:
            row["true_error_pct"] + row["snr_db"]
            if row["channel"] not in CHANNELS or row["modulation"] not in MODULATIONS:
                raise ValueError(f"link {row['channel']} {row['modulation']}")
        if any(type(configuration.get(name, 1)) is not int for name in ("images", "seed")):
            raise ValueError("images and seed must be whole numbers")
        return Evaluation(
            rows,
            summary,
            [Verdict.of_row(row) for row in _read(folder / VERDICT_FILE, VERDICT_COLUMNS)],
            {
                target: {score: Mistakes.restored(found) for score, found in scores.items()}
                for target, scores in (kept or {}).items()
            },
            run,
        )
    except (TypeError, ValueError, AttributeError, KeyError, OverflowError) as error:
        raise InputError(f"{folder}: the evaluation's files are damaged ({error})") from None


def _read(path: Path, columns: Sequence[str]) -> list[dict[str, Any]]:
    return read_rows(path, columns) if path.exists() else []


def worst_of(
    rows: Sequence[dict], score: str, target: str, indices: np.ndarray
) -> tuple[list[Candidate], list[Candidate]]:
    """Return the images that looked best though misclassified, and worst though not, one of each link.

    ``rows`` are those of worst.csv, ``indices`` the numbers of the images evaluated, rising.
    """
    found = []
    for kind, sign in (("missed", 1), ("doubted", -1)):
        chosen = [r for r in rows if (r["score"], r["target"], r["kind"]) == (score, target, kind)]
        found.append(
            distinct(
                Candidate(
                    tuple(row[name] for name in ("preset", "channel", "modulation", "snr_db")),
                    int(np.searchsorted(indices, int(row["index"]))),
                    row["value"],
                    int(row["label"]),
                    int(row["answer"]),
                )
                for row in sorted(chosen, key=lambda r: sign * r["value"])
            )
        )
    return found[0], found[1]
