#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""How every figure looks: colours, markers, fonts, and files that only change when their content does."""

from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .text import NAMES

# Okabe and Ito's palette, which people with any colour vision can tell apart; the markers say it again in
# print.
_LOOKS = {
    "bpsk": ("#0072B2", "o"),
    "qpsk": ("#D55E00", "s"),
    "qam16": ("#009E73", "^"),
    "qam64": ("#CC79A7", "D"),
    "qam256": ("#56B4E9", "v"),
    "qam1024": ("#8C6D00", "P"),
}
DASHES = {"awgn": "-", "rayleigh": (0, (4, 2))}
GREY = "#555555"

STYLE = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters everywhere
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "grid.color": "#E3E3E3",
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "lines.linewidth": 1.6,
    "lines.markersize": 5.5,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": "black",
    "ytick.labelcolor": "black",
    "svg.hashsalt": "gr-aeiqa",  # else every element's id is random
}


def look(modulation: str) -> dict:
    """Colour and marker of a modulation."""
    colour, marker = _LOOKS[modulation]
    return {"color": colour, "marker": marker}


def modulation_handles(modulations: list[str], **kwargs) -> list[Line2D]:
    """Legend entries for the modulations."""
    return [Line2D([], [], label=NAMES[name], **(look(name) | kwargs)) for name in modulations]


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write ``name``.png and ``name``.svg, as large as what is drawn; same figure, same bytes."""
    paths = [folder / f"{name}.png", folder / f"{name}.svg"]
    figure.savefig(paths[0], dpi=160, bbox_inches="tight", metadata={"Software": None})
    figure.savefig(paths[1], bbox_inches="tight", metadata={"Date": None, "Creator": None})
    return paths
