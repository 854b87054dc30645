#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Predicted against true error: of the sweep's own score, and of every score of an evaluation."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Optional

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..errors import InputError
from .drawing import COLUMN
from .results import EVALUATION_FILE, SUMMARY_FILE, Results, Row
from .style import GREY, legend_above, look, modulation_handles
from .text import NAMES

_EVALUATION_COLUMNS = (
    "dataset", "target", "score", "variant", "preset", "channel", "modulation", "snr_db",
    "true_error_pct", "predicted_error_pct",
)  # fmt: skip
_SUMMARY_COLUMNS = ("dataset", "target", "score", "variant", "links", "mean_abs_points", "max_abs_points")
_TEXT = {"dataset", "target", "score", "variant", "preset", "channel", "modulation", "links"}


def read_rows(path: Path, needed: Sequence[str]) -> list[dict]:
    """Return the rows of a CSV file of an evaluation, numbers as float, empty cells as None.

    Raises ``InputError`` if it cannot be read or lacks a column.
    """
    try:
        with open(path, encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                raise InputError(f"{path} is damaged (column {missing[0]} is missing)")
            return [{name: _value(name, cell) for name, cell in line.items()} for line in reader]
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} cannot be read ({error})") from None


def _value(name: str, cell: Optional[str]) -> str | float | None:
    if name in _TEXT:
        return cell
    return float(cell) if cell else None


def load_evaluation(folder: Path) -> list[dict]:
    """Return the rows of ``folder/evaluation.csv``; empty if there is none."""
    path = folder / EVALUATION_FILE
    return read_rows(path, _EVALUATION_COLUMNS) if path.exists() else []


def load_summary(folder: Path) -> list[dict]:
    """Return the rows of ``folder/summary.csv``; empty if there is none."""
    path = folder / SUMMARY_FILE
    return read_rows(path, _SUMMARY_COLUMNS) if path.exists() else []


def draw_predicted(results: Results, paper: Mapping[tuple, Row], narrow: bool = False) -> Figure:
    """Draw IQA error against the classifier's error; beside it the paper's own, where there is one."""
    panels = [("measured", results.rows), *([("paper, Table II", list(paper.values()))] if paper else [])]
    size = (COLUMN, 3.6 * len(panels)) if narrow else (4.9 * len(panels), 4.4)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(*(len(panels), 1) if narrow else (1, len(panels)), squeeze=False).flatten()
    for axis, (title, rows) in zip(axes, panels, strict=True):
        for row in rows:
            low, high = row.get("iqa_low"), row.get("iqa_high")
            interval = None if low is None or high is None else (low, high)
            _point(axis, row, row["classifier_error_pct"], row["iqa_error_pct"], interval)
        _frame(axis, title)
    names = list(dict.fromkeys(row["modulation"] for row in results.rows))
    channels = list(dict.fromkeys(row["channel"] for row in results.rows))
    legend_above(figure, _handles(names, channels), columns=3 if narrow else 6)
    return figure


def _point(axis: Axes, row: Row, true: float, predicted: float, interval=None, size: float = 5.5) -> None:
    kind = look(row["modulation"])
    fill = {} if row["channel"] == "awgn" else {"markerfacecolor": "none"}
    if interval is not None:
        axis.plot([true, true], interval, color=kind["color"], linewidth=1, zorder=2)
    axis.plot(true, predicted, linestyle="none", markersize=size, zorder=3, **kind, **fill)


def _frame(axis: Axes, title: str) -> None:
    axis.axline((0, 0), slope=1, color=GREY, linewidth=1, zorder=1)
    axis.set(
        title=title, xlim=(-2, 100), ylim=(-2, 100), aspect="equal",
        xlabel="true error of the classifier (%)", ylabel="predicted (%)",
    )  # fmt: skip


def _handles(modulations: list[str], channels: list[str]) -> list[Line2D]:
    handles = modulation_handles(modulations, linestyle="none")
    for channel in channels:
        fill = {} if channel == "awgn" else {"markerfacecolor": "none"}
        handles.append(Line2D([], [], color=GREY, marker="o", linestyle="none", label=NAMES[channel], **fill))
    return handles


def draw_evaluation(rows: Sequence[dict], variant: str, narrow: bool = False) -> Figure:
    """Draw a panel for each score of an evaluation, each link a point (the mean over training seeds)."""
    chosen = [row for row in rows if row["variant"] == variant and row["predicted_error_pct"] is not None]
    scores = list(dict.fromkeys(row["score"] for row in chosen))
    across = 2 if narrow else 4
    down = -(-len(scores) // across)
    size = (COLUMN, 2.1 * down) if narrow else (10.5, 2.8 * down)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True).flatten()
    for axis, score in zip(axes, scores, strict=False):
        for row in _over_seeds([row for row in chosen if row["score"] == score]):
            _point(axis, row, row["true_error_pct"], row["predicted_error_pct"], size=3.2)
        _frame(axis, score)
        axis.set(xlabel="", ylabel="")
    for axis in axes[len(scores) :]:
        axis.set_axis_off()
    figure.supxlabel("true error of the target (%)", fontsize=9.5)
    figure.supylabel("predicted (%)", fontsize=9.5)
    names = list(dict.fromkeys(row["modulation"] for row in chosen))
    channels = list(dict.fromkeys(row["channel"] for row in chosen))
    legend_above(figure, _handles(names, channels), columns=3 if narrow else 6)
    return figure


def _over_seeds(rows: Sequence[dict]) -> list[dict]:
    """One row for each link and target: the mean of true and predicted error over training seeds."""
    groups: dict[tuple, list[dict]] = {}
    for row in rows:
        key = tuple(row[name] for name in ("dataset", "target", "preset", "channel", "modulation", "snr_db"))
        groups.setdefault(key, []).append(row)
    means = []
    for group in groups.values():
        errors = {
            name: float(np.mean([row[name] for row in group]))
            for name in ("true_error_pct", "predicted_error_pct")
        }
        means.append({**group[0], **errors})
    return means
