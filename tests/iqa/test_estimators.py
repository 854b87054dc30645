#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Scores: what they predict over links, fitted anew, and misused; tests/testing checks their contract."""

import shutil

import numpy as np
import pytest

from gnuradio.aeiqa import LinkConfig, iqa, transmit
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.files import data_dir
from gnuradio.aeiqa.images import Dataset, load_dataset
from gnuradio.aeiqa.images.load import FASHION_MNIST_DIR
from gnuradio.aeiqa.iqa.calibration import shifted_corruptions as shifted_corruptions
from gnuradio.aeiqa.iqa.calibration.noise import random_bit_flips
from gnuradio.aeiqa.iqa.calibration.sets import calibration_data
from gnuradio.aeiqa.iqa.scores import student
from gnuradio.aeiqa.iqa.scores.fit_scores import fit_scores
from gnuradio.aeiqa.iqa.scores.loading import Loader
from gnuradio.aeiqa.iqa.training.loop import split
from gnuradio.aeiqa.link import simulated


@pytest.fixture(scope="module")
def loader():
    return Loader()


@pytest.fixture(scope="module")
def target():
    return iqa.load_target("paper")


@pytest.fixture(scope="module")
def damaged(few_digits):
    return random_bit_flips(
        few_digits.images[..., np.newaxis], np.random.default_rng(7), np.full(len(few_digits), 0.25)
    )[..., 0]


@pytest.fixture(scope="module")
def answer(target, damaged):
    return target.probabilities(damaged)


@pytest.mark.parametrize("name", ["blind", "reference"])
@pytest.mark.parametrize("target_name", list(iqa.TARGETS))
def test_the_learned_scores_predict_over_links_they_have_not_seen(name, target_name, digits):
    """600 test images over links of neither the paper's nor the evaluation's SNRs."""
    some = digits.take(600)
    reader = iqa.load_target(target_name)
    score = iqa.load_score(name, target=target_name)
    for number, (modulation, channel, snr_db) in enumerate(
        [("qam16", "rayleigh", 8.0), ("qam64", "awgn", 7.0)]
    ):
        config = LinkConfig(modulation=modulation, channel=channel, snr_db=snr_db, seed=40 + number)
        received = transmit(some.images, config).images
        answer = reader.predict(received)
        found = score(received, some.images, answer)
        wrong = answer != some.labels
        # Chance in 600 images and what the evaluation finds over all links.
        chance = 400.0 * np.sqrt(max(wrong.mean(), 0.01) / 600)
        assert abs(found.error_pct - 100.0 * wrong.mean()) < 3.0 + chance
        if min(wrong.sum(), (~wrong).sum()) >= 30:
            assert found.per_image[wrong].mean() > found.per_image[~wrong].mean() + 0.15


@pytest.mark.skipif(not FASHION_MNIST_DIR.is_dir(), reason="no dataset-fashion-mnist")
@pytest.mark.parametrize("target_name", ["paper", "lenet"])
def test_blind_knows_what_is_misread_without_any_damage(target_name):
    """Of clothes one in ten, much of it by the head too, so that disagreement alone says too little."""
    some = load_dataset("fashion-mnist").take(3000)
    reader = iqa.load_target(target_name, dataset="fashion-mnist")
    answer = reader.predict(some.images)
    found = iqa.load_score("blind", target=target_name, dataset="fashion-mnist")(some.images, answer=answer)
    wrong = 100.0 * (answer != some.labels).mean()
    deviation = np.sqrt(wrong * (100.0 - wrong) / len(answer))
    assert abs(found.error_pct - wrong) < 0.5 + 3.0 * deviation
    assert found.raw < wrong - 0.5 - 3.0 * deviation


