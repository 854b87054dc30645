#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Random bit errors: how many, where, and that the generator decides everything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnuradio.aeiqa.iqa.calibration.noise import _order, random_bit_flips


def error_rates(images, damaged):
    return np.unpackbits(images ^ damaged, axis=-1).reshape(len(images), -1).mean(axis=1)


@settings(max_examples=20)
@given(
    shape=st.tuples(st.integers(1, 5), st.integers(1, 12), st.integers(1, 12), st.sampled_from([1, 3])),
    seed=st.integers(0, 2**31),
)
def test_any_shape_and_the_same_seed_the_same_errors(shape, seed):
    images = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    before = images.copy()
    one, two = (random_bit_flips(images, np.random.default_rng(seed)) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(images, before)
    assert one.shape == shape
    assert one.dtype == np.uint8


def test_rate_zero_leaves_the_images_alone(few_digits):
    images = few_digits.images[..., np.newaxis]
    np.testing.assert_array_equal(images, random_bit_flips(images, np.random.default_rng(1), np.zeros(256)))


@pytest.mark.parametrize("rate", [0.005, 0.02])
def test_small_rates_are_met_on_average(digits, rate):
    images = digits.take(2000).images[..., np.newaxis]
    found = error_rates(images, random_bit_flips(images, np.random.default_rng(2), np.full(2000, rate)))
    # Each image's rate scatters (uneven places, values), so the bound comes from the scatter itself; where
    # the likeliest bits are cut off at one half a little is lost.
    assert found.mean() == pytest.approx(rate, rel=0.08, abs=4.0 * found.std() / np.sqrt(len(found)))


def test_no_bit_errs_more_often_than_every_second_time():
    images = np.random.default_rng(5).integers(0, 256, (400, 16, 16, 1), dtype=np.uint8)
    found = error_rates(images, random_bit_flips(images, np.random.default_rng(6), np.full(400, 1e3)))
    # All at one half; images whose errors hang on the value scatter more.
    assert abs(found.mean() - 0.5) < 4.0 * found.std() / np.sqrt(len(found))


def test_the_default_rates_reach_from_none_to_half(digits):
    images = digits.take(2000).images[..., np.newaxis]
    found = error_rates(images, random_bit_flips(images, np.random.default_rng(3)))
    assert 0.03 < (found == 0.0).mean() < 0.12
    assert found.max() > 0.4
    assert np.median(found) == pytest.approx(np.sqrt(2e-3 * 0.8), rel=0.5)


class _Alternating:
    """Stands for a generator: the first image row by row, the second column by column."""

    def random(self, shape):
        return np.array([[0.1], [0.9]]).reshape(shape)


def test_the_pixel_before_is_the_one_sent_before():
    time, previous = _order(2, (3, 4, 1), _Alternating())
    for number in range(2):
        for pixel in range(12):
            assert (time[number][previous[number][pixel]] + 1) % 12 == time[number][pixel]
    assert time[0].tolist() == list(range(12))
    assert time[1].reshape(3, 4)[:, 0].tolist() == [0, 1, 2]
