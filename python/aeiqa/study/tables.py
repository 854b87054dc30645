#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Tables for users' programs: pandas data frames where pandas is installed, structured arrays elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def as_table(rows: Sequence[Mapping[str, Any]], counts: Sequence[str] = ()) -> Any:
    """Return rows of the same names as a table; a missing number is nan, columns of ``counts`` are int64."""
    names = list(rows[0]) if rows else []
    columns = {name: _column([row[name] for row in rows]) for name in names}
    return frame({n: column.astype(np.int64) if n in counts else column for n, column in columns.items()})


def frame(columns: Mapping[str, np.ndarray]) -> Any:
    """Return columns of one length as a table."""
    try:
        import pandas
    except ImportError:
        length = len(next(iter(columns.values()), ()))
        table = np.empty(length, [(name, column.dtype) for name, column in columns.items()])
        for name, column in columns.items():
            table[name] = column
        return table
    return pandas.DataFrame(dict(columns))


def _column(values: Sequence[Any]) -> np.ndarray:
    if any(isinstance(value, str) for value in values):
        return np.array(["" if value is None else value for value in values])
    return np.array([np.nan if value is None else value for value in values], float)
