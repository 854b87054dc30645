#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The table and the figures of a comparison of link adaptation."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...experiments.adaptation.results import (
    BLIND_OURS,
    FITTED,
    FIXED,
    GENIE,
    NOISE,
    OURS,
    STILL,
    Adaptation,
)
from ..style import COLUMN, GREY, INK, PALETTE, WRONG, legend_above
from ..text import interval

_LOOKS = {
    OURS: PALETTE[0],
    BLIND_OURS: PALETTE[4],
    FITTED: PALETTE[1],
    STILL: PALETTE[5],
    NOISE: PALETTE[3],
    GENIE: PALETTE[2],
}
_SHADES = {"still": "none", "moving": "#8C8C8C22", "pulses": "#D55E0022"}
_SHOWN_IMAGES = 800
_FRONTIER_PCT, _NAMED_PCT = 16, 13  # what the axis ends with; up to where there is room for a name


def table(adaptation: Adaptation) -> tuple[list[str], list[tuple[str, str, list[str]]]]:
    """Return heads and rows of the page's table."""
    limit = f"{adaptation.limit_pct:g} %"
    heads = ["condition", "policy", "error %", "predicted %", "images/s", f"at {limit}", "over SNR table"]
    rows = []
    for row in adaptation.rows:
        cells = [
            interval(row, "error", "_pct", ".2f", ".1f"),
            f"{row['predicted_error_pct']:.2f}",
            interval(row, "images_per_s", "", ".0f", ".0f"),
            interval(row, "images_per_s_at_target", "", ".0f", ".0f"),
            interval(row, "over_snr_table", "", ".2f", ".2f"),
        ]
        rows.append((row["condition"], row["policy"], cells))
    return heads, rows


def cards(adaptation: Adaptation) -> list[tuple[str, str]]:
    """Return what it amounts to: (figure, what it is)."""
    found = []
    for row in adaptation.rows:
        if row["policy"] == OURS:
            error = f"{row['error_pct']:.1f} % misclassified"
            text = f"{row['condition']}: images a second of the SNR table's, {error}"
            found.append((f"{row['over_snr_table']:.2f} x", text))
    return found


def draw_speed(adaptation: Adaptation, narrow: bool = False) -> Figure:
    """Draw each policy's images a second, a panel a condition; hollow where too many are misclassified."""
    conditions = adaptation.conditions
    fixed = dict.fromkeys(row["policy"] for row in adaptation.rows if row["policy"].startswith(FIXED))
    policies = [*fixed, *_LOOKS][::-1]
    across = 1 if narrow else len(conditions)
    down = -(-len(conditions) // across)
    size = (COLUMN, 2.4 * down) if narrow else (2.6 * across, 3.4)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True).flatten()
    # Few traces have intervals that would leave no room for the bars.
    speeds = [row["images_per_s"] for row in adaptation.rows]
    reaches = [row["images_per_s_high"] or 0.0 for row in adaptation.rows]
    most = min(max(speeds + reaches), 1.5 * max(speeds))
    for axis, condition in zip(axes, conditions, strict=True):
        rows = [row for row in adaptation.rows if row["condition"] == condition]
        for row in rows:
            place = policies.index(row["policy"])
            colour = _LOOKS.get(row["policy"], (GREY, ""))[0]
            over = row["error_pct"] > adaptation.limit_pct
            fill = {"color": "none", "edgecolor": colour} if over else {"color": colour}
            axis.barh(place, row["images_per_s"], height=0.7, **fill)
            low, high = row["images_per_s_low"], row["images_per_s_high"]
            if low is not None:
                reach = [[row["images_per_s"] - low], [high - row["images_per_s"]]]
                axis.errorbar(row["images_per_s"], place, xerr=reach, color=INK, linewidth=0.8, capsize=2)
            text = f" {row['error_pct']:.1f} %"
            end = min(high or row["images_per_s"], most)
            axis.text(end, place, text, va="center", fontsize=7.5, color=WRONG if over else INK)
        axis.set_yticks(range(len(policies)), policies, fontsize=8)
        axis.set_title(condition)
        axis.grid(axis="y", visible=False)
        axis.set_xlim(0, 1.28 * most)
    figure.supxlabel("images a second", fontsize=9.5)
    return figure


