#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The figures of a sweep: predicted error, bit error rate, image quality (the paper's Fig. 6)."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...experiments.sweep.results import Results, Row, condition
from ..style import COLUMN, DASHES, GREY, legend_above, look, modulation_handles
from ..text import NAMES

# Below this a rate is out of the figure: nobody reads an image differently for it.
BER_FLOOR = 1e-6

_NO_LINK: dict[str, Any] = {"linestyle": (0, (1, 1.5)), "linewidth": 1.2}
_THEORY = {"known": ("theory, channel known", "-"), "ls": ("theory, BPSK with LS", "--")}


def draw_error(results: Results, narrow: bool = False) -> Figure:
    """Error rate against SNR, a panel for each channel: true as lines, predicted as hollow markers beside."""
    channels = results.configuration["channels"]
    size = (COLUMN, 3.4 * len(channels)) if narrow else (1.2 + 4.6 * len(channels), 4.4)
    figure = Figure(figsize=size, layout="constrained")
    grid = (len(channels), 1) if narrow else (1, len(channels))
    axes = figure.subplots(*grid, squeeze=False, sharey=True).flatten()
    for axis, channel in zip(axes, channels, strict=True):
        for modulation in _modulations(results):
            _plot_errors(axis, results, _rows(results, channel, modulation), modulation)
            _plot_paper(axis, results.paper, channel, modulation, "classifier_error_pct")
        if results.clean_error_pct is not None:
            axis.axhline(results.clean_error_pct, color=GREY, zorder=1, **_NO_LINK)
        axis.set(title=NAMES[channel], xlabel="SNR (dB)")
        axis.yaxis.set_major_formatter("{x:g} %")
        _snr_ticks(axis, results)
    for axis in axes if narrow else axes[:1]:
        axis.set_ylabel("misclassified")
    axes[0].set_ylim(bottom=0)  # when all is drawn, as the panels share the axis
    legend_above(figure, _error_handles(results), columns=2 if narrow else 2 * len(channels))
    return figure


def _plot_errors(axis: Axes, results: Results, rows: list[Row], modulation: str) -> None:
    """The true error rate with its interval, and a bit to the right the predicted one with its own."""
    colour = look(modulation)["color"]
    snr, error = _column(rows, "snr_db"), _column(rows, "classifier_error_pct")
    low, high = np.array([results.error_interval(row) for row in rows]).T
    bars = {"elinewidth": 1, "capsize": 2.5}
    axis.errorbar(snr, error, _reach(error, low, high), zorder=3, linewidth=1.4, **bars, **look(modulation))
    rows = [row for row in rows if row["iqa_error_pct"] is not None]
    if not rows:
        return
    snr, error = _column(rows, "snr_db"), _column(rows, "iqa_error_pct")
    reach = _reach(error, _column(rows, "iqa_low"), _column(rows, "iqa_high"))
    beside = snr + 0.02 * (np.ptp(snr) or 1)
    style = {"linestyle": "none", "markerfacecolor": "white", "alpha": 0.9, "markersize": 5}
    axis.errorbar(beside, error, reach, zorder=4, marker="o", color=colour, **bars, **style)


