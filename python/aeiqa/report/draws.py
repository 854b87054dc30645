#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Several draws of each link: their mean, their 5 to 95 %, and whether the paper's value lies inside."""

import math
from collections.abc import Sequence
from typing import Optional

from ..experiments.sweep.results import Results, Row, condition
from .columns import COMPARED, NAMES, Column, link_text, show, with_values

COLUMNS = (
    *COMPARED,
    Column("SSIM dB (correct)", "ssim_correct_db", "{:.2f}"),
    Column("PIQE (correct)", "piqe_correct", "{:.2f}"),
)
_BLOCK = 3  # columns side by side
_WIDTH = 31


def is_inside(row: Row, column: Column, paper: Row) -> Optional[bool]:
    """Return whether the paper's value lies in the 5 to 95 % of the draws, as printed; None: no value."""
    value, low, high = (paper.get(column.name), *(row.get(f"{column.name}_{end}") for end in ("q05", "q95")))
    if value is None or low is None or high is None:
        return None
    low, high = (float(column.form.format(bound)) for bound in (low, high))
    return bool(low <= value <= high)


def interval_text(row: Row, column: Column) -> str:
    """Return the 5 and 95 % of a row's draws, as ``17.67 to 17.79``; a dash where there are none."""
    low, high = (row.get(f"{column.name}_{end}") for end in ("q05", "q95"))
    return "-" if low is None else f"{show(low, column.form)} to {show(high, column.form)}"


def draws_lines(results: Results) -> list[str]:
    """Return the table of a sweep of several draws, in blocks of columns, and how often the paper agrees."""
    columns, lines = with_values(COLUMNS, results.rows), []
    for first in range(0, len(columns), _BLOCK):
        block = columns[first : first + _BLOCK]
        lines.append(" " * 22 + "".join(f" | {column.title:^{_WIDTH}}" for column in block))
        lines.append("channel  mod.   SNR dB" + " |   paper    mean     5 to 95 %    " * len(block))
        lines.append("-" * 22 + ("-+-" + "-" * _WIDTH) * len(block))
        for row in results.rows:
            cells = [_cell(row, column, results.paper.get(condition(row), {})) for column in block]
            lines.append(f"{link_text(row):22} | {' | '.join(cells)}")
        lines.append("")
    lines.append(f"{draws_line(results)}")
    return [*lines, *agreement_lines(results)]


def draws_line(results: Results) -> str:
    """Return what the columns are, in a sentence."""
    text = f"Means and 5 to 95 % of {results.draws} draws of {results.configuration['images']} images each."
    return f"{text} A star: the paper's value lies inside." if results.paper else text


def agreement_lines(results: Results) -> list[str]:
    """Return for each channel in how many rows the paper's finite values lie inside, by column."""
    lines = []
    for channel in results.configuration["channels"] if results.paper else ():
        papers = {
            condition(row): (row, results.paper[condition(row)])
            for row in results.rows
            if row["channel"] == channel and condition(row) in results.paper
        }
        parts = []
        for column in with_values(COLUMNS, [row for row, _ in papers.values()]):
            finite = [pair for pair in papers.values() if math.isfinite(pair[1][column.name])]
            known = [
                each for each in (is_inside(row, column, its) for row, its in finite) if each is not None
            ]
            parts.append(f"{column.title} {sum(known)} of {len(known)}")
        lines += [f"Inside over {NAMES[channel]}: {', '.join(parts)}."] if papers else []
    return lines


def _cell(row: Row, column: Column, paper: Row) -> str:
    star = "*" if is_inside(row, column, paper) else " "
    old, mean = show(paper.get(column.name), column.form), show(row[column.name], column.form)
    return f"{old:>7} {mean:>7} {interval_text(row, column):>14}{star}"


def drawn_cells(row: Row, column: Column, paper: Row) -> Sequence[tuple[str, str]]:
    """Return a column's cells in the page's table, with shades: the paper's value, our mean, our interval.

    An interval that holds the paper's value is bold.
    """
    shade = "best" if is_inside(row, column, paper) else ""
    return (
        (show(paper.get(column.name), column.form), "paper"),
        (show(row[column.name], column.form), ""),
        (interval_text(row, column), shade),
    )
