#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""BER and PSNR against bit-by-bit counting and scikit-image."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from skimage.metrics import peak_signal_noise_ratio

from gnuradio.aeiqa import metrics
from gnuradio.aeiqa.errors import InputError

SHAPES = st.one_of(npst.array_shapes(min_dims=3, max_dims=3, max_side=9), st.just((2, 5, 4, 3)))
PAIRS = SHAPES.flatmap(lambda shape: st.tuples(npst.arrays(np.uint8, shape), npst.arrays(np.uint8, shape)))


@settings(derandomize=True, deadline=None)
@given(PAIRS)
def test_bit_errors_are_the_differing_bits(images):
    sent, received = images
    expected = [np.sum(np.unpackbits(a) != np.unpackbits(b)) for a, b in zip(sent, received, strict=True)]
    np.testing.assert_array_equal(metrics.bit_errors(sent, received), expected)
    np.testing.assert_array_equal(metrics.ber(sent, received), np.array(expected) / (8 * sent[0].size))


def test_ber_of_an_image_and_its_complement_is_one():
    image = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    assert metrics.ber(image, ~image) == [1.0]
    assert metrics.ber(image, image) == [0.0]
    assert metrics.bit_errors(image, image ^ np.uint8(0b1010)) == [2 * 256]


def test_ber_is_relative_to_each_images_own_bits():
    small, large = np.zeros((1, 1), np.uint8), np.zeros((4, 4, 3), np.uint8)
    flipped = [small | np.uint8(1), large.copy()]
    flipped[1][0, 0, 0] = 3
    np.testing.assert_array_equal(metrics.ber([small, large], flipped), [1 / 8, 2 / (48 * 8)])


@settings(derandomize=True, deadline=None)
@given(PAIRS, st.sampled_from([1, 100.0, 255]))
def test_psnr_equals_scikit_image(images, data_range):
    reference, received = images
    measured = metrics.psnr(reference, received, data_range)
    for a, b, value in zip(reference, received, measured, strict=True):
        if np.array_equal(a, b):
            assert value == np.inf
        else:
            assert value == pytest.approx(peak_signal_noise_ratio(a, b, data_range=data_range), abs=1e-10)


def test_psnr_of_a_known_error():
    reference = np.zeros((2, 10, 10), np.uint8)
    received = reference + np.array([255, 51], np.uint8)[:, None, None]
    np.testing.assert_allclose(metrics.psnr(reference, received), [0.0, 20 * np.log10(5)], atol=1e-12)


@pytest.mark.parametrize("data_range", [0, -1, np.nan, np.inf, None, "255"])
@pytest.mark.parametrize("metric", [metrics.psnr, metrics.ssim])
def test_data_range_must_be_positive(metric, data_range):
    image = np.zeros((1, 8, 8), np.uint8)
    with pytest.raises(InputError, match="data_range: must be a positive number"):
        metric(image, image, data_range=data_range)
