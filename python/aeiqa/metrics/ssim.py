#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Structural similarity with MATLAB's Gaussian or a uniform window, and the dB scale of the paper's table."""

from functools import lru_cache
from numbers import Integral

import numpy as np

from ..errors import ImageShapeError, InputError
from ._batches import Images, map_images
from ._ranges import check_data_range

# Stabilising constants of Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image quality assessment:
# from error visibility to structural similarity", IEEE Trans. Image Processing 13(4), 2004.
_K1, _K2 = 0.01, 0.03

_DB_OF_IDENTICAL = 90.0  # what the paper's table prints where 1 - SSIM rounds to zero


GAUSSIAN = "gaussian"
_SIGMA, _REACH = 1.5, 5  # pixels
_TAPS = np.exp(-0.5 * (np.arange(_REACH + 1) / _SIGMA) ** 2)  # from the middle outwards
_TAPS /= _TAPS[0] + 2 * _TAPS[1:].sum()


def ssim(
    reference: Images, received: Images, data_range: float = 255, window: int | str = GAUSSIAN
) -> np.ndarray:
    """Return each image's mean structural similarity, float64 ``[N]`` in [-1, 1], 1 where identical.

    ``window="gaussian"`` is MATLAB's ``ssim()``, with which the paper's SSIM column was made: 11x11 pixels,
    sigma 1.5, replicated border, population moments, the mean over all pixels. Images of any size have one. A
    number is the side of a uniform window: it equals ``skimage.metrics.structural_similarity(a, b,
    win_size=window, data_range=data_range)``, sample covariance, the mean over the positions where the window
    lies inside the image. In colour either is the mean over the channels as well.

    Raises:
        InputError: the two are not uint8 images of the same number and shapes, an image is smaller than a
            uniform window, ``window`` is neither "gaussian" nor an odd number of at least 3, or
            ``data_range`` is not positive.

    Example:
        >>> from gnuradio.aeiqa import images, metrics
        >>> sent = images.load_dataset("mnist").images[:2]
        >>> received = sent.copy()
        >>> received[1] ^= 8  # one bit of every pixel
        >>> metrics.ssim(sent, received).round(2)
        array([1.  , 0.97])
    """
    span = check_data_range(data_range)
    if window == GAUSSIAN:
        return map_images(lambda a, b: _gaussian(a, b, span), reference=reference, received=received)
    if not isinstance(window, Integral) or window < 3 or window % 2 == 0:
        raise InputError(f"window: must be {GAUSSIAN} or an odd number of at least 3, got {window!r}")
    return map_images(lambda a, b: _uniform(a, b, span, int(window)), reference=reference, received=received)


def ssim_db(similarity: float | np.ndarray) -> float | np.ndarray:
    """Return -10 log10(1 - s) with s rounded to two decimals first, and 90 dB where that is 1.

    This is the SSIM column of the paper's Table II (15.23 dB is .97); not-a-number stays so.
    """
    rounded = np.round(np.asarray(similarity, np.float64), 2)
    with np.errstate(divide="ignore"):
        decibel = np.where(rounded == 1, _DB_OF_IDENTICAL, -10 * np.log10(1 - rounded) + 0.0)
    return decibel if decibel.ndim else float(decibel)


# Largest window whose sums, times the pixels of a window, fit into 32 bits.
_LARGEST_EXACT = 11


# Samples that are smoothed at a time: four arrays of so many fit into the second-level cache.
_SAMPLES = 12_800
# Pixels that one product of matrices smooths: few enough that its matrix is mostly taps.
_BLOCK = 16


