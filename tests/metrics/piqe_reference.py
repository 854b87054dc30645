#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""PIQE written out block by block from its published definition, as a check on the batched one."""

import numpy as np

OFFSETS = np.arange(-3, 4)
KERNEL = np.exp(-(OFFSETS[:, None] ** 2 + OFFSETS[None, :] ** 2) / (2 * (7 / 6) ** 2))
KERNEL /= KERNEL.sum()


def reference_piqe(image: np.ndarray) -> float:
    """Return the score of one uint8 image ``[H,W]`` or ``[H,W,3]``."""
    return reference_score(reference_mscn(image))


def reference_mscn(image):
    """Grey, padded to whole blocks by repetition, mean-subtracted and contrast-normalised."""
    image = image.astype(float)
    if image.ndim == 3:
        red, green, blue = np.moveaxis(image, -1, 0)
        image = np.floor(0.298936021293775 * red + 0.587043074451121 * green + 0.114020904255103 * blue + 0.5)
    image = np.pad(image, [(0, -side % 16) for side in image.shape], mode="edge")
    mean = blurred(image)
    deviation = np.sqrt(np.abs(blurred(image**2) - mean**2))
    return (image - mean) / (deviation + 1)


def blurred(image):
    """Weighted mean over 7x7 pixels, beyond the border the border pixel."""
    padded = np.pad(image, 3, mode="edge")
    height, width = image.shape
    result = np.zeros_like(image)
    for row in range(7):
        for column in range(7):
            result += KERNEL[row, column] * padded[row : row + height, column : column + width]
    return result


def reference_score(mscn):
    """Pool the distortions of the active 16x16 blocks."""
    distortion, active = 0.0, 0
    for top in range(0, mscn.shape[0], 16):
        for left in range(0, mscn.shape[1], 16):
            block = mscn[top : top + 16, left : left + 16]
            variance = block.var(ddof=1)
            if variance > 0.1:
                active += 1
                distortion += (1 - variance) * has_flat_edge(block) + variance * is_noisy(block)
    return 100 * (distortion + 1) / (active + 1)


def has_flat_edge(block):
    """Whether six adjoining pixels of an edge hardly differ."""
    for edge in (block[0], block[-1], block[:, 0], block[:, -1]):
        for start in range(11):
            if np.std(edge[start : start + 6], ddof=1) < 0.1:
                return True
    return False


def is_noisy(block):
    """Whether the deviation exceeds twice its relative difference from the centre-surround ratio."""
    sigma = np.std(block, ddof=1)
    surround = np.delete(
        np.delete(block, 7, axis=1), 8, axis=1
    )  # the second index counts after the first removal
    ratio = np.std(block[:, 7:9], ddof=1) / np.std(surround, ddof=1)
    return sigma > 2 * abs(sigma - ratio) / max(sigma, ratio)
