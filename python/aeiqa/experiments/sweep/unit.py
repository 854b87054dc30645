#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The work of a sweep, one unit at a time: some images over one link, and everything measured on them."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np

from ... import iqa, metrics
from ...images import Dataset
from ...iqa import CachedImages
from ...iqa.networks.devices import CPU, computing_on
from ...link.config import LinkConfig
from ...link.simulated import transmit
from ..engines import travelling
from .grid import Condition
from .shown import kept_images
from .stopping import order_of

# What is kept of each image. Without a target the fields of the classifier and the score hold ABSENT and nan;
# so do those of the score where there is none of the target, and ``label`` where the data set has none.
# ``raw`` is the score's raw value of the whole unit: scores predict an error by its mean over the units.
ABSENT = -1
RECORD = np.dtype(
    [("index", "<i8")]
    + [(name, "<i4") for name in ("label", "prediction", "sent_prediction", "assigned", "sent_assigned")]
    + [("bit_errors", "<i8"), ("bits", "<i8")]
    + [(name, "<f8") for name in ("psnr_db", "ssim", "piqe", "score", "raw")]
)

TOP5_ABOVE = 20  # classes, from which the top-5 error is kept too

# Scores by networks of their own that may be scored unit by unit.
SCORES = tuple(name for name, score in iqa.SCORES.items() if score.encoders and score.pools)

# What metrics.ssim calls the windows.
SSIM_WINDOWS = {"gaussian": "gaussian", "uniform": 5}

# A unit is a few seconds' work: little is lost when a run is killed, and the workers end at about the same
# time.
UNIT_IMAGES = 2000
UNIT_PIXELS = 1 << 22

# Of a unit that is one burst: all MNIST test images, whose samples as BPSK take 627 MB in the channel.
BURST_BYTES = 1 << 23


def top5(probabilities: np.ndarray, labels: np.ndarray) -> Optional[np.ndarray]:
    """Return whether each label is among its image's five likeliest classes, bool [N].

    None for 20 classes and fewer, where the top-5 error says little.
    """
    if probabilities.shape[1] <= TOP5_ABOVE:
        return None
    own = probabilities[np.arange(len(labels)), labels][:, np.newaxis]
    return (probabilities > own).sum(axis=1) < 5


def with_top5(records: np.ndarray, in_top5: np.ndarray) -> np.ndarray:
    """Return records with the field ``top5`` as well."""
    more = np.zeros(len(records), [*RECORD.descr, ("top5", "?")])
    for name in RECORD.names:
        more[name] = records[name]
    more["top5"] = in_top5
    return more


class Unit(NamedTuple):
    """Positions ``start`` to ``stop`` (not included) of what is sent over one condition's link.

    The data set comes first, in its order; further positions repeat its images: draw after draw in the same
    order, or as ``stopping.order_of`` has it.
    """

    condition: Condition
    start: int
    stop: int

    @property
    def key(self) -> str:
        """The unit as a file name."""
        return f"{self.condition.key}-{self.start:07d}-{self.stop:07d}"


