#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The pictures of a sweep: a photograph over some links, one image over all, the images misjudged most."""

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, Optional

import numpy as np
import skimage
from gnuradio import blocks
from PIL import Image

from ...errors import InputError
from ...iqa import Judge
from ...link.config import LinkConfig
from ...link.simulated import Link
from ...metrics import psnr
from ..pictures import Candidate, Mistakes, class_name, distinct, mistakes, thumbnail
from .grid import Condition
from .shown import RANKED, most_misjudged

Plan = Any  # plan.Plan, which imports this module

KEY = "pictures"  # of what is kept, among the units
PHOTOGRAPH = "chelsea.png"
PHOTOGRAPH_SIDE = 112
_POINTS = 2000  # of a constellation, spread over the picture; more only blackens the figure
_MAX_COLUMNS = 4

Receive = Callable[[int, Condition], np.ndarray]
"""(position, link) -> what arrived of the image there, at least as a thumbnail; of the first one whole."""


class Reception(NamedTuple):
    """A photograph over a link: what arrived, its PSNR, the constellation, some points decided on."""

    modulation: str
    snr_db: float
    received: np.ndarray
    psnr_db: float
    sent_points: np.ndarray
    received_points: np.ndarray


class Specimen(NamedTuple):
    """One image of the set over one link: as it arrived, as the autoencoder gives it back, its class."""

    received: np.ndarray
    rebuilt: Optional[np.ndarray]
    answer: Optional[str]
    right: bool


class Strip(NamedTuple):
    """One image over all links of a channel: ``rows`` by modulation, in each a cell for each SNR."""

    channel: str
    modulations: list[str]
    snr_db: list[float]
    sent: Specimen
    rows: list[list[Specimen]]


class Pictures(NamedTuple):
    """All that is kept.

    ``photograph`` is None where this scikit-image came without it; ``receptions`` of it are by channel;
    ``mistakes`` by field of ``RANKED``, without those that ranked nothing.
    """

    photograph: Optional[np.ndarray]
    receptions: dict[str, list[Reception]]
    strips: list[Strip]
    mistakes: dict[str, Mistakes]

    @classmethod
    def restored(cls, kept: Any) -> "Pictures":
        """Return what JSON made lists of. Raises ``TypeError`` or ``AttributeError`` for anything else."""
        photograph, receptions, strips, found = kept
        return cls(
            photograph,
            {channel: [Reception(*each) for each in row] for channel, row in receptions.items()},
            [
                Strip(*names, Specimen(*sent), [[Specimen(*cell) for cell in row] for row in rows])
                for *names, sent, rows in strips
            ],
            {field: Mistakes.restored(rows) for field, rows in found.items()},
        )


def make_pictures(plan: Plan, records: Iterable[tuple[Condition, np.ndarray]], receive: Receive) -> Pictures:
    """Choose among the images that were kept, and send a photograph over some of the links."""
    picture = photograph()
    receptions = {} if picture is None else _send_photograph(plan, picture)
    found = {}
    for field, rows in worst(records, RANKED).items() if plan.config.target is not None else ():
        if any(rows):
            names, images = plan.dataset.class_names, plan.dataset.images
            found[field] = Mistakes(*(mistakes(row, images, names, receive) for row in rows))
    return Pictures(picture, receptions, _strips(plan, receive), found)


def photograph() -> Optional[np.ndarray]:
    """Return a colour photograph that comes with scikit-image, uint8 [112, 112, 3].

    None if this scikit-image came without it; it is not fetched from the network.
    """
    path = Path(skimage.__file__).parent / "data" / PHOTOGRAPH
    try:
        with Image.open(path) as picture:
            side = min(picture.size)
            left, top = (picture.width - side) // 2, (picture.height - side) // 2
            square = picture.convert("RGB").crop((left, top, left + side, top + side))
            return np.array(square.resize((PHOTOGRAPH_SIDE, PHOTOGRAPH_SIDE), Image.Resampling.LANCZOS))
    except OSError:
        return None