def test_intervals_cover_the_error_under_damage_of_the_fitted_kind(digits):
    reader = iqa.load_target("robust")
    some = digits.take(2000)
    for name in ("reference", "blind", "blind-no-answer"):
        score = iqa.load_score(name, target="robust")
        inside = 0
        for number, rate in enumerate(np.geomspace(0.02, 0.8, 8)):
            chosen = slice(250 * number, 250 * (number + 1))
            sent = some.images[chosen, ..., np.newaxis]
            received = random_bit_flips(sent, np.random.default_rng([9, number]), np.full(250, rate))[..., 0]
            answer = reader.predict(received)
            low, high = score(received, sent[..., 0], answer).interval
            inside += low <= 100.0 * (answer != some.labels[chosen]).mean() <= high
        assert inside >= 6, name  # at 95 % each, fewer than 6 of 8 have a chance of 0.6 %


def test_intervals_cover_the_error_over_links_nothing_was_fitted_to(digits):
    """1,500 test images over links of other modulations, labels and SNRs than the evaluation's."""
    some = digits.take(1500)
    readers = {name: iqa.load_target(name) for name in ("lenet", "robust")}
    scores = {
        (name, target): iqa.load_score(name, target=target)
        for name in ("reference", "blind")
        for target in readers
    }
    inside = dict.fromkeys(scores, 0)
    for number, snr_db in enumerate((3.0, 8.0, 12.0, 17.0)):
        config = LinkConfig(
            modulation=("qam256", "qam16")[number % 2],
            labels=("natural", "gray")[number // 2],
            channel="rayleigh",
            snr_db=snr_db,
            seed=60 + number,
        )
        received = transmit(some.images, config).images
        for (name, target), score in scores.items():
            answer = readers[target].predict(received)
            low, high = score(received, some.images, answer).interval
            assert high - low < 25.0  # it still says something
            inside[name, target] += low <= 100.0 * (answer != some.labels).mean() <= high
    assert min(inside.values()) >= 3  # at 95 % each, fewer than 3 of 4 have a chance of 1.4 %


class Oracle:
    """A target that answers the label it finds in a pixel, or always the same class."""

    def __init__(self, name, always=None):
        self.name, self._always = name, always

    def predict(self, images):
        return self.probabilities(images).argmax(axis=1)

    def probabilities(self, images):
        labels = np.full(len(images), self._always) if self._always is not None else images[:, 0, 0, 0] % 10
        return np.eye(10, dtype=np.float32)[labels]


@pytest.fixture(scope="module")
def held_out():
    """400 training images that no network was trained on."""
    training = load_dataset("mnist", split="train")
    _, chosen = split(len(training))
    chosen = chosen[::15]
    return training.images[chosen], training.labels[chosen]


def test_fit_learns_a_target_of_ones_own_without_any_link(monkeypatch, held_out, few_digits, damaged):
    """One that always says 3 is wrong nine times in ten, whatever arrives; fitting uses no link."""
    monkeypatch.setattr(simulated, "transmit", lambda *_, **__: pytest.fail("a link was used"))
    images, labels = held_out
    always = Oracle("always-three", always=3)
    score = Loader().unfitted("blind-no-answer").fit(images, labels, always)
    found = score(damaged)
    true = 100.0 * (few_digits.labels != 3).mean()
    assert found.error_pct == pytest.approx(true, abs=6.0)
    assert found.interval[0] <= true <= found.interval[1] or abs(found.error_pct - true) < 3.0


def test_a_fit_survives_its_state(monkeypatch, held_out, damaged, few_digits, answer, target):
    monkeypatch.setattr(student, "LEAST_STEPS", 200)
    images, labels = held_out
    for name in ("reference", "psnr", "doc", "frechet"):
        loader = Loader()
        score = loader.unfitted(name, target).fit(images[::2], labels[::2], target)
        again = loader.unfitted(name, target)
        again.restore(score.state(), fitted=True)
        one, two = (each(damaged, few_digits.images, answer) for each in (score, again))
        assert one.error_pct == pytest.approx(two.error_pct, abs=0.2)  # weights are kept in half precision


def test_calibration_data_say_what_was_wrong(held_out):
    images, labels = held_out
    reader = Oracle("always-three", always=3)
    data = calibration_data(images, labels, reader, sets=3)
    assert data.clean.wrong.tolist() == (labels != 3).tolist()
    for part in data.calibration:
        assert part.wrong.tolist() == (labels[part.index] != 3).tolist()
        assert len(part.evidence.received) == len(part.index)
    assert {tuple(part.index) for part in data.shifted} == {tuple(range(0, 400, 5))}
    assert len(data.shifted) == shifted_corruptions.SETS


def test_features_of_both_encoders_stand_in_for_the_reference(loader, few_digits, damaged):
    score = loader.score("reference", "paper")
    features = score.features(few_digits.images)
    assert features.shape == (256, 256)
    np.testing.assert_array_equal(
        score(damaged, features).per_image, score(damaged, few_digits.images).per_image
    )
    with pytest.raises(InputError, match=r"float32 features \[N, 256\], got float32 256x128"):
        score(damaged, features[:, :128])


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("reference", {}, "score reference compares with the images sent: reference must be given"),
        ("blind", {}, "score blind weighs the target's answer: answer must be given"),
        ("confidence", {"answer": np.zeros(256, int)}, "answer must be its probabilities"),
        ("blind", {"answer": np.zeros(5, int)}, "must be as many, at least 1; got 256 and 5"),
        ("blind", {"answer": np.zeros((256, 10, 1))}, "answer must be classes"),
        ("confidence", {"answer": np.full((256, 10), np.nan)}, "finite probabilities"),
        ("psnr", {"reference": np.zeros((256, 128), np.float32)}, "compares pixels"),
    ],
)
def test_what_is_missing_is_told_in_one_line(loader, damaged, name, arguments, message):
    with pytest.raises(InputError, match=message) as raised:
        loader.score(name, "paper")(damaged, **arguments)
    assert "\n" not in str(raised.value)


