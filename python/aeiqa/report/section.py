#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Sections of the report and their figures: how each is drawn, and what is said of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Optional

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Drawing:
    """One figure, drawn when it is needed.

    Attributes:
        name: of its files, without suffix.
        caption: what there is to see in it.
        alt: text alternative.
        draw: draws it; takes ``narrow`` if there is a layout of its own for phones.
        narrow: whether there is.
        title: what tells it from others of its section.
        group: what it is folded away under, together with others.
        tiles: makes what the page shows in its place, as ``gallery.tiles``; None: the figure itself.
    """

    name: str
    caption: str
    alt: str
    draw: Callable[..., Figure]
    narrow: bool = False
    title: str = ""
    group: str = ""
    tiles: Optional[Callable[[], list]] = None


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        id: its anchor.
        title, text: what it is called, and what it says before its figures.
        drawings: its figures; those of column width stand beside each other.
        absent: why there are none, if so.
        heads, rows: of its table, if it has one: a group, a name, and a cell for each head but the first.
        verdict: on the scores, as ``verdict_text.blocks`` returns it.
    """

    id: str
    title: str
    text: str = ""
    drawings: Sequence[Drawing] = ()
    absent: str = ""
    heads: Sequence[str] = ()
    rows: Sequence[tuple[str, str, Sequence[str]]] = ()
    verdict: Sequence[object] = ()
