#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A figure of the report: how it is drawn, and what is said of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Optional

from matplotlib.figure import Figure

COLUMN = 3.9  # inches: as wide as a phone, or half a desktop's page


@dataclass(frozen=True)
class Drawing:
    """One figure, drawn when it is needed.

    Attributes:
        name: of its files, without suffix.
        caption: what there is to see in it.
        alt: what it shows, for who cannot see it.
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
