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
from scipy import stats

from gnuradio.aeiqa.iqa.calibration.noise import LARGE, _error_bytes, _order, random_bit_flips


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


def photographs(count, seed=1):
    """Pictures just as large as the fast way takes, whose values are uneven."""
    rng = np.random.default_rng(seed)
    images = np.minimum(rng.gamma(2.0, 40.0, (count, 64, 96, 3)), 255).astype(np.uint8)
    assert images[0].size >= LARGE
    return images


def slow_flips(images, rng, rates):
    """The same damage by the way that small pictures take."""
    flat = images.reshape(len(images), -1)
    return (flat ^ _error_bytes(flat, images.shape[1:], rates, rng, None)).reshape(images.shape)


@pytest.mark.parametrize("rate", [0.01, 0.3])
def test_large_pictures_are_damaged_like_small_ones(rate):
    """Two ways, one law: of each picture's error rate, of each bit plane's, of each pixel value's."""
    images, rates = photographs(120), np.full(120, rate)
    fast = random_bit_flips(images, np.random.default_rng(7), rates)
    slow = slow_flips(images, np.random.default_rng(8), rates)
    errors = [np.unpackbits(images ^ damaged, axis=-1).reshape(120, -1, 8) for damaged in (fast, slow)]
    whole = [found.mean(axis=(1, 2)) for found in errors]
    assert stats.ks_2samp(*whole).pvalue > 0.001
    for plane in range(8):
        assert stats.ks_2samp(*(found[..., plane].mean(axis=1) for found in errors)).pvalue > 0.001
    bright = images.reshape(120, -1) > 128
    shares = [np.where(bright, found.mean(axis=2), 0).sum(axis=1) / bright.sum(axis=1) for found in errors]
    assert stats.ks_2samp(*shares).pvalue > 0.001


def test_large_pictures_without_errors_stay_as_they_are():
    images = photographs(3)
    found = random_bit_flips(images, np.random.default_rng(1), np.array([0.0, 0.2, 0.0]))
    assert [np.array_equal(*pair) for pair in zip(images, found, strict=True)] == [True, False, True]


def test_large_pictures_of_one_seed_are_damaged_alike_and_of_two_otherwise():
    images = photographs(4)
    one, same, other = (random_bit_flips(images, np.random.default_rng(seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_no_bit_of_a_large_picture_errs_more_often_than_every_second_time():
    images = photographs(60)
    found = error_rates(images, random_bit_flips(images, np.random.default_rng(9), np.full(60, 1e3)))
    assert abs(found.mean() - 0.5) < 4.0 * found.std() / np.sqrt(len(found))
