#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A data set as the rest of the project sees it, and the paper's background."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Integral

import numpy as np

from ..errors import InputError

Images = np.ndarray | list[np.ndarray]
"""uint8 ``[N,H,W]``, ``[N,H,W,3]``, or a list of ``[H,W]`` and ``[H,W,3]`` arrays of different sizes."""

PAPER_BACKGROUND = 20


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with what is known about them.

    Attributes:
        name: what tables and progress lines call the set.
        images: uint8 ``[N,H,W]`` (grey), ``[N,H,W,3]`` (RGB), or a list of such images where they
            differ in shape.
        labels: class of each image, int64 ``[N]``; None if unknown.
        class_names: the name of each label; empty if there are no labels.
        background: the value that zero pixels were replaced by; None if they were left.
        indices: where each image stands in the full set, int64 ``[N]``, so that results name the same
            image in a subset as in the whole set.
    """

    name: str
    images: Images
    labels: np.ndarray | None = None
    class_names: tuple[str, ...] = ()
    background: int | None = None
    indices: np.ndarray = None  # type: ignore[assignment]  # None numbers the images from 0

    def __post_init__(self) -> None:
        if self.indices is None:
            object.__setattr__(self, "indices", np.arange(len(self.images), dtype=np.int64))

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        """Say what the set holds, without printing any of it."""
        shapes = {" x ".join(map(str, image.shape)) for image in self.images}
        kind = shapes.pop() if len(shapes) == 1 else f"{len(shapes)} shapes"
        classes = "no labels" if self.labels is None else f"{len(self.class_names)} classes"
        return f"<Dataset {self.name}: {len(self)} images of {kind}, {classes}, background {self.background}>"

    @cached_property
    def digest(self) -> str:
        """SHA-256 of every image's shape and pixels and of the labels, in hexadecimal."""
        state = hashlib.sha256()
        for image in self.images:
            state.update(repr(image.shape).encode())
            state.update(np.ascontiguousarray(image).data)
        state.update(b"unlabelled" if self.labels is None else self.labels.astype("<i8").tobytes())
        return state.hexdigest()

    @property
    def labelled(self) -> tuple[Images, np.ndarray]:
        """Images and labels; ``InputError`` if there are no labels."""
        if self.labels is None:
            raise InputError(f"dataset {self.name} has no labels")
        return self.images, self.labels

    def label(self, number: int) -> int:
        """Class of the image of that number; -1 if unknown."""
        return -1 if self.labels is None else int(self.labels[number])

    def take(self, n: int) -> "Dataset":
        """Return ``n`` images spread evenly over the set, in their order: number k is image floor(k N / n).

        Not the first ``n``, because sets are seldom shuffled: the first 2,000 of MNIST's test images are
        harder to classify than the rest, a folder is sorted by class. Not a random draw, so that no seed is
        needed.

        Raises:
            InputError: ``n`` is not a whole number from 1 to the size of the set.
        """
        if not isinstance(n, Integral) or not 1 <= n <= len(self):
            raise InputError(f"images: must be a whole number from 1 to {len(self)} ({self.name}), got {n!r}")
        chosen = np.arange(int(n), dtype=np.int64) * len(self) // int(n)
        is_array = isinstance(self.images, np.ndarray)
        return replace(
            self,
            images=self.images[chosen] if is_array else [self.images[index] for index in chosen],
            labels=None if self.labels is None else self.labels[chosen],
            indices=self.indices[chosen],
        )


def fill_background(images: Images, value: int = PAPER_BACKGROUND) -> Images:
    """Return a copy of the images with every black pixel (all channels zero) set to ``value``.

    The paper gives MNIST's empty background "a random value of 20"; the constant reproduces its PSNR column.

    Raises:
        InputError: ``value`` is not a whole number from 0 to 255, or the images are not uint8.
    """
    check_background(value)
    if not isinstance(images, np.ndarray):
        return [_filled(image, value, colour=image.ndim == 3) for image in images]
    return _filled(images, value, colour=images.ndim == 4)


def check_background(value: object) -> int:
    """Return ``value``, which a pixel can have; else raise ``InputError``."""
    if not isinstance(value, Integral) or not 0 <= int(value) <= 255:
        raise InputError(f"background: must be a whole number from 0 to 255, got {value!r}")
    return int(value)


def _filled(pixels: np.ndarray, value: int, colour: bool) -> np.ndarray:
    if pixels.dtype != np.uint8:
        raise InputError(f"images: must be uint8, got {pixels.dtype}")
    black = (pixels == 0).all(axis=-1, keepdims=True) if colour else pixels == 0
    return np.where(black, np.uint8(value), pixels)