def test_fits_of_another_version_are_refused_and_made_anew(tmp_path, held_out):
    models = data_dir() / "models"
    for file in ("paper-classifier", "noise-encoder", "paper-encoder", "fit-paper"):
        for found in models.glob(f"{file}.*"):
            shutil.copy(found, tmp_path)
    fits = tmp_path / "fit-paper.npz"
    with np.load(fits) as archive:
        arrays = dict(archive)
    assert iqa.load_score("psnr", path=tmp_path).calibrator is not None
    for version in ({}, {"format": np.array(1)}):
        np.savez(fits, **{**{name: array for name, array in arrays.items() if name != "format"}, **version})
        with pytest.raises(InputError, match=r"fit-paper\.npz: fitted by another version of the scores"):
            iqa.load_score("psnr", path=tmp_path)
    images, labels = held_out
    data = Dataset("few", images.repeat(10, axis=0), labels.repeat(10))
    fit_scores(data, ["paper"], tmp_path, variants=("",), scores=("psnr",))
    assert iqa.load_score("psnr", path=tmp_path).calibrator is not None


def test_unfitted_and_unfittable(tmp_path, held_out, target):
    images, labels = held_out
    with pytest.raises(InputError, match="score doc has to be fitted"):
        Loader().unfitted("doc")(images, images, target.probabilities(images))
    with pytest.raises(InputError, match="at least 200 images, got 10"):
        Loader().unfitted("psnr").fit(images[:10], labels[:10], target)
    with pytest.raises(InputError, match="as many, got 400 and 399"):
        Loader().unfitted("psnr").fit(images, labels[:-1], target)
    with pytest.raises(InputError, match=r"fit-stranger\.npz: missing"):
        iqa.load_score("blind", target=Oracle("stranger"))
    with pytest.raises(InputError, match="dataset cifar has no models of its own, as mnist"):
        iqa.load_target("paper", dataset="cifar")
