#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Results as text: the paper's figures and the measured ones side by side; ways to adapt the link."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..experiments.adaptation.results import FITTED, FIXED
from ..experiments.sweep.results import Results, Row, Summary, condition, summarise
from ..link.config import BITS_PER_SYMBOL
from .columns import COMPARED, NAMES, Column, difference, link_text, show, with_values
from .draws import draws_lines

MEASURED = (
    Column("images", "images", "{:,.0f}"),
    Column("BER", "ber", "{:.3g}"),
    Column("error %", "classifier_error_pct", "{:.2f}"),
    Column("top-5 err %", "classifier_top5_error_pct", "{:.2f}"),
    Column("IQA %", "iqa_error_pct", "{:.2f}"),
    Column("PSNR dB", "psnr_finite_db", "{:.2f}"),
    Column("identical %", "identical_share", "{:.1%}"),
    Column("SSIM", "ssim", "{:.3f}"),
    Column("PIQE", "piqe", "{:.2f}"),
)


def report_text(results: Results) -> str:
    """Return the table, side by side with the paper's where that has the same rows, and its summary."""
    rows = results.rows
    paper = results.paper
    compared = any(condition(row) in paper for row in rows)
    lines = [heading(results), results.run["snr_definition"], eb_n0_line(rows), ssim_line(results)]
    lines += [stopping_line(results), ""] if results.stopping else [""]
    if results.draws > 1:
        lines += draws_lines(results)
    else:
        lines += _side_by_side(rows, paper) if compared else _measured(measured_columns(results), rows)
    measured = summarise(rows)
    if answer := answer_text(results):
        lines += ["", answer]
    if measured is not None:
        lines.append("")
        if compared:
            paper_rows = list(paper.values())
            lines.append(_summary_line(f"paper, {len(paper_rows)} rows", summarise(paper_rows)))
        lines.append(_summary_line(f"measured, {len(rows)} rows", measured))
    if results.clean is not None and results.clean.fitted is not None:
        lines += ["", *results.clean.lines()]
    return "\n".join(lines)


def answer_text(results: Results) -> str:
    """Return what the links cost the classifier, in two sentences; nothing without a classifier.

    The link of the second sentence is the one whose error rate is nearest to twice that without a link, and
    no less than 5 points above it: where a link begins to cost something.
    """
    clean = results.clean_error_pct
    if clean is None:
        return ""
    aim = max(2 * clean, clean + 5)
    row = min(results.rows, key=lambda row: abs(row["classifier_error_pct"] - aim))
    low, high = results.error_interval(row)
    link = f"{NAMES[row['modulation']]} and {row['snr_db']:g} dB over {NAMES[row['channel']]}"
    text = f"Without a link {clean:.1f} % of the images are misclassified; at {link} "
    text += f"{row['classifier_error_pct']:.1f} % ({low:.1f} to {high:.1f})"
    if row["iqa_low"] is not None:
        text += f", predicted {row['iqa_error_pct']:.1f} % ({row['iqa_low']:.1f} to {row['iqa_high']:.1f})"
    return f"{text}."


_SSIM_WINDOWS = {"gaussian": "MATLAB's Gaussian window (11x11, sigma 1.5)", "uniform": "a uniform 5x5 window"}


def ssim_line(results: Results) -> str:
    """Return with which window SSIM was measured, in a sentence."""
    return f"SSIM is with {_SSIM_WINDOWS[results.ssim_window]}."


def heading(results: Results) -> str:
    """Return what was sent over which kind of link, in a line."""
    config = results.configuration
    background = "" if config["background"] is None else f", background {config['background']}"
    return f"{config['images']} images of {config['dataset']}{background}, preset {config['preset']}"


def eb_n0_line(rows: Sequence[Row]) -> str:
    """Return how Eb/N0 follows from the SNR for the modulations of a table, in a sentence."""
    modulations = dict.fromkeys(row["modulation"] for row in rows)
    less = [f"{NAMES.get(name, name)} {10 * math.log10(BITS_PER_SYMBOL[name]):.1f}" for name in modulations]
    return f"Eb/N0 is the SNR less 10 log10(bits per symbol), in dB: {', '.join(less)}."


def _side_by_side(rows: Sequence[Row], paper: Mapping[tuple, Row]) -> list[str]:
    columns = with_values(COMPARED, rows)
    lines = [" " * 22 + "".join(f" | {column.title:^23}" for column in columns)]
    lines.append("channel  mod.   SNR dB" + " |   paper    ours    diff" * len(columns))
    lines.append("-" * 22 + ("-+-" + "-" * 23) * len(columns))
    for row in rows:
        theirs = paper.get(condition(row), {})
        cells = []
        for column in columns:
            old, new = theirs.get(column.name), row[column.name]
            pair = f"{show(old, column.form):>7} {show(new, column.form):>7}"
            cells.append(f"{pair} {show(difference(old, new), column.form.replace(':', ':+')):>7}")
        lines.append(f"{link_text(row):22} | {' | '.join(cells)}")
    return lines


