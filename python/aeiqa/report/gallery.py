#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The images that each score got most wrong."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np
from matplotlib.figure import Figure

from ..images import Dataset
from .drawing import COLUMN
from .style import GREY, INK, RIGHT, WRONG
from .sweep.pictures import name_of, picture_uri, place
from .text import NAMES

SHOWN = 4
HEADS = ("Trusted, yet misread", "Doubted, yet read right")

# Record field and sign by which it grows with damage, name, unit.
SCORES = {
    "score": (1, "the score", ""),
    "psnr_db": (-1, "PSNR", " dB"),
    "ssim": (-1, "SSIM", ""),
    "piqe": (1, "PIQE", ""),
}


class Sender(Protocol):
    """What can send images again: ``dataset`` of images, and what arrives of one over a link."""

    dataset: Dataset

    def received(self, position: int, *link) -> np.ndarray:
        """Return what arrived of the image at ``position``."""


class Mistake(NamedTuple):
    """An image that a score misjudged: where it stands in the set, over which link, the score's value.

    ``link`` ends in (channel, modulation, SNR in dB).
    """

    position: int
    link: tuple
    value: float
    label: int
    answer: int


def worst(records: Mapping[tuple, np.ndarray], field: str) -> tuple[list[Mistake], list[Mistake]]:
    """Return the images a score trusted most though they were misread, and doubted most though read right.

    Only images count that were read right as sent and arrived with an error: no score of the damage can know
    of others. No image and no link comes twice, so that one odd image does not fill the row.
    """
    links = list(records)
    sign = SCORES[field][0]
    table = [
        (records[link]["prediction"] != records[link]["label"], sign * records[link][field]) for link in links
    ]
    rows = []
    for misread in (True, False):
        found = []
        for number, (wrong, damage) in enumerate(table):
            kept = records[links[number]]
            usable = (wrong == misread) & (kept["sent_prediction"] == kept["label"])
            position = np.flatnonzero(usable & (kept["bit_errors"] > 0) & np.isfinite(damage))
            order = position[np.argsort(damage[position] if misread else -damage[position], kind="stable")]
            found += [(damage[p] if misread else -damage[p], number, int(p)) for p in order[:SHOWN]]
        rows.append(_distinct(records, links, sorted(found), field))
    return rows[0], rows[1]


def _distinct(records, links: list[tuple], found: list[tuple], field: str) -> list[Mistake]:
    chosen: dict[int, Mistake] = {}
    seen = set()
    for _, number, position in found:
        if number in seen or position in chosen:
            continue
        seen.add(number)
        record = records[links[number]][position]
        values = float(record[field]), int(record["label"]), int(record["prediction"])
        chosen[position] = Mistake(position, links[number], *values)
        if len(chosen) == SHOWN:
            break
    return list(chosen.values())


def draw_mistakes(mistakes: tuple[list[Mistake], list[Mistake]], resender: Sender, unit: str = "") -> Figure:
    """Draw both rows of ``worst``: each image as sent, below it as it arrived, then what was made of it."""
    images = resender.dataset.images
    shapes = np.array([images[m.position].shape[:2] for row in mistakes for m in row])
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
            place(axis, images[mistake.position], left, down)
            place(axis, resender.received(mistake.position, *mistake.link), left, down + height + gap / 2)
            _label(axis, left, down + 2 * height + gap, line, mistake, unit, resender)
    return figure


def _label(axis, left, top, line, mistake: Mistake, unit: str, resender: Sender) -> None:
    words = _words(mistake, unit, resender.dataset.class_names, longest=6)
    colours = (RIGHT if mistake.label == mistake.answer else WRONG, INK, GREY, GREY)
    for number, (text, colour) in enumerate(zip(words, colours, strict=True)):
        axis.text(left, top + (number + 0.3) * line, text, color=colour, fontsize=7.2, va="center")


def _words(mistake: Mistake, unit: str, names: tuple[str, ...], longest: int) -> tuple[str, str, str, str]:
    """What was read, the score's value, the channel, and modulation with SNR."""
    channel, modulation, snr = mistake.link[-3:]
    label, answer = (name_of(names, number, longest) for number in (mistake.label, mistake.answer))
    mark = "\N{NO-BREAK SPACE}" + ("✓" if mistake.label == mistake.answer else "✗")
    read = answer + mark if mistake.label == mistake.answer else f"{label} → {answer}{mark}"
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


def tiles(
    mistakes: tuple[list[Mistake], list[Mistake]], resender: Sender, unit: str = ""
) -> list[tuple[str, list[Tile]]]:
    """Return both rows of ``worst`` for the page, each with its head: there words are text, not drawn."""
    dataset = resender.dataset
    return [
        (
            head,
            [
                Tile(
                    picture_uri(dataset.images[m.position]),
                    picture_uri(resender.received(m.position, *m.link)),
                    m.label == m.answer,
                    *_words(m, unit, dataset.class_names, longest=12),
                )
                for m in row
            ],
        )
        for head, row in zip(HEADS, mistakes, strict=True)
    ]


MAKERS = (draw_mistakes, tiles)
"""What makes the figure for its files, and what makes what the page shows."""