def _reach(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Bars below and above, none where a bound is missing; rounding can put one on the wrong side."""
    return np.nan_to_num(np.maximum([values - low, high - values], 0))


def _error_handles(results: Results) -> list[Line2D]:
    handles = modulation_handles(_modulations(results))
    if any(row["iqa_error_pct"] is not None for row in results.rows):
        look_of_it = {"color": GREY, "marker": "o", "markerfacecolor": "white", "linestyle": "none"}
        handles.append(Line2D([], [], label="predicted, 95 % interval", **look_of_it))
    if results.clean_error_pct is not None:
        handles.append(Line2D([], [], color=GREY, label="without a link", **_NO_LINK))
    if results.paper:
        handles.append(Line2D([], [], color=GREY, linestyle="none", marker="x", label="paper, Table II"))
    return handles


def draw_predicted(results: Results, narrow: bool = False) -> Figure:
    """Draw IQA error against the classifier's error; beside it the paper's own, where there is one."""
    panels = [
        ("measured", results.rows),
        *([("paper, Table II", list(results.paper.values()))] if results.paper else []),
    ]
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
    legend_above(figure, _predicted_handles(names, channels), columns=3 if narrow else 6)
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


def _predicted_handles(modulations: list[str], channels: list[str]) -> list[Line2D]:
    handles = modulation_handles(modulations, linestyle="none")
    for channel in channels:
        fill = {} if channel == "awgn" else {"markerfacecolor": "none"}
        handles.append(Line2D([], [], color=GREY, marker="o", linestyle="none", label=NAMES[channel], **fill))
    return handles


def draw_quality(results: Results, narrow: bool = False) -> Figure:
    """Fig. 6: mean PSNR, SSIM and PIQE; PSNR is missing where it is infinite, as in the paper.

    Beside the paper's values, which are crosses, ours are of the images that the classifier gets right, too.
    """
    panels = (
        ("PSNR (dB), none where infinite", _correct_psnr if results.paper else _paper_psnr),
        ("SSIM", _correct_ssim if results.paper else lambda row: row["ssim"]),
        ("PIQE (lower is better)", lambda row: row["piqe_correct" if results.paper else "piqe"]),
    )
    figure = Figure(figsize=(COLUMN, 8.4) if narrow else (10.5, 3.6), layout="constrained")
    axes = figure.subplots(3, 1) if narrow else figure.subplots(1, 3)
    for axis, (title, value) in zip(axes, panels, strict=True):
        for channel, modulation in _curves(results):
            rows = _rows(results, channel, modulation)
            snr = [row["snr_db"] for row in rows]
            axis.plot(snr, [value(row) for row in rows], linestyle=DASHES[channel], **look(modulation))
            theirs = [row for key, row in results.paper.items() if key[:2] == (channel, modulation)]
            snr, values = [row["snr_db"] for row in theirs], [value(row) for row in theirs]
            axis.plot(snr, values, "x", color=GREY, markersize=7, zorder=4)
        axis.set(title=title, xlabel="SNR (dB)")
        _snr_ticks(axis, results)
    axes[1].set_ylim(top=1.02)
    channels = results.configuration["channels"]
    handles = modulation_handles(_modulations(results)) + [
        Line2D([], [], color=GREY, linestyle=DASHES[name], label=NAMES[name]) for name in channels
    ]
    if results.paper:
        handles.append(Line2D([], [], color=GREY, linestyle="none", marker="x", label="paper, Table II"))
    legend_above(figure, handles, columns=3 if narrow else len(handles))
    return figure


def _paper_psnr(row: Row) -> float:
    """The mean over all images, which a single identical image makes infinite; nan draws nothing."""
    return math.nan if row["identical_share"] > 0 else row["psnr_finite_db"]


def _correct_psnr(row: Row) -> float:
    value = row["psnr_correct_db"]
    return math.nan if value is None or math.isinf(value) else value


def _correct_ssim(row: Row) -> float:
    """The similarity that the table has in dB."""
    value = row["ssim_correct_db"]
    return math.nan if value is None else 1 - 10 ** (-value / 10)


def draw_ber(results: Results, narrow: bool = False) -> Figure:
    """One panel per channel: theory as lines, what was counted with its interval, the paper's values."""
    channels = results.configuration["channels"]
    size = (COLUMN, 3.6 * len(channels)) if narrow else (1.2 + 4.6 * len(channels), 4.6)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(*(len(channels), 1) if narrow else (1, len(channels)), squeeze=False).flatten()
    theories = {}
    for axis, channel in zip(axes, channels, strict=True):
        shown = [row for row in [*results.rows, *results.paper.values()] if row["channel"] == channel]
        floor = _ber_floor(shown)
        # Where the receiver estimates the channel, no closed form goes through the points.
        joined = results.configuration["link"][channel]["estimation"] in ("ls", "ls-dft")
        for modulation in _modulations(results):
            _plot_counted(axis, _rows(results, channel, modulation), modulation, floor, joined)
            theories |= _plot_theory(axis, results, channel, modulation)
            _plot_paper(axis, results.paper, channel, modulation, "ber")
        axis.set(title=_ber_title(results, channel), xlabel="SNR (dB)", yscale="log", ylim=(floor, 1))
        _snr_ticks(axis, results)
    for axis in axes if narrow else axes[:1]:
        axis.set_ylabel("bit error rate")
    legend_above(
        figure,
        _ber_handles(results, theories, bool(results.paper)),
        columns=2 if narrow else 2 * len(channels),
    )
    return figure


def _ber_title(results: Results, channel: str) -> str:
    paper_only = channel == "rayleigh" and results.configuration["preset"] == "table2"
    return f"{NAMES[channel]}, the paper's link (no closed form)" if paper_only else NAMES[channel]


def _ber_floor(rows: list[Row]) -> float:
    """The decade below the lowest rate shown, or the figure's floor where no error was counted."""
    lowest = min((row["ber"] or BER_FLOOR for row in rows), default=BER_FLOOR)
    return max(BER_FLOOR, 10.0 ** math.floor(math.log10(lowest)))


def _plot_counted(axis: Axes, rows: list[Row], modulation: str, floor: float, joined: bool) -> None:
    """Markers with their 95 % interval; a wedge at its upper end where not one error was counted."""
    counted = [row for row in rows if row["ber"] > 0]
    if counted:
        snr, ber = _column(counted, "snr_db"), _column(counted, "ber")
        reach = _reach(ber, _column(counted, "ber_low"), _column(counted, "ber_high"))
        line = {"linestyle": ":" if joined else "none", "linewidth": 0.9, "elinewidth": 1, "capsize": 2.5}
        axis.errorbar(snr, ber, reach, zorder=3, **line, **look(modulation))
    for row in rows:
        if row["ber"] == 0:
            bound = max(row["ber_high"], floor * 1.25)
            wedge = {"marker": 7, "color": look(modulation)["color"], "clip_on": False}
            axis.plot(row["snr_db"], bound, zorder=3, **wedge)


def _plot_theory(axis: Axes, results: Results, channel: str, modulation: str) -> dict[str, object]:
    """Draw what is known in closed form; return the label and line style of each kind of curve drawn."""
    curves = results.theory(channel, modulation)
    for name, (snr, rates) in curves.items():
        style = {"color": look(modulation)["color"], "linestyle": _THEORY[name][1], "linewidth": 1.2}
        axis.plot(snr, rates, zorder=2, **style)
    return dict(_THEORY[name] for name in curves)


def _plot_paper(axis: Axes, paper: Mapping[tuple, Row], channel: str, modulation: str, column: str) -> None:
    rows = [row for key, row in paper.items() if key[:2] == (channel, modulation) and row[column] > 0]
    if rows:
        colour = look(modulation)["color"]
        axis.plot(_column(rows, "snr_db"), _column(rows, column), "x", color=colour, markersize=8, zorder=4)


def _ber_handles(results: Results, theories: dict[str, object], has_paper: bool) -> list[Line2D]:
    handles = modulation_handles(_modulations(results), linestyle="none")
    for label, style in theories.items():
        handles.append(Line2D([], [], color=GREY, linewidth=1.2, linestyle=style, label=label))
    handles.append(Line2D([], [], color=GREY, linestyle="none", marker="o", label="measured, 95 % interval"))
    if any(row["ber"] == 0 for row in results.rows):
        handles.append(Line2D([], [], color=GREY, linestyle="none", marker=7, label="no error, 95 % bound"))
    if has_paper:
        handles.append(Line2D([], [], color=GREY, linestyle="none", marker="x", label="paper, Table II"))
    return handles


def _curves(results: Results) -> list[tuple[str, str]]:
    return [
        (channel, name) for channel in results.configuration["channels"] for name in _modulations(results)
    ]


def _modulations(results: Results) -> list[str]:
    return results.configuration["modulations"]


def _rows(results: Results, channel: str, modulation: str) -> list[Row]:
    rows = [row for row in results.rows if condition(row)[:2] == (channel, modulation)]
    return sorted(rows, key=lambda row: row["snr_db"])


def _column(rows: list[Row], name: str) -> np.ndarray:
    return np.array([row[name] for row in rows], dtype=float)


def _snr_ticks(axis: Axes, results: Results) -> None:
    """Ticks at the SNRs that were measured, unless they are too many to print."""
    snr = sorted(results.configuration["snr_db"])
    if len(snr) <= 8:
        axis.set_xticks(snr)
