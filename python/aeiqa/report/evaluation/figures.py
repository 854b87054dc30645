#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The figures of an evaluation: every score against the true error."""

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...experiments.evaluation.results import Evaluation
from ..style import COLUMN, GREY, PALETTE, legend_above
from ..sweep.figures import frame
from ..text import NAMES


def draw_scores(evaluation: Evaluation, variant: str, narrow: bool = False) -> Figure:
    """Draw a panel for each score: each link and target a point, the mean over training seeds."""
    scores = evaluation.scores(variant)
    across = 2 if narrow else 4
    down = -(-len(scores) // across)
    size = (COLUMN, 1.95 * down) if narrow else (10.5, 2.8 * down)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True).flatten()
    channels = list(dict.fromkeys(row["channel"] for row in evaluation.rows))
    for axis, score in zip(axes, scores, strict=False):
        points = evaluation.points(score, variant)
        for number, target in enumerate(evaluation.targets):
            for channel in channels:
                true, said = _columns(points, target, channel)
                axis.plot(true, said, **_marker(number, channel))
        frame(axis, f"{score}: {scores[score]:.1f}")
        axis.set(xlabel="", ylabel="")
    for axis in axes[len(scores) :]:
        axis.set_axis_off()
    for axis in axes[: len(scores)][-across:]:  # the last of each column
        axis.tick_params(labelbottom=True)
    figure.supxlabel("true error (%)", fontsize=9.5)
    figure.supylabel("predicted error (%)", fontsize=9.5)
    handles = [
        Line2D([], [], label=target, **_marker(number, "awgn") | {"markersize": 5})
        for number, target in enumerate(evaluation.targets)
    ]
    for channel in channels:
        look = {**_marker(0, channel), "color": GREY, "marker": "o", "markersize": 5}
        handles.append(Line2D([], [], label=NAMES[channel], **look))
    legend_above(figure, handles, columns=3 if narrow else len(handles))
    return figure


def _marker(number: int, channel: str) -> dict:
    colour, marker = PALETTE[number % len(PALETTE)]
    fill = {} if channel == "awgn" else {"markerfacecolor": "none"}
    return {"linestyle": "none", "marker": marker, "color": colour, "markersize": 3.2, "mew": 0.8} | fill


def _columns(points: list[tuple], target: str, channel: str) -> tuple[list[float], list[float]]:
    chosen = [point[2:] for point in points if point[:2] == (target, channel)]
    return [true for true, _ in chosen], [said for _, said in chosen]
