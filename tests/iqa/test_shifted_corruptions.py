#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Damage that a whole set of images shares."""

import numpy as np
import pytest

from gnuradio.aeiqa.iqa.calibration.noise import random_bit_flips
from gnuradio.aeiqa.iqa.calibration.shifted_corruptions import (
    KINDS,
    KINDS_SETS,
    SETS,
    shifted_corruptions,
    symbols,
)


@pytest.mark.parametrize("shape", [(5, 28, 28, 1), (3, 7, 11, 3)])
def test_any_set_of_any_shape_is_what_the_generator_makes_of_it(shape):
    images = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    before = images.copy()
    for number in range(SETS):
        one, two = (shifted_corruptions(images, number, np.random.default_rng([2, number])) for _ in range(2))
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(images, before)
        assert (one.shape, one.dtype) == (shape, np.uint8)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_grows_from_little_to_much(kind, few_digits):
    images = few_digits.images[..., np.newaxis]
    hit = [
        np.mean([(kind(images, s, np.random.default_rng([3, k])) != images).mean() for k in range(12)])
        for s in (1.0 / KINDS_SETS, 0.5, 1.0)
    ]
    assert 0.0 < hit[0] < hit[1] < hit[2]
    assert hit[2] > 0.25


def test_alike_all_images_share_what_errs():
    """The same picture a hundred times: each bit errs about as often in either half."""
    images = np.broadcast_to(
        np.random.default_rng(4).integers(0, 256, (1, 16, 16, 1), np.uint8), (100, 16, 16, 1)
    )
    correlation = []
    for alike in (True, False):
        damaged = random_bit_flips(images, np.random.default_rng(8), np.full(100, 0.05), alike=alike)
        flips = np.unpackbits(damaged ^ images, axis=-1).reshape(2, 50, -1).mean(axis=1)
        correlation.append(np.corrcoef(flips)[0, 1])
    assert correlation[0] > 0.5 > correlation[1]


def test_symbols_suffer_by_themselves_and_one_neighbour():
    """Without chance, equal pairs of symbols arrive equal."""
    images = np.random.default_rng(5).integers(0, 256, (1, 40, 40, 1), dtype=np.uint8)
    doubled = np.concatenate([images, images])
    one, two = symbols(doubled, 1.0, _NoChance(6))
    np.testing.assert_array_equal(one, two)
    assert (one != images[0]).any()


class _NoChance:
    """A generator whose chance of single symbols never comes true: what is left is what always suffers."""

    def __init__(self, seed):
        self._rng = np.random.default_rng(seed)

    def __getattr__(self, name):
        return getattr(self._rng, name)

    def random(self, size=None, dtype=np.float64):
        drawn = self._rng.random(size, dtype)
        return drawn if dtype is np.float64 else np.full(size, 0.999, dtype)
