#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Structural similarity with a uniform window, and the dB scale of the paper's table."""

from numbers import Integral

import numpy as np

from ..errors import ImageShapeError, InputError
from ._batches import Images, map_images
from ._ranges import check_data_range

# Stabilising constants of Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image quality assessment:
# from error visibility to structural similarity", IEEE Trans. Image Processing 13(4), 2004.
_K1, _K2 = 0.01, 0.03

_DB_OF_IDENTICAL = 90.0  # what the paper's table prints where 1 - SSIM rounds to zero


def ssim(reference: Images, received: Images, data_range: float = 255, window: int = 5) -> np.ndarray:
    """Return each image's mean structural similarity, float64 ``[N]`` in [-1, 1], 1 where identical.

    Equals ``skimage.metrics.structural_similarity(a, b, win_size=window, data_range=data_range)``: uniform
    window, sample covariance, the mean over the positions where the window lies inside the image and, in
    colour, over the channels. The paper's SSIM column was made with ``window=5``.

    Raises:
        InputError: the two are not uint8 images of the same number and shapes, an image is smaller than the
            window, ``window`` is not an odd number of at least 3, or ``data_range`` is not positive.

    Example:
        >>> from gnuradio.aeiqa import images, metrics
        >>> sent = images.load_dataset("mnist").images[:2]
        >>> received = sent.copy()
        >>> received[1] ^= 8  # one bit of every pixel
        >>> metrics.ssim(sent, received).round(2)
        array([1.  , 0.97])
    """
    span = check_data_range(data_range)
    if not isinstance(window, Integral) or window < 3 or window % 2 == 0:
        raise InputError(f"window: must be an odd number of at least 3, got {window!r}")
    return map_images(lambda a, b: _ssim(a, b, span, int(window)), reference=reference, received=received)


def ssim_db(similarity: float | np.ndarray) -> float | np.ndarray:
    """Return -10 log10(1 - s) with s rounded to two decimals first, and 90 dB where that is 1.

    This is the SSIM column of the paper's Table II (15.23 dB is .97); not-a-number stays so.
    """
    rounded = np.round(np.asarray(similarity, np.float64), 2)
    with np.errstate(divide="ignore"):
        decibel = np.where(rounded == 1, _DB_OF_IDENTICAL, -10 * np.log10(1 - rounded) + 0.0)
    return decibel if decibel.ndim else float(decibel)


def _ssim(reference: np.ndarray, received: np.ndarray, span: float, window: int) -> np.ndarray:
    height, width = reference.shape[1:3]
    if min(height, width) < window:
        raise ImageShapeError(f"window: {window} is larger than an image of {height}x{width} pixels")
    x, y = reference.astype(np.float64), received.astype(np.float64)
    count = window * window
    mean_x, mean_y = _box_sum(x, window) / count, _box_sum(y, window) / count
    mean_product = mean_x * mean_y
    mean_squares = mean_x**2 + mean_y**2
    # The formula wants the variances only as their sum, so one window sum serves both images.
    covariance = (_box_sum(x * y, window) - count * mean_product) / (count - 1)
    variances = (_box_sum(x * x + y * y, window) - count * mean_squares) / (count - 1)
    c1, c2 = (_K1 * span) ** 2, (_K2 * span) ** 2
    similarity = (2 * mean_product + c1) * (2 * covariance + c2)
    similarity /= (mean_squares + c1) * (variances + c2)
    return similarity.mean(axis=(1, 2, 3))


def _box_sum(stack: np.ndarray, window: int) -> np.ndarray:
    """Sum over every window that lies inside the image; exact, since the sums are integers below 2^53."""
    for axis in (1, 2):
        lines = stack.shape[axis] - window + 1
        shifted = [slice(None)] * stack.ndim
        total = np.zeros((*stack.shape[:axis], lines, *stack.shape[axis + 1 :]))
        for shift in range(window):
            shifted[axis] = slice(shift, shift + lines)
            total += stack[tuple(shifted)]
        stack = total
    return stack
