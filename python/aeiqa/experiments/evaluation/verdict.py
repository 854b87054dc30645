#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Verdict of an evaluation: which score to trust for which target, which target defeats which score.

Nothing here is known beforehand but the aims: all else is computed from the rows of evaluation.csv and
summary.csv.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Optional

from ...iqa import SCORES

FITTED = "fitted"
LINK_SETS = ("table2", "physical")
RIGHT_COVERAGE_PCT = 95.0


AIMS = {name: score.aim for name, score in SCORES.items() if score.aim is not None}
"""The aims of the scores that have some. For comparison: by its own Table II the paper's score is 7.6 points
off on average and 22.4 at worst."""

_NAMES, _MEASURES = ("dataset", "links", "target", "score"), ("mean", "max", "auroc")
_WORST = ("channel", "modulation", "snr_db", "seed", "predicted_pct", "true_pct")
VERDICT_COLUMNS = (
    *_NAMES, "n_links", "n_images", "seeds",
    *(name + end for name in _MEASURES for end in ("", "_low", "_high", "_aim")),
    "coverage_pct", *(f"worst_{name}" for name in _WORST),
)  # fmt: skip


class Measure(NamedTuple):
    """One figure of a score beside its aim: the mean over training seeds, with the least and the largest."""

    name: str  # mean, max or auroc
    value: Optional[float]  # None: not known, as an AUROC where no link has images enough of both kinds
    low: Optional[float]
    high: Optional[float]
    aim: float

    @property
    def met(self) -> Optional[bool]:
        """True if the aim is met; None if unknown."""
        if self.value is None:
            return None
        return self.value >= self.aim if self.name == "auroc" else self.value <= self.aim


class Miss(NamedTuple):
    """The link over which a score was furthest off, with that training seed which was."""

    link: tuple[str, str, float]  # channel, modulation, SNR in dB
    seed: int  # 0: nothing was trained
    predicted_pct: float
    true_pct: float

    @property
    def points(self) -> float:
        """Distance of predicted and true error, points."""
        return abs(self.predicted_pct - self.true_pct)


class Verdict(NamedTuple):
    """Verdict on one score for one target over one set of links."""

    dataset: str
    links: str
    target: str
    score: str
    n_links: int
    n_images: int  # over each link
    seeds: int
    measures: tuple[Measure, Measure, Measure]
    coverage_pct: Optional[float]  # of links, whose true error lies inside the score's 95 % interval
    worst: Optional[Miss]

    @classmethod
    def of_row(cls, row: Mapping) -> "Verdict":
        """Return the verdict of a row of verdict.csv; ``ValueError`` for a score or links that have none."""
        if row["score"] not in AIMS or row["links"] not in LINK_SETS:
            raise ValueError(f"a verdict on score {row['score']} over {row['links']}")
        measures = tuple(
            Measure(name, *(row[name + end] for end in ("", "_low", "_high", "_aim"))) for name in _MEASURES
        )
        worst = [row[f"worst_{name}"] for name in _WORST]
        miss = None if worst[0] in (None, "") else Miss(tuple(worst[:3]), int(worst[3]), *worst[4:])
        counts = (int(row[name]) for name in ("n_links", "n_images", "seeds"))
        return cls(*(row[name] for name in _NAMES), *counts, measures, row["coverage_pct"], miss)

    def as_row(self) -> dict:
        """Return the verdict as a row of verdict.csv."""
        row = {
            name: getattr(self, name) for name in (*_NAMES, "n_links", "n_images", "seeds", "coverage_pct")
        }
        for m in self.measures:
            row |= {m.name: m.value, f"{m.name}_low": m.low, f"{m.name}_high": m.high, f"{m.name}_aim": m.aim}
        if self.worst is not None:
            miss = (*self.worst.link, *self.worst[1:])
            row |= {f"worst_{name}": value for name, value in zip(_WORST, miss, strict=True)}
        return row

    @property
    def mean(self) -> Measure:
        """Points off on average."""
        return self.measures[0]

    @property
    def largest(self) -> Measure:
        """Points off at worst."""
        return self.measures[1]

    @property
    def missed(self) -> list[Measure]:
        """The measures that fall short of their aims."""
        return [measure for measure in self.measures if measure.met is False]

    @property
    def met(self) -> bool:
        """True if every known measure meets its aim."""
        return not self.missed


def verdicts(rows: Sequence[Mapping], summary: Sequence[Mapping]) -> list[Verdict]:
    """Judge each score that has aims, as fitted, for each target and set of links; Table II's links first.

    ``rows`` are those of evaluation.csv, ``summary`` those of summary.csv, with numbers as float and None or
    nan where there is none. What predicted no error is left out.
    """
    found = []
    for row in summary:
        names = tuple(str(row[name]) for name in _NAMES)
        mean = _number(row, "mean_abs_points")
        if row["variant"] != FITTED or names[1] not in LINK_SETS or names[3] not in AIMS or mean is None:
            continue
        members = [r for r in rows if _names(r) == names and r["variant"] == FITTED]
        links = {_link(r) for r in members}
        measures = tuple(
            Measure(name, *(_number(row, column + end) for end in ("", "_low", "_high")), aim)
            for name, column, aim in zip(
                _MEASURES,
                ("mean_abs_points", "max_abs_points", "auroc"),
                AIMS[names[3]],
                strict=True,
            )
        )
        found.append(
            Verdict(
                *names,
                n_links=len(links),
                n_images=max((int(_number(r, "n_images") or 0) for r in members), default=0),
                seeds=len({r.get("seed") for r in members}),
                measures=measures,
                coverage_pct=_number(row, "coverage_pct"),
                worst=_worst(members),
            )
        )
    return sorted(found, key=lambda v: LINK_SETS.index(v.links))


def _names(row: Mapping) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("dataset", "preset", "target", "score"))


def _link(row: Mapping) -> tuple[str, str, float]:
    return row["channel"], row["modulation"], float(row["snr_db"])


def _worst(rows: Sequence[Mapping]) -> Optional[Miss]:
    misses = [
        Miss(_link(row), int(_number(row, "seed") or 0), predicted, true)
        for row in rows
        if (predicted := _number(row, "predicted_error_pct")) is not None
        and (true := _number(row, "true_error_pct")) is not None
    ]
    return max(misses, key=lambda miss: miss.points, default=None)


def _number(row: Mapping, name: str) -> Optional[float]:
    value = row.get(name)
    if value in (None, ""):
        return None
    return None if math.isnan(float(value)) else float(value)
