#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Fitting scores to a target, and the files that keep the fits.

What scores are fitted on is training images that no network was trained on, damaged by random bit flips; how
far they are off is measured on every fifth of them, damaged in other ways. No test image and no link is
involved; ``damage`` lets the evaluation of transfer put a link in place of the flips.
"""

import hashlib
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ...errors import InputError
from ..calibration.noise import LOWEST_RATE, random_bit_flips
from ..calibration.shifted_corruptions import SETS as OTHER_SETS
from ..calibration.shifted_corruptions import shifted_corruptions
from ..networks.arrays import load_arrays, save_arrays
from ..networks.inference import Images, as_batch, shape_text
from .base import CHECK_STRIDE, CalibrationData, Classifier, Estimator, Labelled
from .score_input import CachedImages, ScoreInput

SETS = 40
SET_IMAGES = 2000
MIN_IMAGES = 200
FIT_SEED = 20
FORMAT = 3  # of the files, raised when a score's state changes its meaning
DESTRUCTION = 6.0  # nominal bit error rate at which nearly every bit is at one half

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
    total = 2 * sets + OTHER_SETS
    bar = tqdm(total=total, desc=f"calibration images, {target.name}", disable=not sys.stderr.isatty())

    def part(chosen: np.ndarray, number: int, how: Damage, rng: np.random.Generator) -> Labelled:
        received = CachedImages(how(images[chosen], number, rng))
        bar.update()
        return _read(received, _Part(everything, chosen), labels[chosen], chosen, target)

    def damaged(stream: int) -> list[Labelled]:
        parts = []
        for number in range(sets):
            rng = np.random.default_rng([seed, stream, number])
            chosen = np.sort(rng.choice(len(images), min(set_images, len(images)), replace=False))
            parts.append(part(chosen, number, damage, rng))
        return parts

    def otherwise(stream: int) -> list[Labelled]:
        rngs = (np.random.default_rng([seed, stream, number]) for number in range(OTHER_SETS))
        return [part(kept, number, shifted_corruptions, rng) for number, rng in enumerate(rngs)]

    with bar:
        return CalibrationData(clean, damaged(4), damaged(5), otherwise(6), seed)


class _Part(CachedImages):
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
    probabilities = received.once(("target", id(target)), lambda: target.probabilities(received.images))
    if probabilities.ndim != 2 or len(probabilities) != len(labels):
        raise InputError(
            f"target {target.name}: probabilities must be [N, classes], got {shape_text(probabilities.shape)}"
        )
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


def fit_name(target: str, variant: str = "") -> str:
    """Return the name of the file with the fits to ``target``."""
    return f"fit-{target}{variant and '-' + variant}"


def save_fits(path: Path, fits: Iterable[tuple[int, Estimator]], models: dict[str, str]) -> None:
    """Write the state of fitted scores (seed of their encoder, score).

    ``models`` are the digests of the target and the encoders by name; a fit is good for no others.
    """
    arrays = {
        f"{score.name}/{seed}/{key}": array for seed, score in fits for key, array in score.state().items()
    }
    arrays |= {f"model/{name}": np.array(digest) for name, digest in models.items()}
    arrays["format"] = np.array(FORMAT)
    save_arrays(path, arrays)


def restore_fit(
    score: Estimator,
    arrays: dict[str, np.ndarray],
    path: Path,
    seed: int,
    models: dict[str, str],
    fitted: bool,
) -> None:
    """Give ``score`` the state that ``arrays`` of the file ``path`` hold.

    Raises ``InputError`` if the file lacks this score and seed, or was made for other models.
    """
    for name, digest in models.items():
        if str(arrays.get(f"model/{name}")) != digest:
            raise InputError(f"{path}: fitted to another model {name} than the one here; train again")
    prefix = f"{score.name}/{seed}/"
    found = {key.removeprefix(prefix): array for key, array in arrays.items() if key.startswith(prefix)}
    if not found:
        raise InputError(f"{path}: holds no fit of score {score.name} with seed {seed}")
    if not all(array.dtype.kind == "f" and np.isfinite(array).all() for array in found.values()):
        raise InputError(f"{path}: the fit of score {score.name} must hold finite floats")
    try:
        score.restore(found, fitted)
    except (KeyError, TypeError, ValueError):
        raise InputError(f"{path}: the fit of score {score.name} is not whole") from None


def digest_of(target: Classifier) -> str:
    """Return the digest of the target's model file; of a target without a card, of its name."""
    card = getattr(target, "card", None)
    return card["sha256"] if card else hashlib.sha256(target.name.encode()).hexdigest()


def read_fits(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a file of fits; its absence or age is told with what makes it."""
    if not path.exists():
        raise InputError(f"{path}: missing: no score has been fitted to this target (./aeiqa train does)")
    arrays = load_arrays(path)
    if arrays.pop("format", None) != FORMAT:
        raise InputError(f"{path}: fitted by another version of the scores (./aeiqa train fits them anew)")
    return arrays
