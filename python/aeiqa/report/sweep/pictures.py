#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Figures with pictures in them: a photograph over some links (Fig. 3), one image over all (Fig. 4 and 5)."""

import base64
import io
import itertools
from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np
import skimage
from gnuradio import blocks
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from ...errors import InputError
from ...experiments.sweep.replay import Replayer
from ...experiments.sweep.results import Results
from ...link.config import LinkConfig
from ...link.simulated import Link
from ...metrics import psnr
from ..drawing import COLUMN
from ..style import GREY, GRID, INK, RECEIVED, RIGHT, SENT, WRONG
from ..text import NAMES

PHOTOGRAPH = "chelsea.png"
PHOTOGRAPH_SIDE = 112
_POINTS = 2000  # of a constellation, spread over the picture; more only blackens the figure
_CHANNEL_COLOURS = ("#D1495B", "#3C9D5D", "#3D7DD8")
_MAX_COLUMNS = 4
_THUMBNAIL = 72  # pixels a side


class Reception(NamedTuple):
    """A picture over a link: what arrived, the constellation, some points that the receiver decided on."""

    link: LinkConfig
    received: np.ndarray
    sent_points: np.ndarray
    received_points: np.ndarray


def photograph() -> np.ndarray:
    """Return a colour photograph that comes with scikit-image, uint8 [112, 112, 3].

    Raises ``InputError`` if this scikit-image came without it; it is not fetched from the network.
    """
    path = Path(skimage.__file__).parent / "data" / PHOTOGRAPH
    try:
        with Image.open(path) as picture:
            side = min(picture.size)
            left, top = (picture.width - side) // 2, (picture.height - side) // 2
            square = picture.convert("RGB").crop((left, top, left + side, top + side))
            return np.array(square.resize((PHOTOGRAPH_SIDE, PHOTOGRAPH_SIDE), Image.Resampling.LANCZOS))
    except OSError:
        raise InputError(f"this scikit-image comes without its picture {PHOTOGRAPH}") from None


def send_photograph(results: Results, resender: Replayer, picture: np.ndarray) -> dict[str, list[Reception]]:
    """Send a picture as the paper's Fig. 3: by channel, two modulations at the lowest and the highest SNR."""
    configuration = results.configuration
    modulations, snr = configuration["modulations"], configuration["snr_db"]
    pair = [name for name in ("qpsk", "qam64") if name in modulations]
    if len(pair) < 2:
        pair = list(dict.fromkeys((modulations[0], modulations[-1])))
    ends = sorted({min(snr), max(snr)})
    return {
        channel: [_pass(picture, resender.link(channel, *point)) for point in itertools.product(pair, ends)]
        for channel in configuration["channels"]
    }


def _pass(picture: np.ndarray, link: LinkConfig) -> Reception:
    flowgraph = Link([picture], link)
    tap = blocks.vector_sink_c(link.fft_len)
    flowgraph.connect(flowgraph.equalizer, tap)
    flowgraph.run()
    received = flowgraph.sink.take_pixels().reshape(picture.shape)
    return Reception(link, received, constellation(link), _some(np.array(tap.data())))


def constellation(link: LinkConfig) -> np.ndarray:
    """Return the points of a link's modulation: what the mapper makes of random bits, training left out."""
    plain = LinkConfig(
        modulation=link.modulation, labels=link.labels, estimation="none", training_symbols=0,
        fft_len=link.fft_len, cp_len=link.cp_len,
    )  # fmt: skip
    noise = np.random.default_rng(1).integers(0, 256, (128, 128), dtype=np.uint8)
    flowgraph = Link([noise], plain)
    tap = blocks.vector_sink_c(link.fft_len)
    flowgraph.connect(flowgraph.mapper, tap)
    flowgraph.run()
    return np.unique(np.round(np.array(tap.data()), 4))


