#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The figure that compares the paper's values with the draws of a sweep."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...experiments.sweep.results import Results, Row, condition
from ..columns import Column, difference, link_text, with_values
from ..draws import COLUMNS, is_inside
from ..style import COLUMN, GREY

_INSIDE, _OUTSIDE, _BAR = "#2E7D32", "#B3261E", "#9AA5B1"


def draw_agreement(results: Results, narrow: bool = False) -> Figure:
    """The paper's value against our interval, row by row: a panel a column, all less our mean."""
    columns = with_values(COLUMNS, results.rows)
    rows = [row for row in results.rows if condition(row) in results.paper]
    across = 2 if narrow else 3
    down = -(-len(columns) // across)
    size = (2 * COLUMN if narrow else 11.5, (1.2 + 0.17 * len(rows)) * down)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(down, across, squeeze=False, sharey=True)
    for axis in axes.flat[len(columns) :]:
        axis.set_visible(False)
    for axis, column in zip(axes.flat, columns, strict=False):
        for place, row in enumerate(rows):
            _plot_row(axis, place, row, column, results.paper[condition(row)])
        axis.axvline(0, color=GREY, linewidth=0.6, zorder=1)
        axis.set(title=f"{column.title}, less our mean", ylim=(len(rows) - 0.4, -0.6))
    labels = [link_text(row) for row in rows]
    for axis in axes[:, 0]:
        axis.set_yticks(range(len(rows)), labels, fontsize=7, family="monospace")
    return figure


def _plot_row(axis: Axes, place: int, row: Row, column: Column, paper: Row) -> None:
    """Our 5 to 95 % as a bar and the paper's value as a point; nothing where a value is infinite."""
    inside = is_inside(row, column, paper)
    ends = [difference(row[column.name], row.get(f"{column.name}_{end}")) for end in ("q05", "q95")]
    gap = difference(row[column.name], paper[column.name])
    if inside is None or gap is None or None in ends:
        return
    axis.plot(ends, [place, place], color=_BAR, linewidth=4, solid_capstyle="butt", zorder=2)
    colour, marker = (_INSIDE, "o") if inside else (_OUTSIDE, "x")
    axis.plot(gap, place, marker, color=colour, markersize=4, zorder=3)