def _gaussian(reference: np.ndarray, received: np.ndarray, span: float) -> np.ndarray:
    channels = reference.shape[3]
    x, y = (stack.transpose(0, 3, 1, 2).reshape(-1, *stack.shape[1:3]) for stack in (reference, received))
    similarity = np.ones(len(x))
    differ = np.flatnonzero((x != y).any(axis=(1, 2)))
    step = max(1, _SAMPLES // x[0].size)
    for start in range(0, len(differ), step):
        part = differ[start : start + step]
        similarity[part] = _gaussian_planes(x[part], y[part], span)
    return similarity.reshape(-1, channels).mean(axis=1)


def _gaussian_planes(x: np.ndarray, y: np.ndarray, span: float) -> np.ndarray:
    """Return the mean similarity of planes uint8 ``[n,H,W]``, float64 ``[n]``."""
    stack = np.empty((4, *x.shape))
    stack[0], stack[1] = x, y
    np.multiply(stack[0], stack[1], out=stack[2])
    np.multiply(stack[0], stack[0], out=stack[3])
    stack[3] += stack[1] * stack[1]
    mean_x, mean_y, product, squares = _smoothed(stack.reshape(-1, *x.shape[1:])).reshape(stack.shape)
    means = mean_x * mean_y
    mean_x *= mean_x
    mean_y *= mean_y
    mean_squares = np.add(mean_x, mean_y, out=mean_x)
    product -= means  # the covariance
    squares -= mean_squares  # the sum of the variances
    c1, c2 = (_K1 * span) ** 2, (_K2 * span) ** 2
    means *= 2
    product *= 2
    for term, constant in ((means, c1), (product, c2), (mean_squares, c1), (squares, c2)):
        term += constant
    means *= product
    mean_squares *= squares
    means /= mean_squares
    return means.reshape(len(x), -1).mean(axis=1)


def _smoothed(planes: np.ndarray) -> np.ndarray:
    """Return the Gaussian's mean around each pixel of float64 ``[n,H,W]``, the border replicated."""
    count, height, width = planes.shape
    lines, along = planes.reshape(-1, width), np.empty((count * height, width))
    for pixels, needed, taps in _blocks(width):
        np.matmul(lines[:, needed], taps.T, out=along[:, pixels])
    along, across = along.reshape(planes.shape), np.empty(planes.shape)
    for pixels, needed, taps in _blocks(height):
        np.matmul(taps, along[:, needed], out=across[:, pixels])
    return across


@lru_cache(maxsize=64)
def _blocks(length: int) -> list[tuple[slice, slice, np.ndarray]]:
    """Return parts of a line: which pixels are smoothed, which it takes, and the matrix of its taps."""
    matrix, pixel = np.zeros((length, length)), np.arange(length)
    for distance in range(-_REACH, _REACH + 1):
        np.add.at(matrix, (pixel, np.clip(pixel + distance, 0, length - 1)), _TAPS[abs(distance)])
    blocks = []
    for start in range(0, length, _BLOCK):
        pixels = slice(start, min(start + _BLOCK, length))
        needed = slice(max(start - _REACH, 0), min(pixels.stop + _REACH, length))
        blocks.append((pixels, needed, matrix[pixels, needed].copy()))
    return blocks


def _uniform(reference: np.ndarray, received: np.ndarray, span: float, window: int) -> np.ndarray:
    height, width, channels = reference.shape[1:]
    if min(height, width) < window:
        raise ImageShapeError(f"window: {window} is larger than an image of {height}x{width} pixels")
    # A row of pixels with their channels is one line, in which a channel's next value is ``channels`` away.
    x, y = (stack.reshape(len(stack), height, width * channels) for stack in (reference, received))
    return _similarity(x, y, channels, span, window).mean(axis=(1, 2))


def _similarity(x: np.ndarray, y: np.ndarray, channels: int, span: float, window: int) -> np.ndarray:
    """Return the similarity at each position of the window, float64, from sums in whole numbers."""
    small, large = ("u2", "i4") if window <= _LARGEST_EXACT else ("i8", "i8")
    x, y = x.astype(small), y.astype(small)
    count = window * window
    sum_x, sum_y = (_box_sum(each, window, channels).astype(large) for each in (x, y))
    product = sum_x * sum_y
    squares = sum_x * sum_x
    squares += sum_y * sum_y
    # A product of two bytes fits into 16 bits.
    covariance = _box_sum((x * y).astype(large), window, channels)
    covariance *= count
    covariance -= product
    # The formula wants the variances only as their sum, so one window sum serves both images.
    both = (x * x).astype(large)
    both += y * y
    variances = _box_sum(both, window, channels)
    variances *= count
    variances -= squares
    c1, c2 = (_K1 * span) ** 2 * count**2, (_K2 * span) ** 2 * count * (count - 1)
    product *= 2
    covariance *= 2
    similarity = (product + c1) * (covariance + c2)
    similarity /= (squares + c1) * (variances + c2)
    return similarity


def _box_sum(stack: np.ndarray, window: int, channels: int) -> np.ndarray:
    """Sum over every window that lies inside the image."""
    for axis, stride in ((1, 1), (2, channels)):
        stack = _running_sum(stack, window, axis, stride)
    return stack


def _running_sum(stack: np.ndarray, window: int, axis: int, stride: int) -> np.ndarray:
    """Sum over ``window`` values along an axis, ``stride`` apart: pairs first, pairs of these then."""
    length = stack.shape[axis] - (window - 1) * stride

    def part(values: np.ndarray, start: int) -> np.ndarray:
        chosen = slice(start * stride, start * stride + length)
        return values[:, chosen] if axis == 1 else values[:, :, chosen]

    total, start, power, width = None, 0, stack, 1
    while True:
        if window & width:
            total = part(power, start).copy() if total is None else np.add(total, part(power, start), total)
            start += width
        if 2 * width > window:
            break
        reach = power.shape[axis] - width * stride
        if axis == 1:
            power = power[:, :reach] + power[:, width * stride :]
        else:
            power = power[:, :, :reach] + power[:, :, width * stride :]
        width *= 2
    assert total is not None
    return total