def draw_frontier(adaptation: Adaptation, narrow: bool = False) -> Figure:
    """Draw images a second against the error rate, for every error that a policy may be told."""
    conditions = adaptation.conditions
    across = 1 if narrow else min(4, len(conditions))
    down = -(-len(conditions) // across)
    figure = Figure(figsize=(COLUMN if narrow else 2.6 * across, 2.6 * down), layout="constrained")
    axes = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True).flatten()
    for axis, condition in zip(axes, conditions, strict=False):
        for name, (colour, marker) in _LOOKS.items():
            points = [
                (row["error_pct"], row["images_per_s"])
                for row in adaptation.frontier
                if (row["condition"], row["policy"]) == (condition, name)
            ]
            if not points:
                continue
            axis.plot(*zip(*points, strict=True), color=colour, marker=marker, markersize=3, linewidth=1.2)
        for row in adaptation.rows:
            if row["condition"] == condition and row["policy"].startswith(FIXED):
                axis.plot(row["error_pct"], row["images_per_s"], "x", color=GREY, markersize=5)
                if row["error_pct"] > _NAMED_PCT:
                    continue
                name = row["policy"].removeprefix(FIXED)
                axis.annotate(
                    name,
                    (row["error_pct"], row["images_per_s"]),
                    (3, 4) if name == "bpsk" else (3, -8),
                    textcoords="offset points",
                    fontsize=6.5,
                    color=GREY,
                    annotation_clip=True,
                )
        axis.axvline(adaptation.limit_pct, color=INK, linewidth=0.8, linestyle=":")
        axis.set(xlim=(0, _FRONTIER_PCT), ylim=(0, None), title=condition)
    figure.supxlabel("error rate (%)", fontsize=9.5)
    figure.supylabel("images a second", fontsize=9.5)
    handles = [
        Line2D([], [], color=colour, marker=marker, markersize=4, label=name)
        for name, (colour, marker) in _LOOKS.items()
    ]
    handles.append(Line2D([], [], color=GREY, marker="x", linestyle="none", label="fixed"))
    legend_above(figure, handles, columns=2 if narrow else len(handles))
    return figure


def draw_trace(adaptation: Adaptation, narrow: bool = False) -> Figure:
    """Draw the first images of a trace: SNR, modes, error rate, images a second, of ours and the table."""
    condition = "mixed" if "mixed" in adaptation.conditions else adaptation.conditions[0]
    rows = [row for row in adaptation.trace if row["condition"] == condition]
    whole = [row for row in rows if row["seed"] == rows[0]["seed"]]
    shown = whole[:_SHOWN_IMAGES]
    figure = Figure(figsize=(COLUMN if narrow else 10.5, 6.4), layout="constrained")
    axes = figure.subplots(4, 1, sharex=True, height_ratios=(1.0, 1.2, 1.0, 1.0))
    at = np.arange(len(shown))
    axes[0].plot(at, [row["snr_db"] for row in shown], color=INK, linewidth=0.7)
    axes[0].set_ylabel("SNR (dB)")
    times = dict(adaptation.run["air_times"])
    names = sorted({row[f"{p}: mode"] for row in shown for p in (OURS, FITTED)}, key=lambda n: -times[n])
    speed = adaptation.run["images_per_s_of_a_symbol"]
    for name in (FITTED, OURS):
        colour = _LOOKS[name][0]
        modes = [row[f"{name}: mode"] for row in shown]
        shift = 0.12 if name == OURS else -0.12
        axes[1].plot(at, [names.index(mode) + shift for mode in modes], ".", color=colour, markersize=2.2)
        wrong = np.array([row[f"{name}: wrong"] for row in shown])
        axes[2].plot(at, 100 * np.cumsum(wrong) / (at + 1), color=colour, linewidth=1.2)
        rate = speed * (at + 1) / np.cumsum([times[mode] for mode in modes])
        axes[3].plot(at, rate, color=colour, linewidth=1.2)
    axes[1].set_yticks(range(len(names)), names)
    axes[1].set_ylabel("mode")
    axes[2].axhline(adaptation.limit_pct, color=INK, linewidth=0.8, linestyle=":")
    axes[2].set(ylabel="error rate so far (%)", ylim=(0, 3 * adaptation.limit_pct))
    axes[3].set(ylabel="images/s so far", xlabel=f"image of the trace ({condition})", ylim=(0, None))
    for axis in axes:
        _shade(axis, [row["state"] for row in shown])
        axis.margins(x=0)
    handles = [Line2D([], [], color=_LOOKS[name][0], label=name) for name in (OURS, FITTED)]
    for state in ("moving", "pulses"):
        if any(row["state"] == state for row in shown):
            handles.append(Line2D([], [], color=_SHADES[state], linewidth=8, label=state))
    legend_above(figure, handles, columns=2 if narrow else 4)
    return figure


def _shade(axis: Axes, states: Sequence[str]) -> None:
    start = 0
    for i in range(1, len(states) + 1):
        if i == len(states) or states[i] != states[start]:
            if states[start] != "still":
                axis.axvspan(start, i, color=_SHADES[states[start]], linewidth=0)
            start = i
