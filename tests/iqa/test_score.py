#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The paper's score against brute force, theory and what must hold for any images."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.iqa.networks.centroids import Centroids


@pytest.fixture(scope="module")
def score():
    return iqa.load_score("paper")


def flip_bits(images, ber, seed):
    bits = np.random.default_rng(seed).random((*images.shape, 8)) < ber
    return images ^ np.packbits(bits, axis=-1)[..., 0]


finite = st.floats(-100, 100, width=32)


@given(
    features=hnp.arrays(np.float32, (7, 3), elements=finite),
    gamma=hnp.arrays(np.float32, (4, 3), elements=finite),
)
def test_the_nearest_centroid_by_brute_force(features, gamma):
    assigned = Centroids(gamma, 1.0).assign(features)
    assert assigned.dtype == np.int64
    for x, label in zip(features.astype(float), assigned, strict=True):
        distances = [float(((x - centre) ** 2).sum()) for centre in gamma.astype(float)]
        assert distances[label] <= min(distances) * (1 + 1e-12)
        assert min(distances) < min(distances[:label], default=np.inf) or distances[label] == min(distances)


def test_assign_by_brute_force_on_digits(score, few_digits):
    received = flip_bits(few_digits.images, 0.1, 1)
    features = score.features(received).astype(np.float64)
    expected = [
        int(np.argmin([np.sqrt(((x - centre) ** 2).sum()) for centre in score.centroids.gamma]))
        for x in features
    ]
    assert score.assign(received).tolist() == expected


def test_scale_is_the_rms_distance_over_all_pairs_of_different_labels():
    rng = np.random.default_rng(4)
    features = rng.normal(size=(40, 5)).astype(np.float32)
    labels = np.concatenate([[0, 1, 2], rng.integers(0, 3, 37)])
    centroids = Centroids.fit(features, labels)
    squares = [
        np.square(features[i].astype(float) - features[j]).sum()
        for i in range(40)
        for j in range(40)
        if labels[i] != labels[j]
    ]
    assert centroids.scale == pytest.approx(np.sqrt(np.mean(squares)), rel=1e-6)
    for label in range(3):
        np.testing.assert_allclose(centroids.gamma[label], features[labels == label].mean(axis=0), rtol=1e-5)


@pytest.mark.parametrize("labels", [[0, 0, 2], [0, 0, 0]])
def test_a_label_without_images_is_refused(labels):
    with pytest.raises(InputError, match="each label from 0 up, at least two"):
        Centroids.fit(np.ones((3, 2), np.float32), np.array(labels))


@given(chosen=st.lists(st.integers(0, 255), min_size=1, max_size=20))
def test_identical_images_score_zero(score, few_digits, chosen):
    images = few_digits.images[chosen]
    result = score(images, reference=images)
    assert not result.per_image.any()
    assert (result.error_pct, result.phi, result.interval[0]) == (0.0, 1.0, 0.0)


@settings(max_examples=20)
@given(ber=st.sampled_from([0.001, 0.01, 0.05, 0.2, 0.5]), seed=st.integers(0, 1000))
def test_the_set_score_counts_changed_assignments(score, few_digits, ber, seed):
    received = flip_bits(few_digits.images, ber, seed)
    result = score(received, reference=few_digits.images)
    changed = score.assign(received) != score.assign(few_digits.images)
    assert result.error_pct == pytest.approx(100.0 * changed.mean())
    assert (result.error_pct == 0.0) == (not changed.any())
    assert result.interval[0] <= result.error_pct <= result.interval[1]
    assert result.phi == pytest.approx(1.0 - result.error_pct / 100.0)
    assert result.per_image.shape == (256,)
    assert result.per_image.dtype == np.float64
    assert ((result.per_image >= 0.0) & (result.per_image <= 1.0)).all()


def test_more_bit_errors_more_damage(score, few_digits):
    results = [
        score(flip_bits(few_digits.images, ber, 2), few_digits.images) for ber in (0.0, 0.01, 0.1, 0.5)
    ]
    assert np.all(np.diff([result.error_pct for result in results]) > 0)
    assert np.all(np.diff([result.per_image.mean() for result in results]) > 0)


def test_damage_is_the_distance_over_scale(score, few_digits):
    received = flip_bits(few_digits.images, 0.02, 3)
    distance = np.linalg.norm(
        score.features(received).astype(float) - score.features(few_digits.images), axis=1
    )
    result = score(received, few_digits.images)
    np.testing.assert_allclose(
        result.per_image, np.minimum(1.0, distance / score.centroids.scale), rtol=1e-12
    )


def test_features_stand_in_for_the_reference(score, few_digits):
    received = flip_bits(few_digits.images, 0.05, 4)
    by_images = score(received, few_digits.images)
    by_features = score(received, score.features(few_digits.images))
    np.testing.assert_array_equal(by_images.per_image, by_features.per_image)
    assert by_images.error_pct == by_features.error_pct


def test_what_cannot_be_scored(score, few_digits):
    images = few_digits.images[:4]
    with pytest.raises(InputError, match="reference must be given"):
        score(images)
    with pytest.raises(InputError, match="got 4 and 3"):
        score(images, images[:3])
    with pytest.raises(InputError, match="at least 1; got 0 and 0"):
        score(images[:0], images[:0])
    with pytest.raises(InputError, match=r"float32 features \[N, 128\], got float32 4x64"):
        score(images, np.zeros((4, 64), np.float32))
    with pytest.raises(InputError, match="images are 5x5x1"):
        score(images, np.zeros((4, 5, 5), np.uint8))