def _some(points: np.ndarray) -> np.ndarray:
    return points[np.arange(_POINTS) * len(points) // _POINTS] if len(points) > _POINTS else points


def draw_photograph(picture: np.ndarray, passages: list[Reception]) -> Figure:
    """Draw a row for each passage: constellation, picture, histogram."""
    figure = Figure(figsize=(COLUMN, 1.55 * len(passages)), layout="constrained")
    figure.get_layout_engine().set(wspace=0.02, hspace=0.04)
    cells = figure.subplots(len(passages), 3, squeeze=False, width_ratios=[1, 1, 1.15])
    for (points, image, histogram), passage in zip(cells, passages, strict=True):
        _draw_points(points, passage)
        _draw_image(image, passage.received)
        image.set_title(_psnr_text(picture, passage.received), fontsize=8.5)
        _draw_histogram(histogram, picture, passage.received)
        points.set_ylabel("Q", fontsize=7.5, labelpad=1)
    cells[-1, 0].set_xlabel("I", fontsize=7.5, labelpad=2)
    cells[-1, 2].set_xlabel("value of a pixel", fontsize=7.5, labelpad=2)
    return figure


def _psnr_text(sent: np.ndarray, received: np.ndarray) -> str:
    value = psnr(sent[np.newaxis], received[np.newaxis])[0]
    return f"PSNR {value:.1f} dB" if np.isfinite(value) else "identical"


def _draw_points(axis: Axes, passage: Reception) -> None:
    received, link = passage.received_points, passage.link
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
    axis.set_title(f"{NAMES[link.modulation]}, {link.snr_db:g} dB", fontsize=8.5)


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


class Specimen(NamedTuple):
    """One image of the set over one link: as it arrived, as the autoencoder gives it back, what was read."""

    received: np.ndarray
    rebuilt: Optional[np.ndarray]
    answer: Optional[str]
    right: bool


class Strip(NamedTuple):
    """One image over all links of a channel; ``cells`` by (modulation, SNR in dB), None is the sent image."""

    channel: str
    label: str
    cells: dict[Optional[tuple[str, float]], Specimen]
    modulations: list[str]
    snr_db: list[float]


def send_image(results: Results, resender: Replayer, position: int) -> list[Strip]:
    """Send one image of the sweep over all its links again: a strip for each channel.

    Reconstructions and answers are None where no autoencoder or classifier reads such images.
    """
    configuration, dataset = results.configuration, resender.dataset
    snr = sorted(configuration["snr_db"])
    if len(snr) > _MAX_COLUMNS:
        snr = [snr[k * (len(snr) - 1) // (_MAX_COLUMNS - 1)] for k in range(_MAX_COLUMNS)]
    label = None if dataset.labels is None else int(dataset.labels[position])
    strips = []
    for channel in configuration["channels"]:
        keys = [None, *itertools.product(configuration["modulations"], snr)]
        images = [dataset.images[position]]
        images += [resender.received(position, channel, *key) for key in keys[1:]]
        rebuilt = rebuild(np.stack(images), **results.models)
        answers = _answers(results, np.stack(images), dataset.class_names)
        cells = {}
        for number, key in enumerate(keys):
            answer = None if answers is None else name_of(dataset.class_names, answers[number], longest=7)
            right = answers is not None and int(answers[number]) == label
            copy = None if rebuilt is None else rebuilt[number]
            cells[key] = Specimen(images[number], copy, answer, right)
        name = "" if label is None else name_of(dataset.class_names, label)
        strips.append(Strip(channel, name, cells, configuration["modulations"], snr))
    return strips


def name_of(names: tuple[str, ...], label: int, longest: int = 9) -> str:
    """Return the name of a class, shortened to ``longest`` letters; its number where it has none."""
    name = names[label] if label < len(names) else str(label)
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def rebuild(images: np.ndarray, path: Optional[str] = None, dataset: str = "mnist") -> Optional[np.ndarray]:
    """Return what the paper's autoencoder makes of images, uint8 alike; None if it does not read such.

    It is the one in the folder ``path``; None: the project's own for ``dataset``.
    """
    from ...iqa.networks.inference import as_batch, infer

    try:
        from ...iqa.networks.model_files import load_model, models_dir

        model = load_model(models_dir(path, dataset), "paper-encoder", "autoencoder")
        rows = infer(model.module, as_batch(images, model.input_shape))
    except InputError:
        return None
    return np.round(255 * rows.transpose(0, 2, 3, 1)).astype(np.uint8).reshape(images.shape)


def _answers(results: Results, images: np.ndarray, class_names: tuple[str, ...]) -> Optional[np.ndarray]:
    from ...iqa import load_target

    target = results.run.get("target_source", results.configuration.get("target"))
    if target is None:
        return None
    try:
        return load_target(target, class_names=class_names, **results.models).predict(images)
    except InputError:
        return None


def draw_strip(strip: Strip) -> Figure:
    """Draw one image over all links of a channel, its reconstruction below it, and what was read."""
    has_copy = strip.cells[None].rebuilt is not None
    rows, columns = len(strip.modulations), len(strip.snr_db) + 1
    height, width = strip.cells[None].received.shape[:2]
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
        keys = [None if row == 0 else ..., *((modulation, snr) for snr in strip.snr_db)]
        for left, key in zip(lefts, keys, strict=True):
            if key is ...:
                continue  # the sent image stands once, in the first row
            specimen = strip.cells[key]
            place(axis, specimen.received, left, top)
            if has_copy:
                place(axis, specimen.rebuilt, left, top + height + gap / 2)
            if specimen.answer is not None:
                words = f"{specimen.answer} {'✓' if specimen.right else '✗'}"
                colour = RIGHT if specimen.right else WRONG
                axis.text(left + width / 2, top + block - line * 0.66, words, color=colour, **text)
    return figure


def place(axis: Axes, image: np.ndarray, left: float, top: float) -> None:
    """Show an image with its upper left corner at a point of an axis that counts in pixels."""
    height, width = image.shape[:2]
    grey = {"cmap": "gray", "vmin": 0, "vmax": 255} if image.ndim == 2 else {}
    where = {"extent": (left, left + width, top + height, top), "aspect": "auto", "interpolation": "none"}
    axis.imshow(_thumbnail(image), **grey, **where)
    # On a dark page a dark image would have no edge.
    axis.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=GRID, linewidth=1.2))


def _thumbnail(image: np.ndarray) -> np.ndarray:
    """The image no larger than it is seen: a page of photographs would hold megabytes nobody sees."""
    picture = Image.fromarray(image)
    picture.thumbnail((_THUMBNAIL, _THUMBNAIL), Image.Resampling.BOX)
    return np.asarray(picture)


def picture_uri(image: np.ndarray) -> str:
    """Return an image as a data URI, no larger than it is seen."""
    file = io.BytesIO()
    Image.fromarray(_thumbnail(image)).save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
