#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Bit errors between the images sent and the images received."""

import numpy as np

from ..aeiqa_python import hamming_distance
from ._batches import Images, map_images


def bit_errors(sent: Images, received: Images) -> np.ndarray:
    """Return the number of differing bits of each image, int64 ``[N]``.

    Raises:
        InputError: the two are not uint8 images of the same number and shapes.

    Example:
        >>> from gnuradio.aeiqa import images, metrics
        >>> sent = images.load_dataset("mnist").images[:2]
        >>> received = sent.copy()
        >>> received[1] ^= 8  # one bit of every pixel
        >>> metrics.bit_errors(sent, received)
        array([  0, 784])
    """
    return map_images(_count, np.int64, sent=sent, received=received)


def ber(sent: Images, received: Images) -> np.ndarray:
    """Return each image's bit error rate, differing bits over all its bits, float64 ``[N]``.

    Images of different sizes weigh differently in a set's bit error rate: that is the sum of ``bit_errors``
    over the sum of the bits, not the mean of these.

    Raises:
        InputError: the two are not uint8 images of the same number and shapes.

    Example:
        >>> from gnuradio.aeiqa import images, metrics
        >>> sent = images.load_dataset("mnist").images[:2]
        >>> received = sent.copy()
        >>> received[1] ^= 8  # one bit of every pixel
        >>> metrics.ber(sent, received)
        array([0.   , 0.125])
    """
    return map_images(lambda a, b: _count(a, b) / (8 * a[0].size), sent=sent, received=received)


def _count(sent: np.ndarray, received: np.ndarray) -> np.ndarray:
    n = len(sent)
    return hamming_distance(sent.reshape(n, -1), received.reshape(n, -1))
