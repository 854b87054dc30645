#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""From rows, one per link and case, to what they come to over sets of links."""

import math
from collections.abc import Iterable, Sequence
from typing import Optional

import numpy as np

from .statistics import over_links

MEASURES = (
    "mean_abs_points", "max_abs_points", "bias_points", "pearson", "spearman", "kendall", "auroc",
    "coverage_pct", "width_points",
)  # fmt: skip
SUMMARY_COLUMNS = (
    "dataset", "target", "score", "variant", "links", "n_links", "seeds",
    *(name for measure in MEASURES for name in (measure, f"{measure}_low", f"{measure}_high")),
)  # fmt: skip

TOP5_COLUMN = "true_top5_error_pct"
"""Last in both tables, where a classifier knows many classes: its top-5 error, and the mean over links."""

_BOUNDS = ("predicted_low_pct", "predicted_high_pct")
TRANSFER = "target-transfer"
AWGN_TO_RAYLEIGH = "awgn-to-rayleigh"


def summarise(rows: Sequence[dict]) -> list[dict]:
    """Return a row of ``SUMMARY_COLUMNS`` per (target, score, variant, set of links).

    Sets: ``table2`` and ``physical`` (variants raw and fitted); ``awgn-to-rayleigh``: fitted on AWGN links
    instead of random bit errors, over the Rayleigh links; ``target-transfer``: fitted on another target, over
    all links. A measure is the mean over training seeds, ``_low`` and ``_high`` are the least and largest.
    """
    groups: dict[tuple, list[dict]] = {}
    for row in rows:
        for variant, links in _sets(row):
            key = (row["dataset"], row["target"], row["score"], variant, links)
            groups.setdefault(key, []).append(row)
    return [_summary(key, members) for key, members in groups.items()]


def _sets(row: dict) -> list[tuple[str, str]]:
    """Return (variant, set of links) that a row counts for."""
    if not row["variant"].startswith("fitted-on-"):
        return [(row["variant"], row["preset"])]
    if row["variant"] == "fitted-on-awgn":
        return [("fitted", AWGN_TO_RAYLEIGH)] if row["channel"] == "rayleigh" else []
    return [("fitted", TRANSFER)]


def _summary(key: tuple, rows: list[dict]) -> dict:
    by_seed: dict[int, list[dict]] = {}
    for row in rows:
        by_seed.setdefault(row["seed"], []).append(row)
    found = [_measures(members) for members in by_seed.values()]
    summary = dict(zip(SUMMARY_COLUMNS, key, strict=False))
    summary |= {"n_links": len(rows) // len(by_seed), "seeds": len(by_seed)}
    for measure in MEASURES:
        values = [each[measure] for each in found if not math.isnan(each[measure])]
        summary[measure] = float(np.mean(values)) if values else math.nan
        summary[f"{measure}_low"] = min(values, default=math.nan)
        summary[f"{measure}_high"] = max(values, default=math.nan)
    if TOP5_COLUMN in rows[0]:
        summary[TOP5_COLUMN] = float(np.mean([row[TOP5_COLUMN] for row in rows]))
    return summary


def with_top5(columns: Sequence[str], rows: Iterable[dict]) -> tuple[str, ...]:
    """Return a table's columns, with the top-5 error where a row has one."""
    return (*columns, TOP5_COLUMN) if any(TOP5_COLUMN in row for row in rows) else tuple(columns)


def _measures(rows: list[dict]) -> dict[str, float]:
    column = {
        name: np.array([math.nan if row[name] is None else row[name] for row in rows], float)
        for name in ("true_error_pct", "predicted_error_pct", *_BOUNDS, "raw", "auroc")
    }
    true = column["true_error_pct"]
    found = over_links(true, column["predicted_error_pct"], column["raw"])
    inside = column["auroc"][np.isfinite(column["auroc"])]
    found["auroc"] = float(inside.mean()) if len(inside) else math.nan
    covered = (column["predicted_low_pct"] <= true) & (true <= column["predicted_high_pct"])
    known = np.isfinite(column["predicted_error_pct"]).all()
    found["coverage_pct"] = 100.0 * float(covered.mean()) if known else math.nan
    found["width_points"] = float((column["predicted_high_pct"] - column["predicted_low_pct"]).mean())
    return found


def summary_text(rows: Iterable[dict]) -> str:
    """Return summary.csv for reading: per target and set of links, a line per score and variant."""
    lines: list[str] = []
    groups: dict[tuple[str, str], list[dict]] = {}
    for row in rows:
        groups.setdefault((row["target"], row["links"]), []).append(row)
    for (target, links), members in groups.items():
        top5 = members[0].get(TOP5_COLUMN)
        more = "" if top5 is None else f", mean top-5 error {top5:.2f} %"
        lines += ["", f"target {target}, {links}: {members[0]['n_links']:.0f} links{more}"]
        lines.append(
            f"  {'score':<18}{'variant':<8} {'mean':>18} {'max':>20} {'bias':>7} {'Pearson':>8} "
            f"{'Spearman':>8} {'Kendall':>8} {'AUROC':>18}"
        )
        for row in sorted(members, key=_order):
            lines.append(
                f"  {row['score']:<18}{row['variant']:<8} {_range(row, 'mean_abs_points', 2):>18} "
                f"{_range(row, 'max_abs_points', 1):>20} {_number(row['bias_points'], 2):>7} "
                f"{_number(row['pearson'], 3):>8} {_number(row['spearman'], 3):>8} "
                f"{_number(row['kendall'], 3):>8} {_range(row, 'auroc', 3):>18}"
            )
    lines += ["", "mean, max, bias: predicted against true error, in points; (least-largest of the seeds)"]
    return "\n".join(lines).lstrip("\n")


def _order(row: dict) -> float:
    return math.inf if row["mean_abs_points"] is None else row["mean_abs_points"]


def _number(value: Optional[float], digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _range(row: dict, name: str, digits: int) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    text = _number(row[name], digits)
    return text if low is None or low == high else f"{text} ({low:.{digits}f}-{high:.{digits}f})"
