#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""PIQE, the perception based image quality evaluator, as MATLAB's ``piqe`` computes it.

N. Venkatanath, D. Praneeth, M. Chandrasekhar Bh, S. S. Channappayya, S. S. Medasani, "Blind image quality
evaluation using perception based features", National Conference on Communications (NCC), 2015. Where paper
and MATLAB's published code differ, this follows the code.
"""

import numpy as np
from scipy.ndimage import correlate1d

from ..errors import ImageShapeError
from ._batches import Images, map_images

_BLOCK = 16
_SEGMENT = 6  # adjoining pixels of a block's edge
_ACTIVE_VARIANCE = 0.1
_FLAT_STD = 0.1

# 7-tap Gaussian of standard deviation 7/6 (three deviations each way).
_GAUSSIAN = np.exp(-0.5 * (np.arange(-3, 4) / (7 / 6)) ** 2)
_GAUSSIAN /= _GAUSSIAN.sum()

# ITU-R BT.601 luma to the digits of MATLAB's rgb2gray.
_LUMA = np.array([0.298936021293775, 0.587043074451121, 0.114020904255103])

# The two centre columns. Removing them one after the other shifts the second index by one in the published
# code, so the surround lacks columns 7 and 9 (from 0) and keeps 8.
_CENTRE = np.isin(np.arange(_BLOCK), (7, 8))
_SURROUND = ~np.isin(np.arange(_BLOCK), (7, 9))

# edge @ _SEGMENTS sums the pixels of each of an edge's eleven overlapping segments.
_N_SEGMENTS = _BLOCK - _SEGMENT + 1
_SEGMENTS = sum(np.eye(_BLOCK, _N_SEGMENTS, -shift) for shift in range(_SEGMENT))


def piqe(images: Images) -> np.ndarray:
    """Return each image's PIQE score, float64 ``[N]``; low is good, 100 is bad (and any uniform image's).

    The score is 100 (D + 1) / (N + 1), N the number of 16x16 blocks whose normalised luminance has a variance
    v above 0.1, D the sum over them of 1 - v if an edge of the block has a flat segment (blockiness) and of v
    if the block looks noisy. Made for photographs: on small pictures with plain backgrounds, such as MNIST,
    it says nothing about quality.

    Raises:
        InputError: not uint8 images, or neither grey nor of three channels (RGB).

    Example:
        >>> import numpy as np
        >>> from gnuradio.aeiqa import metrics
        >>> metrics.piqe([np.full((32, 48), 20, np.uint8), np.full((64, 64, 3), 20, np.uint8)])
        array([100., 100.])
    """
    return map_images(_piqe, images=images)


def _piqe(stack: np.ndarray) -> np.ndarray:
    blocks = _blocks(_normalised(_padded(_grey(stack))))
    n_images, n_blocks = blocks.shape[:2]
    blocks = blocks.reshape(-1, _BLOCK, _BLOCK)
    column_sums, column_squares = blocks.sum(axis=1), np.einsum("brc,brc->bc", blocks, blocks)
    variance = _variance(column_sums.sum(axis=1), column_squares.sum(axis=1), _BLOCK * _BLOCK)
    active = np.flatnonzero(variance > _ACTIVE_VARIANCE)
    v = variance[active]
    noisy = _noisy(v, column_sums[active], column_squares[active])
    distortion = _flat_edge(blocks[active]) * (1 - v) + noisy * v
    image = active // n_blocks
    n_active = np.bincount(image, minlength=n_images)
    return 100 * (np.bincount(image, distortion, n_images) + 1) / (n_active + 1)


def _grey(stack: np.ndarray) -> np.ndarray:
    """Luminance on 0..255, rounded like MATLAB's rgb2gray of bytes; float64 ``[n,H,W]``."""
    channels = stack.shape[-1]
    if channels == 1:
        return stack[..., 0].astype(np.float64)
    if channels != len(_LUMA):
        raise ImageShapeError(f"images: PIQE takes grey or RGB images, got {channels} channels")
    return np.floor(stack @ _LUMA + 0.5)


def _padded(grey: np.ndarray) -> np.ndarray:
    """Repeat the last row and column up to whole blocks."""
    bottom, right = (-grey.shape[1] % _BLOCK, -grey.shape[2] % _BLOCK)
    return np.pad(grey, ((0, 0), (0, bottom), (0, right)), mode="edge") if bottom or right else grey


def _normalised(grey: np.ndarray) -> np.ndarray:
    """Contrast-normalised luminance (I - mu) / (sigma + 1), with the local moments under the Gaussian."""
    mean = _smooth(grey)
    sigma = _smooth(grey * grey)
    sigma -= mean * mean
    # Rounding can leave a flat region's variance just below zero.
    np.sqrt(np.abs(sigma, out=sigma), out=sigma)
    sigma += 1
    return np.divide(np.subtract(grey, mean, out=mean), sigma, out=mean)


def _smooth(stack: np.ndarray) -> np.ndarray:
    rows = correlate1d(stack, _GAUSSIAN, axis=1, mode="nearest")
    return correlate1d(rows, _GAUSSIAN, axis=2, mode="nearest", output=rows)


def _blocks(stack: np.ndarray) -> np.ndarray:
    """Cut ``[n,H,W]`` into ``[n, blocks, 16, 16]``."""
    images, height, width = stack.shape
    cut = stack.reshape(images, height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    return cut.swapaxes(2, 3).reshape(images, -1, _BLOCK, _BLOCK)


def _variance(total: np.ndarray, squares: np.ndarray, count: int) -> np.ndarray:
    """Sample variance from sums; the values are of order one around zero, so nothing cancels that matters."""
    return np.maximum(squares - total * total / count, 0) / (count - 1)


def _noisy(variance: np.ndarray, column_sums: np.ndarray, column_squares: np.ndarray) -> np.ndarray:
    """Noise criterion: sigma > 2 beta, beta the relative gap of sigma and the centre-surround ratio."""
    centre, surround = (_column_std(column_sums, column_squares, columns) for columns in (_CENTRE, _SURROUND))
    sigma = np.sqrt(variance)
    ratio = np.divide(centre, surround, out=np.zeros_like(centre), where=surround > 0)
    return sigma > 2 * np.abs(sigma - ratio) / np.maximum(sigma, ratio)


def _column_std(column_sums: np.ndarray, column_squares: np.ndarray, columns: np.ndarray) -> np.ndarray:
    count = _BLOCK * int(columns.sum())
    return np.sqrt(_variance(column_sums @ columns, column_squares @ columns, count))


def _flat_edge(blocks: np.ndarray) -> np.ndarray:
    """Artefact criterion: any 6-pixel segment of any of the four edges has a standard deviation below 0.1."""
    edges = np.stack([blocks[:, 0], blocks[:, -1], blocks[:, :, 0], blocks[:, :, -1]], axis=1)
    variance = _variance(edges @ _SEGMENTS, (edges * edges) @ _SEGMENTS, _SEGMENT)
    return (variance < _FLAT_STD**2).any(axis=(1, 2))
