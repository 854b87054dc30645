#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The work of a sweep, one unit at a time: some images over one link, and everything measured on them."""

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple, Optional

import numpy as np

from .. import iqa, metrics
from ..config import LinkConfig
from ..images import Dataset
from ..link import transmit
from .grid import Condition

# What is kept of each image. Without a target the fields of the classifier and the score hold ABSENT and nan;
# so do those of the score where there is none of the target, and ``label`` where the data set has none.
ABSENT = -1
RECORD = np.dtype(
    [
        ("index", "<i8"),
        ("label", "<i4"),
        ("prediction", "<i4"),
        ("sent_prediction", "<i4"),
        ("assigned", "<i4"),
        ("sent_assigned", "<i4"),
        ("bit_errors", "<i8"),
        ("bits", "<i8"),
        ("psnr_db", "<f8"),
        ("ssim", "<f8"),
        ("piqe", "<f8"),
        ("score", "<f8"),
    ]
)

# A unit is a few seconds' work: little is lost when a run is killed, and the workers end at about the same
# time.
UNIT_IMAGES = 2000
UNIT_PIXELS = 1 << 22


class Unit(NamedTuple):
    """Images ``start`` to ``stop`` (not included) of the data set, over one condition's link."""

    condition: Condition
    start: int
    stop: int

    @property
    def key(self) -> str:
        """The unit as a file name."""
        return f"{self.condition.key}-{self.start:07d}-{self.stop:07d}"


def slices(dataset: Dataset) -> list[tuple[int, int]]:
    """Cut a data set into the (start, stop) of its units: at most 2,000 images or 4 Mpixel each."""
    pixels = sum(image.size for image in dataset.images) // len(dataset)
    size = max(1, min(UNIT_IMAGES, UNIT_PIXELS // max(pixels, 1)))
    return [(start, min(start + size, len(dataset))) for start in range(0, len(dataset), size)]


class Work:
    """Computes units. Goes to each worker process once; models are loaded there, on first use."""

    def __init__(self, dataset: Dataset, links: Mapping[Condition, LinkConfig], target: Optional[str]):
        """``target`` names the classifier that reads the images, or is None to measure the link alone."""
        self._dataset = dataset
        self._links = links
        self._target_name = target
        self._sent: dict[tuple[int, int], tuple[np.ndarray, Optional[np.ndarray]]] = {}

    def __call__(self, unit: Unit) -> np.ndarray:
        """Send the unit's images and return one ``RECORD`` per image."""
        sent = self._dataset.images[unit.start : unit.stop]
        result = transmit(sent, self._links[unit.condition], first_index=unit.start)
        records = np.zeros(len(sent), RECORD)
        records["index"] = self._dataset.indices[unit.start : unit.stop]
        labels = self._dataset.labels
        records["label"] = ABSENT if labels is None else labels[unit.start : unit.stop]
        records["bit_errors"] = result.bit_errors
        records["bits"] = result.bits
        records["psnr_db"] = metrics.psnr(sent, result.images)
        records["ssim"] = metrics.ssim(sent, result.images)
        records["piqe"] = metrics.piqe(result.images)
        self._read(unit, sent, result.images, records)
        return records

    def _read(self, unit: Unit, sent, received, records: np.ndarray) -> None:
        """Fill in what the classifier and the score make of the images."""
        for name in ("prediction", "sent_prediction", "assigned", "sent_assigned"):
            records[name] = ABSENT
        records["score"] = np.nan
        if self._target_name is None:
            return
        # Every condition sends the same images: what the models say of those is computed once per process.
        span = (unit.start, unit.stop)
        if span not in self._sent:
            features = None if self._score is None else self._score.features(sent)
            self._sent[span] = (self._target.predict(sent), features)
        records["sent_prediction"], sent_features = self._sent[span]
        records["prediction"] = self._target.predict(received)
        if self._score is None:
            return
        # Encoded once for both: what the score does with the features costs nothing beside the network.
        features = self._score.features(received)
        centroids = self._score.centroids
        records["sent_assigned"] = centroids.assign(sent_features)
        records["assigned"] = centroids.assign(features)
        records["score"] = centroids.damage(features, sent_features)

    @cached_property
    def _target(self):
        return iqa.load_target(self._target_name, class_names=self._dataset.class_names)

    @cached_property
    def _score(self):
        own = iqa.is_own(self._target_name)
        return None if own else iqa.load_score("paper", target=self._target_name)
