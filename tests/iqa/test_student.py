#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The student, which learns to answer as a target does."""

import numpy as np
import pytest

from gnuradio.aeiqa.iqa.calibration.sets import calibration_data
from gnuradio.aeiqa.iqa.scores import student as student_module
from gnuradio.aeiqa.iqa.scores.student import Student


class Brightest:
    """A target that no label explains: it answers which of four bands of rows is the brightest."""

    name = "brightest"

    def predict(self, images):
        return self.probabilities(images).argmax(axis=1)

    def probabilities(self, images):
        bands = images[..., 0].reshape(len(images), 4, -1).mean(axis=2, dtype=np.float64)
        answers = np.zeros((len(images), 10), np.float32)
        answers[np.arange(len(images)), bands.argmax(axis=1)] = 1.0
        return answers


@pytest.fixture(scope="module")
def data(digits):
    some = digits.take(400)
    return calibration_data(some.images, some.labels, Brightest(), sets=8, set_images=400)


@pytest.fixture(scope="module")
def pupil(data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(student_module, "LEAST_STEPS", 250)
        return Student.fit(data.train, seed=1)


def test_it_answers_damaged_images_as_its_target_does(data, pupil):
    same, most = [], []
    for part in data.calibration:
        answer = pupil.log_probabilities(part.evidence.received.images).argmax(axis=1)
        same.append((answer == part.evidence.answer).mean())
        most.append(np.bincount(part.evidence.answer).max() / len(answer))
    assert np.mean(same) > 0.7
    assert np.mean(same) > np.mean(most) + 0.2  # than always giving the commonest answer


def test_it_survives_its_arrays(data, pupil):
    images = data.calibration[3].evidence.received.images
    again = Student.from_arrays(pupil.arrays())
    assert again.key == pupil.key
    np.testing.assert_array_equal(again.log_probabilities(images), pupil.log_probabilities(images))
    np.testing.assert_allclose(np.exp(pupil.log_probabilities(images)).sum(axis=1), 1.0)


def test_only_the_seed_changes_it(data, monkeypatch):
    monkeypatch.setattr(student_module, "LEAST_STEPS", 1)
    monkeypatch.setattr(student_module, "EPOCHS", 1)
    one, two, other = (Student.fit(data.train[:2], seed) for seed in (1, 1, 2))
    assert one.key == two.key != other.key


def test_training_sets_are_not_the_calibration_sets(data):
    for one, other in zip(data.calibration[1:], data.train[1:], strict=True):
        shared = np.intersect1d(one.index, other.index, return_indices=True)[1:]
        first, second = (p.evidence.received.images[i] for p, i in zip((one, other), shared, strict=True))
        assert (first != second).any(axis=(1, 2, 3)).mean() > 0.8
