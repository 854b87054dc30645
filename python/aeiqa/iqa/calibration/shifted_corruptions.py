#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Damage unlike that scores are fitted to, to measure how far their predictions are off where all is new.

On a link every image of a set is damaged in one and the same way, while in ``noise`` each image draws a way
of its own and a set averages over them. So here a set draws once, one of five kinds: bit errors with one
structure for all, bursts, values that arrive as others, symbols that arrive as others beside certain
neighbours, analogue noise with loss of contrast. No link is in it.
"""

from collections.abc import Callable

import numpy as np

from .noise import LOWEST_RATE, random_bit_flips

KINDS_SETS = 12  # sets of each kind, from hardly damaged to hardly legible
HIGHEST_RATE = 1.0


def shifted_corruptions(images: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Return a damaged copy of uint8 images [N, H, W, C].

    ``number``, 0 to SETS - 1, chooses kind and strength, ``rng`` all else.
    """
    kind = KINDS[number % len(KINDS)]
    strength = (number // len(KINDS) + 1.0) / KINDS_SETS
    return kind(images, strength, rng)


def alike(images: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Bit errors as fitted to, but every image of the set with the same structure."""
    rate = LOWEST_RATE * (HIGHEST_RATE / LOWEST_RATE) ** strength
    return random_bit_flips(images, rng, np.full(len(images), rate), alike=True)


def bursts(images: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Runs of pixels, of a single one to a row or two, that arrive as chance, as in a fade."""
    count = len(images)
    size = images[0].size
    length = max(1, int(size ** rng.uniform(0.0, 0.6)))
    # Each pixel starts a run at random; one is lost if one of the last ``length`` did.
    starts = rng.random((count, size)) < -np.log1p(-0.9 * strength) / length
    begun = np.maximum.accumulate(np.where(starts, np.arange(size), -length), axis=1)
    lost = (np.arange(size) - begun < length).reshape(images.shape)
    return np.where(lost, rng.integers(0, 256, images.shape, np.uint8), images)


def values(images: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Some values that arrive as others, each as one of its own or, half the time, as chance."""
    chosen = rng.random(16) < rng.uniform(0.3, 0.8)
    table = rng.integers(0, 256, 256, np.uint8)
    hit = chosen[images >> 4] & (rng.random(images.shape, np.float32) < strength)
    other = table[images] if rng.random() < 0.5 else rng.integers(0, 256, images.shape, np.uint8)
    return np.where(hit, other, images)


def symbols(images: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Symbols of 1, 2 or 4 bits that arrive as others beside certain neighbours, up to 8 places away."""
    bits = int(rng.choice([1, 2, 4]))
    levels, per_pixel = 1 << bits, 8 // bits
    lines = images if rng.random() < 0.5 else images.swapaxes(1, 2)  # sent row by row or column by column
    shifts = np.arange(8 - bits, -1, -bits)
    sent = (lines.reshape(len(images), -1, 1) >> shifts & (levels - 1)).reshape(len(images), -1)
    neighbour = np.roll(sent, int(rng.choice([-1, 1]) * rng.integers(1, 9)), axis=1)
    # Some pairs always suffer, at full strength up to all of them; the others if chance will.
    always, sometimes = strength * rng.random(), 0.5 * strength * rng.random()
    probability = np.where(rng.random((levels, levels)) < always, 1.0, sometimes).astype(np.float32)
    wrong = (np.arange(levels)[:, np.newaxis] + rng.integers(1, levels, (levels, levels))) % levels
    pair = sent, neighbour
    got = np.where(rng.random(sent.shape, np.float32) < probability[pair], wrong[pair], sent)
    pixels = (got.reshape(len(images), -1, per_pixel) << shifts).sum(axis=2).astype(np.uint8)
    pixels = pixels.reshape(lines.shape)
    return pixels if lines is images else pixels.swapaxes(1, 2)


def analogue(images: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Normal noise on the pixels' values, with less contrast and another brightness."""
    contrast = 1.0 - strength * rng.uniform(0.0, 0.9)
    level = rng.uniform(0.0, 255.0)
    noise = rng.standard_normal(images.shape, np.float32) * (128.0 * strength)
    return np.clip(np.rint(level + contrast * (images - level) + noise), 0, 255).astype(np.uint8)


KINDS: tuple[Callable[[np.ndarray, float, np.random.Generator], np.ndarray], ...] = (
    alike, bursts, values, symbols, analogue,
)  # fmt: skip
SETS = KINDS_SETS * len(KINDS)
