#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Style of all figures: colours, markers, fonts, and files that only change when their content does."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..files import atomic_write
from .columns import NAMES

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
PALETTE = tuple(_LOOKS.values())  # for anything else that has to be told apart
DASHES = {"awgn": "-", "rayleigh": (0, (4, 2))}
_MANY = 20
# Coordinates are written to a millionth of a point; a hundredth is more than anybody sees.
_COORDINATES = re.compile(r' (?:[xy]|d)="[^"]*"')
_LONG = re.compile(r"(\.\d\d)\d+")
INK = "#1B1F24"
GREY = "#555555"
COLUMN = 3.9  # inches: as wide as a phone, or half a desktop's page
GRID = "#E3E3E3"
SENT, RECEIVED = "#E69F00", "#2E90D9"  # both stand out on white and on a dark page
RIGHT, WRONG = "#007A5E", "#C2410C"

# What each colour becomes on a dark page.
_DARK = {
    INK: "#E8EAED",
    GREY: "#A9B0B8",
    GRID: "#343A41",
    RIGHT: "#35C49A",
    WRONG: "#FF8A4C",
    "#0072B2": "#3D9BE0",
    "#D55E00": "#F0803C",
    "#009E73": "#2FBF93",
    "#8C6D00": "#C9A227",
}

STYLE = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters everywhere
    "font.size": 9.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "lines.linewidth": 1.6,
    "lines.markersize": 5.5,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "svg.hashsalt": "gr-aeiqa",  # else every element's id is random
    "text.parse_math": False,  # names of classes and files may hold "$"
}


@contextmanager
def style() -> Iterator[None]:
    """The context in which figures are drawn and written: on matplotlib's defaults, not the user's."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def look(modulation: str) -> dict:
    """Colour and marker of a modulation."""
    colour, marker = _LOOKS[modulation]
    return {"color": colour, "marker": marker}


def modulation_handles(modulations: list[str], **kwargs) -> list[Line2D]:
    """Legend entries for the modulations."""
    return [Line2D([], [], label=NAMES[name], **(look(name) | kwargs)) for name in modulations]


def legend_above(figure: Figure, handles: list[Line2D], columns: int) -> None:
    """Put a legend above everything that is drawn."""
    figure.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns)


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write ``name``.png and ``name``.svg, as large as what is drawn; same figure, same bytes."""
    paths = [folder / f"{name}.png", folder / f"{name}.svg"]
    with atomic_write(paths[0]) as file:
        figure.savefig(file, format="png", dpi=160, bbox_inches="tight", metadata={"Software": None})
    with atomic_write(paths[1]) as file:
        file.write(svg(figure).encode())
    return paths


def svg(figure: Figure) -> str:
    """Return the figure as SVG on white."""
    file = io.StringIO()
    no_date = {"Date": None, "Creator": None}
    figure.savefig(file, format="svg", dpi=110, bbox_inches="tight", metadata=no_date)
    return file.getvalue()


def on_page(text: str) -> str:
    """Return an SVG of ``svg`` without its white background, its colours following light and dark."""
    text = text.replace("fill: #ffffff", "fill: none")
    rules: dict[str, list[str]] = {"light": [], "dark": []}
    for number, (light, dark) in enumerate(_DARK.items()):
        text = text.replace(light.lower(), f"var(--c{number})")
        rules["light"].append(f"--c{number}:{light}")
        rules["dark"].append(f"--c{number}:{dark}")
    text, classes = _shared_styles(_COORDINATES.sub(lambda found: _LONG.sub(r"\1", found[0]), text))
    sheet = f":root{{{';'.join(rules['light'])}}}"
    sheet += f"@media(prefers-color-scheme:dark){{:root{{{';'.join(rules['dark'])}}}}}"
    return text.replace("<defs>", f"<style>{sheet}{classes}</style><defs>", 1)


def _shared_styles(text: str) -> tuple[str, str]:
    """Make classes of styles that many elements repeat, and return their rules: it halves scatter plots."""
    counts = Counter(re.findall(r' style="([^"]+)"', text))
    common = [value for value, count in counts.items() if count > _MANY]
    for number, value in enumerate(common):
        text = text.replace(f' style="{value}"', f' class="s{number}"')
    return text, "".join(f".s{number}{{{value}}}" for number, value in enumerate(common))
