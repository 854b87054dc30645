#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Structural similarity with MATLAB's Gaussian or a uniform window, and the dB scale of the paper's table."""

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


# Of the planes that are smoothed at a time: what fits into the second-level cache.
_PLANE_SAMPLES = 6500


def _gaussian(reference: np.ndarray, received: np.ndarray, span: float) -> np.ndarray:
    height, width, channels = reference.shape[1:]
    x, y = (stack.transpose(1, 2, 0, 3).reshape(height, width, -1) for stack in (reference, received))
    step = max(1, _PLANE_SAMPLES // (height * width))
    parts = [slice(start, start + step) for start in range(0, x.shape[2], step)]
    values = np.concatenate([_gaussian_planes(x[:, :, part], y[:, :, part], span) for part in parts])
    return values.reshape(-1, channels).mean(axis=1)


def _gaussian_planes(first: np.ndarray, second: np.ndarray, span: float) -> np.ndarray:
    """Return the mean similarity of planes uint8 ``[H,W,n]``, float64 ``[n]``, whatever n is."""
    x, y = np.ascontiguousarray(first, np.float64), np.ascontiguousarray(second, np.float64)
    mean_x, mean_y = _smoothed(x), _smoothed(y)
    means, mean_squares = mean_x * mean_y, mean_x * mean_x + mean_y * mean_y
    c1, c2 = (_K1 * span) ** 2, (_K2 * span) ** 2
    similarity = (2 * means + c1) * (2 * (_smoothed(x * y) - means) + c2)
    similarity /= (mean_squares + c1) * (_smoothed(x * x + y * y) - mean_squares + c2)
    return np.ascontiguousarray(similarity.reshape(-1, similarity.shape[2]).T).mean(axis=1)


def _smoothed(planes: np.ndarray) -> np.ndarray:
    """Return the Gaussian's mean around each pixel of float64 ``[H,W,n]``, the border replicated."""
    for axis in (0, 1):
        length = planes.shape[axis]
        border = np.clip(np.arange(-_REACH, length + _REACH), 0, length - 1)
        padded = planes.take(border, axis)
        shifted = [padded[(slice(None),) * axis + (slice(k, k + length),)] for k in range(2 * _REACH + 1)]
        planes = shifted[_REACH] * _TAPS[0]
        pair = np.empty_like(planes)
        for distance in range(1, _REACH + 1):
            np.add(shifted[_REACH - distance], shifted[_REACH + distance], out=pair)
            pair *= _TAPS[distance]
            planes += pair
    return planes


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