def _send_photograph(plan: Plan, picture: np.ndarray) -> dict[str, list[Reception]]:
    """Send a picture as the paper's Fig. 3: by channel, two modulations at the lowest and the highest SNR."""
    modulations, snr = plan.config.modulations, plan.config.snr_db
    pair = [name for name in ("qpsk", "qam64") if name in modulations]
    if len(pair) < 2:
        pair = list(dict.fromkeys((modulations[0], modulations[-1])))
    ends = sorted({min(snr), max(snr)})
    return {
        channel: [
            _pass(picture, plan.links[Condition(channel, *point)]) for point in itertools.product(pair, ends)
        ]
        for channel in plan.config.channels
    }


def _pass(picture: np.ndarray, link: LinkConfig) -> Reception:
    flowgraph = Link([picture], link)
    tap = blocks.vector_sink_c(link.fft_len)
    flowgraph.connect(flowgraph.equalizer, tap)
    flowgraph.run()
    received = flowgraph.sink.take_pixels().reshape(picture.shape)
    quality = float(psnr(picture[np.newaxis], received[np.newaxis])[0])
    points = _some(np.array(tap.data()))
    return Reception(link.modulation, link.snr_db, received, quality, constellation(link), points)


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


def _strips(plan: Plan, receive: Receive) -> list[Strip]:
    """Return the sweep's first image over all its links: a strip for each channel.

    Reconstructions and answers are None where no autoencoder or classifier takes such images.
    """
    config, dataset = plan.config, plan.dataset
    snr = sorted(config.snr_db)
    if len(snr) > _MAX_COLUMNS:
        snr = [snr[k * (len(snr) - 1) // (_MAX_COLUMNS - 1)] for k in range(_MAX_COLUMNS)]
    sent, label = dataset.images[0], None
    if plan.target is not None:
        label = int(dataset.labels[0])
    strips = []
    for channel in config.channels:
        links = [Condition(channel, *point) for point in itertools.product(config.modulations, snr)]
        images = np.stack([sent, *(receive(0, link) for link in links)])
        rebuilt = _rebuild(images, plan)
        answers = None if plan.target is None else Judge(plan.target).answers(images).classes
        cells = [
            Specimen(
                thumbnail(image),
                None if rebuilt is None else thumbnail(rebuilt[number]),
                None if answers is None else class_name(dataset.class_names, answers[number]),
                answers is not None and int(answers[number]) == label,
            )
            for number, image in enumerate(images)
        ]
        rows = [cells[1 + k * len(snr) : 1 + (k + 1) * len(snr)] for k in range(len(config.modulations))]
        strips.append(Strip(channel, list(config.modulations), snr, cells[0], rows))
    return strips


def _rebuild(images: np.ndarray, plan: Plan) -> Optional[np.ndarray]:
    """Return what the paper's autoencoder makes of images, uint8 alike; None if it does not read such."""
    try:
        from ...iqa.networks.inference import as_batch, infer  # imports torch, which need not be there
        from ...iqa.networks.model_files import load_model, models_dir

        folder = models_dir(plan.config.models, plan.config.dataset)
        model = load_model(folder, "paper-encoder", "autoencoder")
        rows = infer(model.module, as_batch(images, model.input_shape))
    except InputError:
        return None
    return np.round(255 * rows.transpose(0, 2, 3, 1)).astype(np.uint8).reshape(images.shape)


def worst(
    records: Iterable[tuple[Condition, np.ndarray]], fields: Iterable[str]
) -> dict[str, tuple[list[Candidate], list[Candidate]]]:
    """Return by field the images a score trusted most though misclassified, and doubted most though not.

    The records of one link at a time are looked at, once.
    """
    found: dict[str, tuple[list, list]] = {field: ([], []) for field in fields}
    for number, (link, kept) in enumerate(records):
        for field, lists in found.items():
            for misclassified, candidates in zip((True, False), lists, strict=True):
                for damage, place in most_misjudged(kept, field, misclassified):
                    record = kept[place]
                    values = float(record[field]), int(record["label"]), int(record["prediction"])
                    candidates.append((damage, number, place, Candidate(link, place, *values)))
    return {field: tuple(_first(candidates) for candidates in lists) for field, lists in found.items()}


def _first(candidates: list[tuple]) -> list[Candidate]:
    return distinct([candidate for *_, candidate in sorted(candidates, key=lambda found: found[:3])])
