#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Peak signal-to-noise ratio."""

import numpy as np

from ._batches import Images, map_images
from ._ranges import check_data_range

_LONGEST_ROW = (2**31 - 1) // 255**2  # squares of differences whose sum fits into 32 bits


def psnr(reference: Images, received: Images, data_range: float = 255) -> np.ndarray:
    """Return each image's PSNR in dB, 10 log10(data_range^2 / MSE), float64 ``[N]``; infinite if identical.

    The mean squared error runs over pixels and channels, as in ``skimage.metrics.peak_signal_noise_ratio``.
    One identical image makes a set's mean infinite (the paper's table does so); quote the mean over the
    finite values together with the share of identical images otherwise.

    Raises:
        InputError: the two are not uint8 images of the same number and shapes, or ``data_range`` is not
            positive.

    Example:
        >>> from gnuradio.aeiqa import images, metrics
        >>> sent = images.load_dataset("mnist").images[:2]
        >>> received = sent.copy()
        >>> received[1] ^= 8  # one bit of every pixel
        >>> metrics.psnr(sent, received).round(2)
        array([  inf, 30.07])
    """
    peak = check_data_range(data_range)
    return map_images(lambda a, b: _psnr(a, b, peak), reference=reference, received=received)


def _psnr(reference: np.ndarray, received: np.ndarray, peak: float) -> np.ndarray:
    # Exact: whole numbers, of which those of a row fit into 32 bits unless it is very long.
    rows = (*reference.shape[:2], -1)
    kind = np.int32 if reference[0, 0].size <= _LONGEST_ROW else np.int64
    difference: np.ndarray = np.subtract(reference, received, dtype=np.int16).astype(kind).reshape(rows)
    mse = np.einsum("nhk,nhk->nh", difference, difference).sum(axis=1, dtype=np.int64) / reference[0].size
    with np.errstate(divide="ignore"):
        return 10 * np.log10(peak**2 / mse)
