#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Fréchet distance against closed forms, scipy's matrix root, and samples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, stats

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.iqa.networks.gaussian import Gaussian


def random_gaussian(seed, size):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size, size))
    return Gaussian(rng.normal(size=size), root @ root.T)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**31), size=st.integers(1, 12))
def test_against_the_matrix_root(seed, size):
    one, other = random_gaussian(seed, size), random_gaussian(seed + 1, size)
    cross = linalg.sqrtm(one.covariance @ other.covariance).real
    expected = np.square(one.mean - other.mean).sum() + np.trace(
        one.covariance + other.covariance - 2 * cross
    )
    assert one.frechet(other) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert one.frechet(other) == pytest.approx(other.frechet(one), rel=1e-6, abs=1e-6)
    assert one.frechet(one) == pytest.approx(0.0, abs=1e-6 * np.trace(one.covariance))


def test_one_dimension_by_hand():
    one, other = Gaussian(np.array([1.0]), np.array([[4.0]])), Gaussian(np.array([4.0]), np.array([[25.0]]))
    assert one.frechet(other) == pytest.approx(3.0**2 + (5.0 - 2.0) ** 2)


def test_mahalanobis_of_normal_samples_is_chi():
    gaussian = random_gaussian(3, 6)
    samples = np.random.default_rng(4).multivariate_normal(gaussian.mean, gaussian.covariance, 2000)
    assert stats.kstest(gaussian.mahalanobis(samples), stats.chi(6).cdf).pvalue > 1e-3
    fitted = Gaussian.fit(samples)
    assert gaussian.frechet(fitted) < 0.02 * np.trace(gaussian.covariance)


@pytest.mark.parametrize("features", [np.zeros((0, 3)), np.zeros(3), np.full((2, 2), np.nan)])
def test_what_is_no_set_of_features(features):
    with pytest.raises(InputError, match="features"):
        Gaussian.fit(features)
