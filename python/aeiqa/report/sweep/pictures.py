#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Figures with pictures in them: a photograph over some links (Fig. 3), one image over all (Fig. 4 and 5)."""

import base64
import io

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from ...experiments.sweep.pictures import Reception, Strip
from ..style import COLUMN, GREY, GRID, INK, RECEIVED, RIGHT, SENT, WRONG
from ..text import NAMES

_CHANNEL_COLOURS = ("#D1495B", "#3C9D5D", "#3D7DD8")


def draw_photograph(picture: np.ndarray, passages: list[Reception]) -> Figure:
    """Draw a row for each passage: constellation, picture, histogram."""
    figure = Figure(figsize=(COLUMN, 1.55 * len(passages)), layout="constrained")
    figure.get_layout_engine().set(wspace=0.02, hspace=0.04)
    cells = figure.subplots(len(passages), 3, squeeze=False, width_ratios=[1, 1, 1.15])
    for (points, image, histogram), passage in zip(cells, passages, strict=True):
        _draw_points(points, passage)
        _draw_image(image, passage.received)
        image.set_title(_psnr_text(passage.psnr_db), fontsize=8.5)
        _draw_histogram(histogram, picture, passage.received)
        points.set_ylabel("Q", fontsize=7.5, labelpad=1)
    cells[-1, 0].set_xlabel("I", fontsize=7.5, labelpad=2)
    cells[-1, 2].set_xlabel("value of a pixel", fontsize=7.5, labelpad=2)
    return figure


def _psnr_text(psnr_db: float) -> str:
    return f"PSNR {psnr_db:.1f} dB" if np.isfinite(psnr_db) else "identical"


def _draw_points(axis: Axes, passage: Reception) -> None:
    received = passage.received_points
    # Where the estimate of a carrier was poor, its points are far out: they are not what the figure is for.
    edge = float(np.clip(np.quantile(np.abs(received), 0.9), 1.5, 3.0))
    axis.plot(
        received.real, received.imag, ".", color=RECEIVED, markersize=1.6, alpha=0.65, mew=0, rasterized=True
    )
    sent = passage.sent_points
    axis.plot(
        sent.real, sent.imag, "o", color=SENT, markersize=4.2 if len(sent) < 20 else 2.6, mec=INK, mew=0.4
    )
    axis.set(xlim=(-edge, edge), ylim=(-edge, edge), aspect="equal", xticks=[], yticks=[])
    axis.grid(False)
    axis.spines[["top", "right"]].set_visible(True)
    axis.set_title(f"{NAMES[passage.modulation]}, {passage.snr_db:g} dB", fontsize=8.5)


def _draw_image(axis: Axes, image: np.ndarray) -> None:
    grey = {"cmap": "gray", "vmin": 0, "vmax": 255} if image.ndim == 2 else {}
    axis.imshow(image, interpolation="none", **grey)
    axis.set(xticks=[], yticks=[])
    axis.grid(False)
    axis.spines[:].set_visible(False)


def _draw_histogram(axis: Axes, sent: np.ndarray, received: np.ndarray) -> None:
    bins = np.arange(0, 257, 4)
    for channel, colour in enumerate(_CHANNEL_COLOURS):
        old, new = (np.histogram(image[..., channel], bins)[0] for image in (sent, received))
        axis.stairs(old, bins, fill=True, color=colour, alpha=0.28)
        axis.stairs(new, bins, color=colour, linewidth=1)
    axis.set(xlim=(0, 256), xticks=[0, 128, 255], yticks=[])
    axis.tick_params(labelsize=7.5, length=2)
    axis.spines["left"].set_visible(False)
    axis.grid(False)


def shortened(name: str, longest: int) -> str:
    """Return the name of a class, shortened to ``longest`` letters."""
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def draw_strip(strip: Strip) -> Figure:
    """Draw one image over all links of a channel, its reconstruction below it, and what was read."""
    has_copy = strip.sent.rebuilt is not None
    rows, columns = len(strip.modulations), len(strip.snr_db) + 1
    height, width = strip.sent.received.shape[:2]
    gap, line = 0.08 * width, 0.24 * width  # between pictures; of text
    block = (1 + has_copy) * (height + gap) + line
    size = np.array([columns * (width + gap) + line, rows * block + line])
    scale = COLUMN / size[0]
    figure = Figure(figsize=size * scale)
    axis = figure.add_axes((0, 0, 1, 1), xlim=(0, size[0]), ylim=(size[1], 0), autoscale_on=False)
    axis.set_axis_off()
    text = {"ha": "center", "va": "center", "fontsize": 8.5}
    lefts = line + np.arange(columns) * (width + gap)
    for left, head in zip(lefts, ["sent", *(f"{snr:g} dB" for snr in strip.snr_db)], strict=True):
        axis.text(left + width / 2, line / 2, head, color=GREY, **text)
    for row, modulation in enumerate(strip.modulations):
        top = line + row * block
        axis.text(line / 2, top + (block - line) / 2, NAMES[modulation], rotation=90, color=INK, **text)
        # The sent image stands once, in the first row.
        cells = [strip.sent if row == 0 else None, *strip.rows[row]]
        for left, specimen in zip(lefts, cells, strict=True):
            if specimen is None:
                continue
            place(axis, specimen.received, left, top)
            if has_copy:
                place(axis, specimen.rebuilt, left, top + height + gap / 2)
            if specimen.answer is not None:
                words = f"{shortened(specimen.answer, 7)} {'✓' if specimen.right else '✗'}"
                colour = RIGHT if specimen.right else WRONG
                axis.text(left + width / 2, top + block - line * 0.66, words, color=colour, **text)
    return figure


def place(axis: Axes, image: np.ndarray, left: float, top: float) -> None:
    """Show an image with its upper left corner at a point of an axis that counts in pixels."""
    height, width = image.shape[:2]
    grey = {"cmap": "gray", "vmin": 0, "vmax": 255} if image.ndim == 2 else {}
    where = {"extent": (left, left + width, top + height, top), "aspect": "auto", "interpolation": "none"}
    axis.imshow(image, **grey, **where)
    # On a dark page a dark image would have no edge.
    axis.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=GRID, linewidth=1.2))


def picture_uri(image: np.ndarray) -> str:
    """Return an image as a data URI."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
