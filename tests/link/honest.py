#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Honest intervals of a link's error rate, shared by the tests of this folder.

Bits are not independent trials: those of a point share its noise, those of an image its fading and its
channel estimate. Images are independent, since noise and fading are keyed by the image. So the mean of the
images' own error rates gets Student's interval over images, which assumes nothing about what happens inside
one.
"""

import numpy as np
from scipy import stats

CONFIDENCE = 0.999


def random_images(count: int, shape: tuple[int, ...] = (20, 20), seed: int = 7) -> np.ndarray:
    """Uniformly random bytes as uint8 [count, *shape]: every bit label equally likely."""
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)


def margin_of_mean(values: np.ndarray) -> float:
    """Half of the 99.9 % interval of the mean of independent values."""
    quantile = stats.t.isf((1 - CONFIDENCE) / 2, values.size - 1)
    return quantile * values.std(ddof=1) / np.sqrt(values.size)


def assert_mean_is(values: np.ndarray, expected: float) -> None:
    """The expected mean lies in the 99.9 % interval of the mean of independent values."""
    margin = margin_of_mean(values)
    # An interval wider than the thing itself would let anything pass.
    assert margin < 0.1 * abs(expected)
    assert abs(values.mean() - expected) < margin, f"{values.mean():.5f} +- {margin:.5f}, not {expected:.5f}"


def error_rates(transmission) -> np.ndarray:
    """Bit error rate of each image, float64 [N]."""
    return transmission.bit_errors / transmission.bits