def measured_columns(results: Results) -> list[Column]:
    """Return the columns of a table without the paper's: images only where links had different numbers."""
    columns = MEASURED if results.stopping else MEASURED[1:]
    return with_values(columns, results.rows)


def stopping_line(results: Results) -> str:
    """Return by which rule images were repeated, and what came of it, in a sentence or two; "": by none."""
    rule = results.stopping
    if rule is None:
        return ""
    asked = [] if rule.points is None else [f"the error was known to {rule.points:g} points (95 %)"]
    asked += [] if rule.min_bit_errors is None else [f"{rule.min_bit_errors:,} bits were wrong"]
    counts = [results.images_of(row) for row in results.rows]
    text = f"Images were repeated with fresh noise until {' and '.join(asked)}: {min(counts):,} "
    text += f"to {max(counts):,} images a link."
    short = sum(not results.is_precise(row) for row in results.rows)
    if short:
        text += f" {short} of {len(counts)} links had the most allowed, {rule.most:,}, before."
    return text


def _measured(columns: Sequence[Column], rows: Sequence[Row]) -> list[str]:
    lines = ["channel  mod.   SNR dB" + "".join(f" {column.title:>11}" for column in columns)]
    lines.append("-" * len(lines[0]))
    for row in rows:
        lines.append(f"{link_text(row):22}" + "".join(f" {show(row[c.name], c.form):>11}" for c in columns))
    return lines


def _summary_line(title: str, summary: Summary) -> str:
    pearson, spearman = (f"{value:.3f}" if value is not None else "-" for value in summary[2:])
    return (
        f"|IQA - error| ({title}): mean {summary.mean:.2f} points, max {summary.max:.2f}; "
        f"Pearson {pearson}, Spearman {spearman}"
    )


def comparison_text(rows: Sequence[dict[str, Any]], error: float) -> str:
    """Return the rows of adaptation.csv for reading; ``error`` is the share that may be misclassified."""
    limit = 100 * error
    lines = []
    for name in dict.fromkeys(row["condition"] for row in rows):
        lines.append(f"{name}, at most {limit:g} % misclassified")
        head = f"  {'policy':<18} {'error %':>20} {'images/s':>20} {'at ' + format(limit, 'g') + ' %':>20}"
        lines.append(head + f" {'/ SNR table':>20}")
        for row in (row for row in rows if row["condition"] == name):
            rate = interval(row, "error", "_pct", ".2f", ".1f")
            speed = interval(row, "images_per_s", "", ".0f", ".0f")
            at_target = interval(row, "images_per_s_at_target", "", ".0f", ".0f")
            ratio = interval(row, "over_snr_table", "", ".2f", ".2f")
            over = " too many" if row["error_low_pct"] is not None and row["error_low_pct"] > limit else ""
            lines.append(f"  {row['policy']:<18} {rate:>20} {speed:>20} {at_target:>20} {ratio:>20}{over}")
    return "\n".join([*lines, "", spread_line(rows)])


def spread_line(rows: Sequence[dict[str, Any]]) -> str:
    """Return what the intervals of a comparison of link adaptation say, in a sentence."""
    traces = int(rows[0]["traces"])
    if traces == 1:
        return "Of one trace each: intervals are unknown, as they are from the spread between traces."
    return f"Means over {traces} traces each; in brackets 95 % intervals from the spread between traces."


def interval(row: dict[str, Any], name: str, unit: str, form: str, bound: str) -> str:
    """Return a row's value and its interval; the columns are ``name``, "", _low or _high, ``unit``.

    The interval is "unknown" where one is needed and missing, and left out where there is none to need: a
    fixed mode's speed and the SNR table's ratio to itself are exact. Nothing without a value.
    """
    value, low, high = (row[f"{name}{part}{unit}"] for part in ("", "_low", "_high"))
    if value is None or math.isnan(value):
        return ""
    if low is not None and not math.isnan(low):
        return f"{value:{form}} ({low:{bound}}-{high:{bound}})"
    exact = (row["policy"].startswith(FIXED) and name == "images_per_s") or (
        row["policy"] == FITTED and name == "over_snr_table"
    )
    return f"{value:{form}}" if exact else f"{value:{form}} (unknown)"
