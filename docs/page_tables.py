#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Markdown tables in the pages here that scripts write anew."""

from collections.abc import Sequence

from gnuradio.aeiqa.errors import InputError


def with_table(
    text: str, head: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]
) -> str:
    """Return a page's text with these rows (label, cells) in the table whose first cell is ``head``.

    Raises ``InputError`` if the page has not just one such table.
    """
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith(f"| {head} |")]
    if len(starts) != 1:
        raise InputError(f"the page must have one table with the head {head!r}, it has {len(starts)}")
    start = end = starts[0]
    while end < len(lines) and lines[end].startswith("|"):
        end += 1
    table = [_row(head, columns), "|---" * (1 + len(columns)) + "|"]
    lines[start:end] = table + [_row(label, cells) for label, cells in rows]
    return "\n".join(lines) + "\n"


def _row(label: str, cells: Sequence[str]) -> str:
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in (label, *cells))
