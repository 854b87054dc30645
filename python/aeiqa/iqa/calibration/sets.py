#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The sets of damaged images that scores are fitted on.

They are training images that no network was trained on, damaged by random bit flips; how far a score is off
is measured on every fifth of them, damaged in other ways. No test image and no link is involved; ``damage``
lets the evaluation of transfer put a link in place of the flips.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from ...errors import InputError
from ..networks.inference import Images, as_batch
from ..networks.score_input import CachedImages, Classifier, ScoreInput
from .noise import LOWEST_RATE, random_bit_flips
from .shifted_corruptions import SETS as SHIFTED_SETS
from .shifted_corruptions import shifted_corruptions

CHECK_STRIDE = 5  # every fifth calibration image is kept from perceptrons, to measure how far they are off
SETS = 40
SET_IMAGES = 2000
MIN_IMAGES = 200
FIT_SEED = 20
DESTRUCTION = 6.0  # nominal bit error rate at which nearly every bit is at one half


@dataclass(frozen=True)
class Labelled:
    """Images that the target's error is known for: ``wrong`` bool [N], ``index`` which image of the set."""

    evidence: ScoreInput
    wrong: np.ndarray
    index: np.ndarray


@dataclass(frozen=True)
class CalibrationData:
    """Undamaged training images, and sets of them with more and more damage; no network saw them before.

    ``train`` is damaged like ``calibration``, but not the same: what is trained on it is judged by that.
    ``shifted`` are every fifth image, in sets with damage of other kinds: how far predictions are off there
    makes the intervals.
    """

    clean: Labelled
    calibration: list[Labelled]
    train: list[Labelled]
    shifted: list[Labelled]
    seed: int
    shifted_kinds: tuple[int, ...] = ()
    """Kind of damage of each set of ``shifted``, if scores are fitted to some kinds and tried on others."""


Damage = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]
"""(images uint8 [N, H, W, C], number of the set, generator) -> damaged images of the same shape."""


def bit_flips(images: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Damage set ``number``: set 0 not at all, the others with rates that rise geometrically."""
    if number == 0:
        return images
    rate = LOWEST_RATE * (DESTRUCTION / LOWEST_RATE) ** ((number - 1) / (SETS - 2))
    return random_bit_flips(images, rng, np.full(len(images), rate))


def calibration_data(
    images: Images,
    labels: np.ndarray,
    target: Classifier,
    seed: int = FIT_SEED,
    damage: Damage = bit_flips,
    sets: int = SETS,
    set_images: int = SET_IMAGES,
) -> CalibrationData:
    """Damage ``images`` in ``sets`` sets of up to ``set_images`` drawn at random; let ``target`` read them.

    Twice: once to learn from. And every fifth image in sets of ``shifted_corruptions``.

    Raises ``InputError`` for fewer than 200 images, counts that differ, or a target that gives answers of
    the wrong shape or that are not finite.
    """
    images = as_batch(images, (*images[0].shape, 1)[:3])
    labels = np.asarray(labels)
    if len(images) != len(labels):
        raise InputError(f"images and labels must be as many, got {len(images)} and {len(labels)}")
    if len(images) < MIN_IMAGES:
        raise InputError(f"fitting a score takes at least {MIN_IMAGES} images, got {len(images)}")
    everything = CachedImages(images)
    clean = _read(everything, everything, labels, np.arange(len(images)), target)
    kept = np.arange(0, len(images), CHECK_STRIDE)
    total = 2 * sets + SHIFTED_SETS
    bar = tqdm(total=total, desc=f"calibration images, {target.name}", disable=not sys.stderr.isatty())

    def part(chosen: np.ndarray, number: int, how: Damage, rng: np.random.Generator) -> Labelled:
        received = CachedImages(how(images[chosen], number, rng))
        bar.update()
        return _read(received, Part(everything, chosen), labels[chosen], chosen, target)

    def damaged(stream: int) -> list[Labelled]:
        parts = []
        for number in range(sets):
            rng = np.random.default_rng([seed, stream, number])
            chosen = np.sort(rng.choice(len(images), min(set_images, len(images)), replace=False))
            parts.append(part(chosen, number, damage, rng))
        return parts

    def otherwise(stream: int) -> list[Labelled]:
        rngs = (np.random.default_rng([seed, stream, number]) for number in range(SHIFTED_SETS))
        return [part(kept, number, shifted_corruptions, rng) for number, rng in enumerate(rngs)]

    with bar:
        return CalibrationData(clean, damaged(4), damaged(5), otherwise(6), seed)


class Part(CachedImages):
    """Some images of a set, whose features come from the whole set's."""

    def __init__(self, whole: CachedImages, chosen: np.ndarray) -> None:
        super().__init__(whole.images[chosen])
        self._whole, self._chosen = whole, chosen

    def features(self, network) -> np.ndarray:
        """Return the chosen rows of the whole set's features."""
        return self._whole.features(network)[self._chosen]


def _read(
    received: CachedImages, reference: CachedImages, labels: np.ndarray, index: np.ndarray, target: Classifier
) -> Labelled:
    probabilities = received.answers(target).probabilities
    if labels.max() >= probabilities.shape[1]:
        raise InputError(
            f"target {target.name} knows classes 0 to {probabilities.shape[1] - 1}, a label is {labels.max()}"
        )
    evidence = ScoreInput(received, reference, probabilities)
    return Labelled(evidence, evidence.answer != labels, index)


def with_target(data: CalibrationData, labels: np.ndarray, target: Classifier) -> CalibrationData:
    """Return the same damaged images as another target reads them; what encoders made of them is kept."""

    def read(part: Labelled) -> Labelled:
        evidence = part.evidence
        return _read(evidence.received, evidence.reference, labels[part.index], part.index, target)

    calibration, train, shifted = (
        [read(part) for part in parts] for parts in (data.calibration, data.train, data.shifted)
    )
    return CalibrationData(read(data.clean), calibration, train, shifted, data.seed)
