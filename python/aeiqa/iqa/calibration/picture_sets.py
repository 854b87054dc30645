#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The sets of damaged pictures that the scores of a user's own classifier are fitted on.

As in ``sets``, with pictures of any sizes, and few of them: the classifier gets each damaged picture at its
full size; kept is what it answers, and the picture as the scores' networks see it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ...errors import InputError
from ..networks.inference import Images, shape_text
from ..networks.resampling import resample
from ..networks.score_input import Answers, CachedImages, Classifier, ScoreInput
from .noise import random_bit_flips
from .sets import FIT_SEED, CalibrationData, Damage, Labelled, Part, bit_flips
from .shifted_corruptions import KINDS, shifted_corruptions
from .shifted_corruptions import SETS as SHIFTED_SETS

SETS = 40
SHIFTED = tuple(number for number in range(SHIFTED_SETS) if number // len(KINDS) % 2)
"""The sets of ``shifted_corruptions`` that are made: every kind in every second strength."""
FEWEST = 40  # pictures of a set
LARGE = 1 << 14  # bytes of a picture from which sets have fewer
CHUNK_BYTES = 1 << 26  # of pictures that are damaged at a time


@dataclass(frozen=True)
class SetSizes:
    """Number of pictures in each set with damage to fit to, and in each with damage of other kinds."""

    fitted: int
    shifted: int

    @property
    def pictures(self) -> int:
        """Damaged pictures in all."""
        return SETS * self.fitted + len(SHIFTED) * self.shifted

    @classmethod
    def of(cls, count: int, pixels: float, share: float = 1.0) -> "SetSizes":
        """Return the sizes for ``count`` pictures of so many bytes each; fewer of large ones.

        ``share`` of that many are to be taken if time is short, of a set at least 40.
        """
        fitted, shifted = (100, 150) if pixels >= LARGE else (400, 500)
        whole = (min(count, size) for size in (fitted, shifted))
        return cls(*(min(size, max(FEWEST, int(share * size))) for size in whole))


def damaged(
    images: Images, damage: Damage, number: int, make_rng: Callable[[], np.random.Generator]
) -> list[np.ndarray]:
    """Return damaged copies of pictures of any shapes, in their order.

    Those of one shape are damaged together; ``make_rng`` is called for each shape.
    """
    shapes: dict[tuple[int, ...], list[int]] = {}
    for position, image in enumerate(images):
        shapes.setdefault(image.shape, []).append(position)
    out: list[np.ndarray] = [np.empty(0)] * len(images)
    for shape, positions in shapes.items():
        batch = np.stack([images[position] for position in positions])
        batch = batch.reshape(len(batch), *(*shape, 1)[:3])
        for position, image in zip(positions, damage(batch, number, make_rng()), strict=True):
            out[position] = image.reshape(shape)
    return out


def picture_sets(
    images: Images,
    labels: np.ndarray,
    target: Classifier,
    shape: tuple[int, int, int],
    sizes: SetSizes,
    *,
    seed: int = FIT_SEED,
    compare: Mapping[str, Callable[[ScoreInput], np.ndarray]] = MappingProxyType({}),
    on_done: Callable[[int], None] = lambda pictures: None,
) -> CalibrationData:
    """Damage labelled pictures in sets, let ``target`` classify them, and keep them in ``shape``.

    Args:
        images: uint8 pictures of any shapes, that neither ``target`` nor the networks were trained on.
        labels: int64 [N].
        target: whose errors the scores shall predict.
        shape: (height, width, channels) that the networks see.
        sizes: how many pictures go into each set.
        seed: of all draws.
        compare: measures of pictures at full size by name, each returning float [N]; ``ScoreInput.metric``
            has them afterwards.
        on_done: called with the number of pictures that were done.

    Raises:
        InputError: ``target`` knows fewer classes than there are labels, or its answers are unusable.
    """
    everything = CachedImages(resample(images, shape))
    clean_answers = Answers.of(target, images).probabilities
    if labels.max() >= clean_answers.shape[1]:
        raise InputError(
            f"target {target.name} knows classes 0 to {clean_answers.shape[1] - 1}, a label is {labels.max()}"
        )
    on_done(len(images))
    clean = ScoreInput(everything, everything, clean_answers)

    def make(chosen: np.ndarray, number: int, how: Damage, stream: int, alike: bool) -> Labelled:
        reference = Part(everything, chosen)
        reference.remember(("answer", id(target)), clean.answer[chosen])  # for ``disagreement``
        shared = np.random.default_rng([seed, stream, number])

        def make_rng() -> np.random.Generator:
            # Every picture of a set in the same way: drawn anew alike for each shape.
            return np.random.default_rng([seed, stream, number, 1]) if alike else shared

        smaller, answers, measured = [], [], []
        for part in _chunks(images, chosen):
            sent = [images[index] for index in part]
            received = damaged(sent, how, number, make_rng)
            answers.append(Answers.of(target, received).probabilities)
            smaller.append(resample(received, shape))
            full = ScoreInput(CachedImages(received), CachedImages(sent), answers[-1])
            measured.append({name: measure(full) for name, measure in compare.items()})
            on_done(len(part))
        small = CachedImages(np.concatenate(smaller))
        for name in compare:
            small.remember(name, np.concatenate([each[name] for each in measured]), (reference,))
        evidence = ScoreInput(small, reference, np.concatenate(answers))
        return Labelled(evidence, evidence.answer != labels[chosen], chosen)

    def draw(count: int, stream: int, number: int) -> np.ndarray:
        rng = np.random.default_rng([seed, stream, number, 2])
        return np.sort(rng.choice(len(images), count, replace=False))

    return CalibrationData(
        Labelled(clean, clean.answer != labels, np.arange(len(images))),
        [make(draw(sizes.fitted, 4, n), n, bit_flips, 4, False) for n in range(SETS)],
        [],
        [make(draw(sizes.shifted, 6, n), n, shifted_corruptions, 6, True) for n in SHIFTED],
        seed,
        tuple(number % len(KINDS) for number in SHIFTED),
    )


def _chunks(images: Images, chosen: np.ndarray) -> Iterator[np.ndarray]:
    """Yield ``chosen`` in parts of at most ``CHUNK_BYTES`` of pictures, or of one."""
    ends = np.cumsum([images[index].size for index in chosen]) // CHUNK_BYTES
    for number in np.unique(ends):
        yield chosen[ends == number]


def damage_pool(images: Images, shape: tuple[int, int, int], seed: int, number: int) -> np.ndarray:
    """Return the pictures, each with random bit flips of its own at full size, in ``shape``: uint8 [N, ...].

    ``number`` tells one pool from others with the same seed.
    """
    rng = np.random.default_rng([seed, 7, number])

    def flips(batch: np.ndarray, _: int, rng: np.random.Generator) -> np.ndarray:
        return random_bit_flips(batch, rng)

    return np.concatenate(
        [
            resample(damaged([images[index] for index in part], flips, 0, lambda: rng), shape)
            for part in _chunks(images, np.arange(len(images)))
        ]
    )


def size_text(images: Images) -> str:
    """Return the sizes of pictures in a few words, as "28x28x1" or "12x16x3 to 480x640x3, 31 sizes"."""
    shapes = sorted({(*image.shape, 1)[:3] for image in images})
    if len(shapes) == 1:
        return shape_text(shapes[0])
    return f"{shape_text(shapes[0])} to {shape_text(shapes[-1])}, {len(shapes)} sizes"
