#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The tables of experiments as CSV: one writer, one reader, one form of every number."""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ..errors import InputError

Value = str | int | float | None

_TEXT = {
    "channel", "modulation", "dataset", "target", "score", "variant", "preset", "links", "kind", "condition",
    "policy", "state", "worst_channel", "worst_modulation",
}  # fmt: skip


def snr_text(snr_db: float) -> str:
    """Return an SNR as every table, key and file name has it: it reads back exactly, so no two are alike."""
    text = f"{snr_db:.10g}"
    return text if float(text) == snr_db else repr(float(snr_db))


def write_rows(
    file: io.BufferedIOBase, columns: Sequence[str], rows: Iterable[Mapping[str, Value]], digits: int = 6
) -> None:
    """Write rows: SNRs in full, other floats to ``digits``; None and nan, no such number, as empty cells."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(name, row.get(name), digits) for name in columns] for row in rows)
    file.write(text.getvalue().encode(errors="replace"))


def rounded(rows: Iterable[Mapping[str, Value]], columns: Sequence[str]) -> list[dict[str, Value]]:
    """Return rows as ``read_rows`` returns them once they are written."""
    return [{name: _value(name, _cell(name, row.get(name), 6)) for name in columns} for row in rows]


def read_rows(path: Path, columns: Sequence[str] = ()) -> list[dict[str, Value]]:
    """Return the rows of a table that has ``columns``, and maybe others: text, floats, None where empty.

    Raises ``FileNotFoundError``, and ``InputError`` if it cannot be read or is no such table.
    """
    try:
        with open(path, encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise ValueError(f"column {missing[0]} is missing")
            return [{name: _value(name, cell) for name, cell in line.items()} for line in reader]
    except FileNotFoundError:
        raise
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{path} is damaged ({error})") from None


def _cell(name: str, value: Value, digits: int) -> str:
    if not isinstance(value, float):
        return "" if value is None else str(value)
    if math.isnan(value):
        return ""
    return snr_text(value) if name.endswith("snr_db") else f"{value:.{digits}g}"


def _value(name: object, cell: object) -> Value:
    if not isinstance(name, str) or not isinstance(cell, str):
        raise ValueError("a line has more or fewer cells than there are columns")
    if name in _TEXT or name.endswith(": mode"):
        return cell
    value = float(cell) if cell else None
    if value is not None and math.isnan(value):
        raise ValueError(f"{name} must be a number, got {cell!r}")
    return value
