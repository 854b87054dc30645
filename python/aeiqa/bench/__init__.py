#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The link's speed beside the same link of GNU Radio's own blocks, and its memory; see docs/benchmark.md."""

import numpy as np

from ..images import load_dataset


def mnist_images(n: int) -> np.ndarray:
    """Return ``n`` MNIST test images, uint8 [n, 28, 28]; the set is repeated as often as that takes."""
    test_set = load_dataset("mnist").images
    return np.resize(test_set, (n, *test_set.shape[1:]))
