#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Images, and what a bad link makes of them."""

import numpy as np
import pytest

from gnuradio.aeiqa.images import load_dataset


@pytest.fixture(scope="session")
def sent():
    return load_dataset("mnist").take(150)


@pytest.fixture(scope="session")
def received(sent):
    """The same with one bit in 20 wrong."""
    flips = np.random.default_rng(8).random((*sent.images.shape, 8)) < 0.05
    return sent.images ^ np.packbits(flips, axis=-1)[..., 0]
