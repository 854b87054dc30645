#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Predicted against true error, of the sweep's own score."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...experiments.sweep.results import Results, Row
from ..drawing import COLUMN
from ..style import GREY, legend_above, look, modulation_handles
from ..text import NAMES


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
        frame(axis, title)
    names = list(dict.fromkeys(row["modulation"] for row in results.rows))
    channels = list(dict.fromkeys(row["channel"] for row in results.rows))
    legend_above(figure, _handles(names, channels), columns=3 if narrow else 6)
    return figure


def _point(axis: Axes, row: Row, true: float, predicted: float, interval=None) -> None:
    kind = look(row["modulation"])
    fill = {} if row["channel"] == "awgn" else {"markerfacecolor": "none"}
    if interval is not None:
        axis.plot([true, true], interval, color=kind["color"], linewidth=1, zorder=2)
    axis.plot(true, predicted, linestyle="none", zorder=3, **kind, **fill)


def frame(axis: Axes, title: str) -> None:
    axis.axline((0, 0), slope=1, color=GREY, linewidth=1, zorder=1)
    axis.set(
        title=title, xlim=(-2, 100), ylim=(-2, 100), aspect="equal",
        xlabel="true error of the classifier (%)", ylabel="predicted error (%)",
    )  # fmt: skip


def _handles(modulations: list[str], channels: list[str]) -> list[Line2D]:
    handles = modulation_handles(modulations, linestyle="none")
    for channel in channels:
        fill = {} if channel == "awgn" else {"markerfacecolor": "none"}
        handles.append(Line2D([], [], color=GREY, marker="o", linestyle="none", label=NAMES[channel], **fill))
    return handles