def slices(dataset: Dataset, images_per_burst: int = 1) -> list[tuple[int, int]]:
    """Cut a data set into the (start, stop) of its units: at most 2,000 images or 4 Mpixel each.

    Units hold whole bursts. If there is one for all images (``images_per_burst`` 0), as many units as are
    needed for each to be a burst of about 8 MiB or less.
    """
    total = sum(image.size for image in dataset.images)
    pixels = total // len(dataset)
    size = max(1, min(UNIT_IMAGES, UNIT_PIXELS // max(pixels, 1)))
    if images_per_burst == 0:
        size = burst_size(dataset)
    elif images_per_burst > 1:
        size = max(1, size // images_per_burst) * images_per_burst
    return [(start, min(start + size, len(dataset))) for start in range(0, len(dataset), size)]


def burst_size(dataset: Dataset) -> int:
    """Return into how many images each to cut a data set for bursts of about 8 MiB or less, alike in size."""
    bursts = -(-sum(image.size for image in dataset.images) // BURST_BYTES)
    return -(-len(dataset) // min(bursts, len(dataset)))


class Worker:
    """Computes units. Goes to each worker process once; models are loaded there, on first use."""

    def __init__(
        self,
        dataset: Dataset,
        links: Mapping[Condition, LinkConfig],
        target: "Optional[str | iqa.UserClassifier]",
        score: Optional[str] = None,
        models: Optional[Path] = None,
        ssim_window: str = "gaussian",
        device: str = CPU,
        draws: int = 1,
    ) -> None:
        """All from ``target`` on are ``SweepConfig``'s, what is left open filled in."""
        self._dataset = dataset
        self._links = links
        self._target = None if target is None else travelling(target)
        self._score_name, self._models, self._device = score, models, device
        self._ssim_window, self._draws = SSIM_WINDOWS[ssim_window], draws
        self._sent: dict[tuple[int, int], CachedImages] = {}

    def __call__(self, unit: Unit) -> dict:
        """Send the unit's images.

        Returns:
            {"records": one ``RECORD`` per image, "received": position and image of those that a report may
            show, as ``shown.kept_images`` has them}.
        """
        chosen = self._order(unit)
        images, labels = self._dataset.images, self._dataset.labels
        sent = images[chosen] if isinstance(images, np.ndarray) else [images[index] for index in chosen]
        result = transmit(sent, self._links[unit.condition], first_index=unit.start)
        records = np.zeros(len(sent), RECORD)
        records["index"] = self._dataset.indices[chosen]
        records["label"] = ABSENT if labels is None else labels[chosen]
        records["bit_errors"] = result.bit_errors
        records["bits"] = result.bits
        records["psnr_db"] = metrics.psnr(sent, result.images)
        records["ssim"] = metrics.ssim(sent, result.images, window=self._ssim_window)
        records["piqe"] = metrics.piqe(result.images)
        with computing_on(self._device):
            in_top5 = self._read(unit, sent, result.images, records)
        shown = kept_images(records, result.images, unit.start) if unit.stop <= len(self._dataset) else []
        return {
            "records": records if in_top5 is None else with_top5(records, in_top5),
            "received": shown,
        }

    def _order(self, unit: Unit) -> np.ndarray:
        """Return which images of the set a unit sends, int64 [stop - start]."""
        count = len(self._dataset)
        if self._draws > 1:
            return np.arange(unit.start, unit.stop) % count
        return order_of(count, unit.start, unit.stop)

    def _read(self, unit: Unit, sent, received, records: np.ndarray) -> Optional[np.ndarray]:
        """Fill in what the classifier and the score make of the images.

        Returns which labels are among the five likeliest classes, bool [N]; None if there are few classes.
        """
        for name in ("prediction", "sent_prediction", "assigned", "sent_assigned"):
            records[name] = ABSENT
        records["score"] = records["raw"] = np.nan
        if self._target is None:
            return None
        # Every condition sends the same images: what the models say of those is computed once per process.
        # Repeated images are not kept: there may be any number of them.
        key = (unit.start % len(self._dataset), len(sent))
        is_known = unit.stop <= len(self._dataset) or self._draws > 1
        reference = (self._sent.get(key) if is_known else None) or CachedImages(sent)
        seen = CachedImages(received)
        if is_known:
            self._sent[key] = reference
        records["sent_prediction"] = self._judge.answers(reference).classes
        answers = self._judge.answers(seen)
        records["prediction"] = answers.classes
        in_top5 = top5(answers.probabilities, records["label"])
        if self._judge.score is None:
            return in_top5
        _, judged = self._judge(seen, reference)
        records["score"], records["raw"] = judged.per_image, judged.raw
        for name, images in (("assigned", seen), ("sent_assigned", reference)):
            labels = self._judge.score.assigned(images)
            if labels is not None:
                records[name] = labels
        return in_top5

    @cached_property
    def _judge(self) -> iqa.Judge:
        target = self._target
        if isinstance(target, (str, Path)):
            target = iqa.load_target(str(target), self._models, class_names=self._dataset.class_names)
        if self._score_name is None:
            return iqa.Judge(target)
        return iqa.Judge(target, iqa.load_score(self._score_name, target, self._models))
