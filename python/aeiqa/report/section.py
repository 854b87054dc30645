#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A section of the report."""

from collections.abc import Sequence
from dataclasses import dataclass

from .drawing import Drawing
from .evaluation.verdict_text import Block


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        id: its anchor.
        title, text: what it is called, and what it says before its figures.
        drawings: its figures; those of column width stand beside each other.
        absent: why there are none, if so.
        heads, rows: of its table, if it has one: a group, a name, and a cell for each head but the first.
        verdict: on the scores, a block for each set of links.
    """

    id: str
    title: str
    text: str = ""
    drawings: Sequence[Drawing] = ()
    absent: str = ""
    heads: Sequence[str] = ()
    rows: Sequence[tuple[str, str, Sequence[str]]] = ()
    verdict: Sequence[Block] = ()
