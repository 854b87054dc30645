#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The images that each score got most wrong."""

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from ..experiments.pictures import SHOWN, Mistake, Mistakes
from .style import COLUMN, GREY, INK, RIGHT, WRONG
from .sweep.pictures import picture_uri, place, shortened
from .text import NAMES

HEADS = ("Trusted, yet misclassified", "Doubted, yet classified right")
MEASURES = {"psnr_db": ("PSNR", " dB"), "ssim": ("SSIM", ""), "piqe": ("PIQE", "")}  # name and unit


def draw_mistakes(mistakes: Mistakes, unit: str = "") -> Figure:
    """Draw both rows: each image as sent, below it as it arrived, then what was made of it."""
    shapes = np.array([m.sent.shape[:2] for row in mistakes for m in row])
    height, width = shapes.max(axis=0)
    gap, line = 0.1 * width, 0.17 * width
    block = line * 1.5 + 2 * height + gap + 4.6 * line
    size = np.array([SHOWN * (width + gap) - gap, 2 * block])
    figure = Figure(figsize=size * (COLUMN / size[0]))
    axis = figure.add_axes((0, 0, 1, 1), xlim=(0, size[0]), ylim=(size[1], 0), autoscale_on=False)
    axis.set_axis_off()
    for number, (row, head) in enumerate(zip(mistakes, HEADS, strict=True)):
        top = number * block
        axis.text(0, top + 0.5 * line, head, color=INK, fontsize=9.5, va="center", weight="bold")
        if not row:
            axis.text(0, top + 2.5 * line, "none", color=GREY, fontsize=9, va="center")
        for column, mistake in enumerate(row):
            left, down = column * (width + gap), top + 1.5 * line
            place(axis, mistake.sent, left, down)
            place(axis, mistake.received, left, down + height + gap / 2)
            _label(axis, left, down + 2 * height + gap, line, mistake, unit)
    return figure


def _label(axis, left, top, line, mistake: Mistake, unit: str) -> None:
    words = _words(mistake, unit, longest=6)
    colours = (RIGHT if mistake.right else WRONG, INK, GREY, GREY)
    for number, (text, colour) in enumerate(zip(words, colours, strict=True)):
        axis.text(left, top + (number + 0.3) * line, text, color=colour, fontsize=7.2, va="center")


def _words(mistake: Mistake, unit: str, longest: int) -> tuple[str, str, str, str]:
    """The answer, the score's value, the channel, and modulation with SNR."""
    channel, modulation, snr = mistake.link
    label, answer = (shortened(name, longest) for name in (mistake.label, mistake.answer))
    mark = "\N{NO-BREAK SPACE}" + ("✓" if mistake.right else "✗")
    read = answer + mark if mistake.right else f"{label} → {answer}{mark}"
    return read, _value_text(mistake.value) + unit, NAMES[channel], f"{NAMES[modulation]} {snr:g} dB"


def _value_text(value: float) -> str:
    return "< 0.001" if 0 <= value < 0.001 else f"{value:.3g}".replace("-", "\N{MINUS SIGN}")


class Tile(NamedTuple):
    """An image on the page: as sent and as it arrived, both as data URIs, and what is said of it."""

    sent: str
    arrived: str
    right: bool
    read: str
    value: str
    channel: str
    mode: str


def tiles(mistakes: Mistakes, unit: str = "") -> list[tuple[str, list[Tile]]]:
    """Return both rows for the page, each with its head: there words are text, not drawn."""
    return [
        (
            head,
            [
                Tile(picture_uri(m.sent), picture_uri(m.received), m.right, *_words(m, unit, longest=12))
                for m in row
            ],
        )
        for head, row in zip(HEADS, mistakes, strict=True)
    ]


MAKERS = (draw_mistakes, tiles)
"""Makers of the figure's files, and of the page's figure."""
