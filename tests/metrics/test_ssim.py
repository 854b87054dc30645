#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""SSIM against scikit-image, its dB scale against the paper's table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from gnuradio.aeiqa import metrics
from gnuradio.aeiqa.errors import InputError


def pictures(shape, kind, seed):
    """Two images: unrelated noise, noise of one grey level on a flat ground, or a blend towards the first."""
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 256, (2, *shape), np.uint8)
    if kind == "flat":
        return np.full(shape, 200, np.uint8), np.full(shape, 200, np.uint8) + second % 2
    return (first, second) if kind == "noise" else (first, (0.9 * first + 0.1 * second).astype(np.uint8))


@settings(derandomize=True, deadline=None)
@given(
    shape=st.tuples(st.integers(11, 40), st.integers(11, 40)),
    channels=st.sampled_from([(), (1,), (3,)]),
    window=st.sampled_from([3, 5, 7, 11]),
    data_range=st.sampled_from([1, 255]),
    kind=st.sampled_from(["noise", "flat", "blend"]),
    seed=st.integers(0, 1 << 16),
)
def test_equals_scikit_image(shape, channels, window, data_range, kind, seed):
    a, b = pictures(shape + channels, kind, seed)
    options = {"channel_axis": -1} if channels else {}
    expected = structural_similarity(a, b, win_size=window, data_range=data_range, **options)
    assert metrics.ssim([a], [b], data_range, window)[0] == pytest.approx(expected, abs=1e-10)


@settings(derandomize=True, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 80), st.integers(1, 80)),
    channels=st.sampled_from([(), (1,), (3,)]),
    data_range=st.sampled_from([1, 255]),
    kind=st.sampled_from(["noise", "flat", "blend"]),
    seed=st.integers(0, 1 << 16),
)
def test_gaussian_window_is_matlabs(shape, channels, data_range, kind, seed):
    # MATLAB's ssim() is scikit-image's full map where the border is replicated: that of a padded image.
    a, b = pictures(shape + channels, kind, seed)
    border = [(5, 5), (5, 5), (0, 0)][: a.ndim]
    _, full = structural_similarity(
        *(np.pad(image, border, mode="edge") for image in (a, b)), data_range=data_range, full=True,
        gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        channel_axis=-1 if channels else None,
    )  # fmt: skip
    expected = full[5:-5, 5:-5].mean()
    # With constants for a range of 1 the rounding of bytes' variances shows.
    margin = 1e-10 if data_range == 255 else 1e-6
    assert metrics.ssim([a], [b], data_range)[0] == pytest.approx(expected, abs=margin)


def test_identical_images_are_exactly_one():
    images = np.random.default_rng(1).integers(0, 256, (20, 28, 28), np.uint8)
    np.testing.assert_array_equal(metrics.ssim(images, images), 1.0)
    np.testing.assert_array_equal(metrics.ssim(images, images, window=5), 1.0)


def test_constant_images_have_the_closed_form():
    # Without variance only the luminance term is left: (2ab + C1) / (a^2 + b^2 + C1), C1 = (0.01 * 255)^2.
    a, b = np.full((1, 9, 9), 100, np.uint8), np.full((1, 9, 9), 150, np.uint8)
    expected = (2 * 100 * 150 + 2.55**2) / (100**2 + 150**2 + 2.55**2)
    np.testing.assert_allclose(metrics.ssim(a, b), expected, rtol=1e-12)
    np.testing.assert_allclose(metrics.ssim(a, b, window=5), expected, rtol=1e-13)


def test_image_of_just_the_window():
    a, b = pictures((5, 5), "noise", 2)
    expected = structural_similarity(a, b, win_size=5, data_range=255)
    assert metrics.ssim([a], [b], window=5)[0] == pytest.approx(expected, abs=1e-10)
    with pytest.raises(InputError, match="window: 5 is larger than an image of 4x30 pixels"):
        metrics.ssim(np.zeros((1, 4, 30), np.uint8), np.zeros((1, 4, 30), np.uint8), window=5)


@pytest.mark.parametrize("window", [4, 1, -3, 5.0, None, "uniform"])
def test_window_must_be_odd(window):
    image = np.zeros((1, 16, 16), np.uint8)
    with pytest.raises(InputError, match="window: must be gaussian or an odd number of at least 3"):
        metrics.ssim(image, image, window=window)


@pytest.mark.parametrize(
    ("similarity", "decibel"),
    [
        (0.97, 15.23),
        (0.974, 15.23),
        (0.9649, 13.98),
        (0.5, 3.01),
        (0.0, 0.0),
        (0.994, 20.0),
        (1.0, 90.0),
        (0.996, 90.0),
    ],
)
def test_db_rounds_like_the_papers_table(similarity, decibel):
    value = metrics.ssim_db(similarity)
    assert isinstance(value, float)
    assert value == pytest.approx(decibel, abs=0.005)


def test_db_of_arrays_and_of_nothing():
    np.testing.assert_allclose(metrics.ssim_db(np.array([0.9, 1.0, np.nan])), [10.0, 90.0, np.nan])
