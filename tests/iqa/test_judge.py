#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Judge: the target's probabilities and the score's verdict on them, each computed once."""

import numpy as np
import pytest

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.iqa.calibration.noise import random_bit_flips
from gnuradio.aeiqa.iqa.scores.loading import Loader


@pytest.fixture(scope="module")
def target():
    return iqa.load_target("paper")


@pytest.fixture(scope="module")
def sent(few_digits):
    return few_digits.images[:60]


@pytest.fixture(scope="module")
def received(sent):
    rng = np.random.default_rng(3)
    return random_bit_flips(sent[..., np.newaxis], rng, np.full(len(sent), 0.2))[..., 0]


class Scripted:
    """A target that returns what it is told to, and counts how often it is asked."""

    name = "scripted"

    def __init__(self, found):
        self.found, self.asked = found, 0

    def predict(self, images):
        return self.probabilities(images).argmax(axis=1)

    def probabilities(self, images):
        self.asked += 1
        return self.found


@pytest.mark.parametrize("name", iqa.SCORES)
def test_it_hands_the_targets_probabilities_to_every_score(target, sent, received, name):
    score = iqa.load_score(name, target)
    answers, judged = iqa.Judge(target, score)(received, sent)
    assert answers.classes.dtype == np.int64
    np.testing.assert_array_equal(answers.classes, target.predict(received))
    np.testing.assert_array_equal(answers.probabilities, target.probabilities(received))
    expected = score(received, sent, target.probabilities(received))
    np.testing.assert_array_equal(judged.per_image, expected.per_image)
    assert (judged.raw, judged.error_pct, judged.interval) == (
        expected.raw,
        expected.error_pct,
        expected.interval,
    )


def test_judges_of_the_same_images_share_what_networks_and_target_make_of_them(sent, received, monkeypatch):
    target = Scripted(np.full((60, 10), 0.1, np.float32))
    loader = Loader()
    blind = loader.score("blind", "paper")
    runs = []
    (network,) = blind.networks
    features = network.features
    monkeypatch.setattr(network, "features", lambda images: runs.append(len(images)) or features(images))
    seen, original = iqa.CachedImages(received), iqa.CachedImages(sent)
    for name in ("blind", "blind-no-answer", "reference", "confidence"):
        iqa.Judge(target, loader.score(name, "paper"))(seen, original)
    assert target.asked == 1
    assert runs == [60, 60]  # received, and sent for "reference"


def test_targets_that_read_the_same_images_are_told_apart(received):
    seen = iqa.CachedImages(received)
    for number in range(20):  # the last one's place in memory may be the next one's
        found = np.eye(20, dtype=np.float32)[np.full(60, number)]
        assert (iqa.Judge(Scripted(found)).answers(seen).classes == number).all()


def test_features_stand_for_the_images_sent(target, sent, received):
    for name in ("paper", "reference"):
        judge = iqa.Judge(target, iqa.load_score(name))
        (_, by_images), (_, by_features) = judge(received, sent), judge(received, judge.score.features(sent))
        np.testing.assert_array_equal(by_images.per_image, by_features.per_image)


def test_a_list_of_images_is_judged_alike(target, sent, received):
    judge = iqa.Judge(target, iqa.load_score("ssim"))
    (answers, one), (again, two) = judge(received, sent), judge(list(received), list(sent))
    np.testing.assert_array_equal(one.per_image, two.per_image)
    np.testing.assert_array_equal(answers.probabilities, again.probabilities)


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (np.zeros(60, np.float32), "probabilities must be floats .* got float32 60 for 60 images"),
        (np.zeros((60, 10), np.int64), "got int64 60x10 for 60 images"),
        (np.zeros((59, 10), np.float32), "got float32 59x10 for 60 images"),
        (np.zeros((60, 0), np.float32), "got float32 60x0 for 60 images"),
        (np.full((60, 10), np.nan, np.float32), "must be finite"),
    ],
)
def test_a_target_that_answers_something_else_is_refused(received, found, message):
    with pytest.raises(InputError, match=f"target scripted: .*{message}") as raised:
        iqa.Judge(Scripted(found), iqa.load_score("blind"))(received)
    assert "\n" not in str(raised.value)


def test_what_cannot_be_judged(target, sent, received):
    with pytest.raises(InputError, match="compares with the images sent: reference must be given"):
        iqa.Judge(target, iqa.load_score("paper"))(received)
    with pytest.raises(InputError, match="as many, at least 1; got 60 and 59"):
        iqa.Judge(target, iqa.load_score("paper"))(received, sent[:59])
    with pytest.raises(InputError, match="at least 1; got 0"):
        iqa.Judge(target, iqa.load_score("blind"))(received[:0])
    with pytest.raises(InputError, match="this judge has none"):
        iqa.Judge(target)(received, sent)
