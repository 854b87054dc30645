#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Pictures that experiments keep for their reports: received images, small, and what was made of them."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

SHOWN = 4  # images of each kind that a score got most wrong
_SIDE = 72  # pixels of what is kept: no larger than it is seen


class Mistake(NamedTuple):
    """An image that a score misjudged: over which link, the score's value, the classes, the image itself.

    ``link`` is (channel, modulation, SNR in dB); ``sent`` and ``received`` are uint8, as ``thumbnail``.
    """

    link: tuple[str, str, float]
    value: float
    label: str
    answer: str
    right: bool
    sent: np.ndarray
    received: np.ndarray


class Mistakes(NamedTuple):
    """The images that a score trusted most though misclassified, and doubted most though not."""

    trusted: Sequence[Mistake]
    doubted: Sequence[Mistake]

    @classmethod
    def restored(cls, kept: Sequence) -> "Mistakes":
        """Return what JSON made lists of."""
        return cls(*([Mistake(tuple(link), *rest) for link, *rest in row] for row in kept))


class Candidate(NamedTuple):
    """An image that may be shown: over which link, where in the set, the score's value, both classes."""

    link: tuple
    position: int
    value: float
    label: int
    answer: int


def distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the first few, no image and no link twice, so that one odd image does not fill the row."""
    chosen: list[Candidate] = []
    for candidate in candidates:
        if all(candidate.link != other.link and candidate.position != other.position for other in chosen):
            chosen.append(candidate)
        if len(chosen) == SHOWN:
            break
    return chosen


def mistakes(
    chosen: Iterable[Candidate],
    images: Sequence[np.ndarray],
    names: Sequence[str],
    receive: Callable[[int, tuple], np.ndarray],
) -> list[Mistake]:
    """Return the chosen with their pictures; ``receive(position, link)`` sends an image once more."""
    return [
        Mistake(
            tuple(c.link[-3:]), c.value, class_name(names, c.label), class_name(names, c.answer),
            c.label == c.answer, thumbnail(images[c.position]), thumbnail(receive(c.position, c.link)),
        )
        for c in chosen
    ]  # fmt: skip


def class_name(names: Sequence[str], label: int) -> str:
    """Return the name of a class as any page can show it; its number where it has none."""
    return names[label].encode(errors="replace").decode() if label < len(names) else str(label)


def thumbnail(image: np.ndarray) -> np.ndarray:
    """Return a uint8 image at most 72 pixels wide and high."""
    picture = Image.fromarray(image)
    picture.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    return np.asarray(picture)
