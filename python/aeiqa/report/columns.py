#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Columns of the tables: what they are called, how their values and links are written."""

import math
from collections.abc import Sequence
from typing import NamedTuple, Optional

from ..experiments.sweep.results import Row

NAMES = {
    "awgn": "AWGN",
    "rayleigh": "Rayleigh",
    "bpsk": "BPSK",
    "qpsk": "QPSK",
    "qam16": "16-QAM",
    "qam64": "64-QAM",
    "qam256": "256-QAM",
    "qam1024": "1024-QAM",
}


class Column(NamedTuple):
    """A column of the printed tables: its head, its name in table.csv, the form of its values."""

    title: str
    name: str
    form: str


COMPARED = (
    Column("BER", "ber", "{:.4f}"),
    Column("classifier error %", "classifier_error_pct", "{:.2f}"),
    Column("IQA error %", "iqa_error_pct", "{:.2f}"),
    Column("PSNR dB (correct)", "psnr_correct_db", "{:.2f}"),
)
"""What the table has beside the paper's values."""


def with_values(columns: Sequence[Column], rows: Sequence[Row]) -> list[Column]:
    """Return the columns that have a value in any row."""
    return [column for column in columns if any(row.get(column.name) is not None for row in rows)]


def link_text(row: Row) -> str:
    """Return a row's link, in columns."""
    channel, modulation = (
        NAMES.get(row["channel"], row["channel"]),
        NAMES.get(row["modulation"], row["modulation"]),
    )
    return f"{channel:<8} {modulation:<8}{row['snr_db']:>5g}"


def difference(old: Optional[float], new: Optional[float]) -> Optional[float]:
    """Return new - old; None where one is missing, or one alone infinite."""
    if old is None or new is None:
        return None
    if old == new:
        return 0.0  # two infinite values agree
    return new - old if math.isfinite(old) and math.isfinite(new) else None


def show(value: Optional[float], form: str) -> str:
    """Return a value in its column's form, a dash for None."""
    return "-" if value is None else form.format(value)
