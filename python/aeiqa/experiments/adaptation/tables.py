#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The tables of a comparison of link adaptation: their files, columns and policies, and as text."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..layout import ADAPTATION_FILE, FRONTIER_FILE, TRACE_FILE

FIXED = "fixed "
OURS, BLIND_OURS = "score and SNR", "score"
FITTED, STILL, NOISE = "SNR table", "SNR table, still", "SNR table, noise"
GENIE = "genie"
"""The policies: ours with and without the receiver's SNR; tables, fitted to other traces of the same
condition, to traces of the condition ``still``, or made for white noise; who knows every outcome."""

TABLE_COLUMNS = (
    "condition", "policy", "error_pct", "error_low_pct", "error_high_pct", "predicted_error_pct",
    "images_per_s", "images_per_s_low", "images_per_s_high", "images_per_s_at_target", "over_snr_table",
    "over_snr_table_low", "over_snr_table_high",
)  # fmt: skip
FRONTIER_COLUMNS = ("condition", "policy", "nominal_pct", "error_pct", "images_per_s")


def table_text(rows: Sequence[dict[str, Any]], error: float) -> str:
    """Return the table as text."""
    limit = 100 * error
    lines = []
    for condition in dict.fromkeys(row["condition"] for row in rows):
        lines.append(f"{condition}, at most {limit:g} % misread")
        head = f"  {'policy':<18} {'misread %':>20} {'images/s':>20} {'at ' + format(limit, 'g') + ' %':>8}"
        lines.append(head + f" {'/ SNR table':>20}")
        for row in (row for row in rows if row["condition"] == condition):
            misread = interval(row, "error", "_pct", ".2f", ".1f")
            speed = interval(row, "images_per_s", "", ".0f", ".0f")
            ratio = interval(row, "over_snr_table", "", ".2f", ".2f")
            exact = row["images_per_s_at_target"]
            at_target = f"{exact:.0f}" if exact == exact else ""
            over = " too many" if row["error_low_pct"] > limit else ""
            lines.append(f"  {row['policy']:<18} {misread:>20} {speed:>20} {at_target:>8} {ratio:>20}{over}")
    return "\n".join(lines)


def interval(row: dict[str, Any], name: str, unit: str, form: str, bound: str) -> str:
    """Return a row's value and its interval; the columns are ``name``, "", _low or _high, ``unit``."""
    value, low, high = (row[f"{name}{part}{unit}"] for part in ("", "_low", "_high"))
    return f"{value:{form}} ({low:{bound}}-{high:{bound}})"


def files(folder: Path) -> list[Path]:
    """Return the tables' paths."""
    return [folder / name for name in (ADAPTATION_FILE, FRONTIER_FILE, TRACE_FILE)]
