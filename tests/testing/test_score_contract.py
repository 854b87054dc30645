#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""check_score and check_target over every score and target of the project, and over broken ones."""

import numpy as np
import pytest

pytest.importorskip("torch")

from gnuradio.aeiqa import InputError, iqa, testing
from gnuradio.aeiqa.images import load_dataset


@pytest.fixture(scope="module")
def target():
    return iqa.load_target("paper")


@pytest.mark.parametrize("name", iqa.TARGETS)
def test_every_target_keeps_the_contract(name):
    testing.check_target(iqa.load_target(name))


@pytest.mark.parametrize("name", ["paper", "lenet"])
def test_targets_of_colour_pictures_too(name):
    images = load_dataset("colour").take(10).images
    testing.check_target(iqa.load_target(name, dataset="colour"), images)


CASES = [
    pytest.param(name, fitted, id=f"{name}-{'fitted' if fitted else 'raw'}")
    for name, score in iqa.SCORES.items()
    for fitted in ((False, True) if score.fits else (False,))
]


@pytest.mark.parametrize(("name", "fitted"), CASES)
def test_every_score_keeps_the_contract(name, fitted, target):
    testing.check_score(
        lambda: iqa.load_score(name, target, fitted=fitted), target, grows=name not in ("piqe",)
    )


class Ssim(iqa.SCORES["ssim"]):
    """The base of broken scores: unfitted, as it is."""

    name = "broken"


class OutOfRange(Ssim):
    def measure(self, evidence):
        per_image, raw = super().measure(evidence)
        return per_image * 3, raw


class SinglePrecision(Ssim):
    def measure(self, evidence):
        per_image, raw = super().measure(evidence)
        return per_image.astype(np.float32), raw


class OfTheSet(Ssim):
    def measure(self, evidence):
        per_image, raw = super().measure(evidence)
        return np.full_like(per_image, per_image.mean()), raw


class Random(Ssim):
    def measure(self, evidence):
        per_image, raw = super().measure(evidence)
        return per_image * np.random.default_rng().random(len(per_image)), raw


class Squared(Ssim):
    def measure(self, evidence):
        per_image, raw = super().measure(evidence)
        return per_image, raw**2 / 100


class Falling(Ssim):
    def measure(self, evidence):
        per_image, raw = super().measure(evidence)
        return per_image, 100 - raw


class Forgetful(Ssim):
    def __init__(self, target=None, factor=0.5):
        super().__init__(target)
        self.factor = factor

    def measure(self, evidence):
        per_image, raw = super().measure(evidence)
        return per_image * self.factor, raw

    def restore(self, arrays, fitted):
        super().restore(arrays, fitted)
        self.factor = 1.0


class Overwriting(Ssim):
    def measure(self, evidence):
        found = super().measure(evidence)
        evidence.received.images[0] = 0
        return found


class Backwards(Ssim):
    def pooled(self, raw, error_pct, count):
        return raw, (raw + 1, raw - 1)


class Blank(Ssim):
    needs = frozenset()

    def measure(self, evidence):
        return np.zeros(len(evidence.received)), float(np.nan)


class Infinite(Ssim):
    share = False

    def measure(self, evidence):
        return super().measure(evidence)[0], float(np.inf)


class Unknown(Ssim):
    needs = frozenset({"luck"})


class Careless(iqa.SCORES["confidence"]):
    """Takes classes for probabilities where it gets no others."""

    name, needs = "broken", frozenset({"answer"})

    def measure(self, evidence):
        if evidence.probabilities is None:
            raise TypeError("no probabilities")
        return super().measure(evidence)

    def check_needs(self, evidence):
        return None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (OutOfRange, "per_image must be from 0 to 1"),
        (SinglePrecision, "per_image must be float64"),
        (OfTheSet, "must not depend on"),
        (Random, "the same images must give the same"),
        (Squared, "parts must pool to the whole"),
        (Falling, "raw must be more"),
        (Forgetful, "state must survive restore"),
        (Overwriting, "left as they were"),
        (Backwards, "0 <= low <= error <= high"),
        (Blank, "scoring raised InputError"),
        (Infinite, "raw must be finite"),
        (Unknown, "needs must be among"),
        (Careless, "an answer that is missing must raise InputError, raised TypeError"),
    ],
)
def test_a_broken_score_is_caught(make, message, target):
    with pytest.raises(AssertionError, match=message) as raised:
        testing.check_score(make, target)
    assert "\n" not in str(raised.value)


class Reader:
    """A target whose parts can be broken: the lightest pixel's place decides."""

    name = "reader"

    def probabilities(self, images):
        images = np.asarray(images)
        if images.dtype != np.uint8:
            raise InputError(f"images must be uint8, got {images.dtype}")
        place = images.reshape(len(images), -1).argmax(axis=1) % 3
        return np.eye(3, dtype=np.float32)[place]

    def predict(self, images):
        return self.probabilities(images).argmax(axis=1)


def broken(**parts):
    return type("Broken", (Reader,), parts)()


def relative(self, images):
    """Probabilities that are relative to the set's."""
    found = Reader.probabilities(self, images)
    found = found + found.mean(axis=0)
    return (found / found.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (broken(name=None), "name must be a text"),
        (
            broken(predict=lambda self, images: Reader.predict(self, images).astype(np.int32)),
            "int64 of 1 axes",
        ),
        (broken(predict=lambda self, images: np.zeros(len(images), np.int64)), "the most probable class"),
        (broken(probabilities=lambda self, images: 2 * Reader.probabilities(self, images)), "from 0 to 1"),
        (broken(probabilities=lambda self, images: Reader.probabilities(self, images) / 2), "must sum to 1"),
        (broken(probabilities=relative), "must not depend on other images"),
        (
            broken(
                probabilities=lambda self, images: Reader.probabilities(self, np.asarray(images, np.uint8))
            ),
            "floating-point images must raise InputError, and was taken",
        ),
    ],
)
def test_a_broken_target_is_caught(target, message):
    with pytest.raises(AssertionError, match=message) as raised:
        testing.check_target(target)
    assert "\n" not in str(raised.value)


def test_a_target_that_is_not_broken_passes():
    testing.check_target(Reader())
