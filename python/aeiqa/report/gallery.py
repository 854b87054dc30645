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
from .pictures import name_of, place
from .style import GREY, INK, RIGHT, WRONG
from .text import NAMES

SHOWN = 4
SCORE_NAMES = {"paper": "AE-IQA, the paper's score"}  # others are called the score and their name

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
    block = line * 1.5 + 2 * height + gap + 3.6 * line
    size = np.array([SHOWN * (width + gap) - gap, 2 * block])
    figure = Figure(figsize=size * (COLUMN / size[0]))
    axis = figure.add_axes((0, 0, 1, 1), xlim=(0, size[0]), ylim=(size[1], 0), autoscale_on=False)
    axis.set_axis_off()
    heads = ("Trusted, yet misread", "Doubted, yet read right")
    for number, (row, head) in enumerate(zip(mistakes, heads, strict=True)):
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
    modulation, snr = mistake.link[-2:]
    names = resender.dataset.class_names
    label, answer = name_of(names, mistake.label, 6), name_of(names, mistake.answer, 6)
    right = mistake.label == mistake.answer
    read = f"{answer} ✓" if right else f"{label} → {answer} ✗"
    lines = (
        (read, RIGHT if right else WRONG),
        (f"{mistake.value:.3g}{unit}", INK),
        (f"{NAMES[modulation]} {snr:g} dB", GREY),
    )
    for number, (text, colour) in enumerate(lines):
        axis.text(left, top + (number + 0.3) * line, text, color=colour, fontsize=7.2, va="center")
