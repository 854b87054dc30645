#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Gray-labelled square QAM for the benchmark, and the error rate that a payload must have over AWGN.

Written without the link's own tables, so that the benchmark's two sides are held to the same third statement.
"""

import numpy as np
from scipy.special import ndtr

AXIS_BITS = {"qpsk": 1, "qam16": 2, "qam64": 3, "qam256": 4}


def gray_qam(modulation: str) -> np.ndarray:
    """Return complex128 [M]: the point of each label, unit mean energy.

    I carries the high half of the bits, Q the low half; level i (rising) has the label i ^ (i >> 1).
    """
    levels = _levels(modulation)
    by_label = np.empty_like(levels)
    by_label[_labels(modulation)] = levels
    high, low = np.divmod(np.arange(len(levels) ** 2), len(levels))
    return by_label[high] + 1j * by_label[low]


def expected_ber(payload: np.ndarray, modulation: str, snr_db: float) -> float:
    """Return the exact mean bit error rate of ``payload`` (uint8) over AWGN at Es/N0 = ``snr_db``.

    Points at the edge of the constellation have fewer neighbours to be mistaken for, so the rate depends on
    how often the payload uses each: the textbook's formula is the mean over equally frequent points.
    """
    bits = AXIS_BITS[modulation]
    stream = np.unpackbits(payload)
    stream = stream[: stream.size // bits * bits].reshape(-1, bits)  # one row a label of one axis
    axis_labels = (np.packbits(stream, axis=1) >> (8 - bits)).ravel()
    share = np.bincount(axis_labels, minlength=1 << bits) / axis_labels.size

    levels, labels = _levels(modulation), _labels(modulation)
    edges = np.concatenate([[-np.inf], (levels[1:] + levels[:-1]) / 2, [np.inf]])
    sigma = np.sqrt(10 ** (-snr_db / 10) / 2)  # N0/2 per axis
    below = ndtr((edges[None, :] - levels[:, None]) / sigma)
    decided = np.diff(below, axis=1)  # [sent level, decided level]
    wrong_bits = np.array([[int(a ^ b).bit_count() for b in labels] for a in labels])
    return float(np.sum(share[labels][:, None] * decided * wrong_bits) / bits)


def _levels(modulation: str) -> np.ndarray:
    side = 1 << AXIS_BITS[modulation]
    return (2 * np.arange(side) - side + 1) / np.sqrt(2 * (side**2 - 1) / 3)


def _labels(modulation: str) -> np.ndarray:
    index = np.arange(1 << AXIS_BITS[modulation])
    return index ^ (index >> 1)
