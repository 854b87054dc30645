#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Scores trained for a user's own classifier: from few pictures of any size, in bounded time."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.images import Dataset
from gnuradio.aeiqa.iqa.calibration.picture_sets import SetSizes
from gnuradio.aeiqa.iqa.scores import picture_scores, user_scores
from gnuradio.aeiqa.iqa.scores.fit_files import read_fit_card
from gnuradio.aeiqa.iqa.scores.loading import Loader
from gnuradio.aeiqa.iqa.scores.user_scores import train_user_scores
from gnuradio.aeiqa.iqa.training.progress import JobProgress
from gnuradio.aeiqa.testing import check_score

sys.path.insert(0, str(Path(__file__).parent))
from own_models import CLASSES, patches


class Brightest:
    """Classifies patches by their brightest channel; knows two classes more than the pictures have."""

    name = "brightest"
    input_shape = None

    def probabilities(self, images):
        means = np.array([image.reshape(-1, 3).mean(axis=0)[::-1] for image in images]) / 8.0
        logits = np.concatenate([means, np.full((len(means), 2), means.min())], axis=1)
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)

    def predict(self, images):
        return self.probabilities(images).argmax(axis=1)


def pictures(count, seed=1, height=12, width=16):
    images, labels = patches(count, seed, height, width)
    return Dataset("patches", images, labels, CLASSES)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder of scores trained on 500 patches of two sizes, none large."""
    small, large = pictures(250), pictures(250, 2, 20, 40)
    mixed = Dataset("mixed", [*small.images, *large.images], np.r_[small.labels, large.labels], CLASSES)
    folder = tmp_path_factory.mktemp("scores")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(picture_scores, "LEFT_OUT_STEPS", 20)
        patch.setattr(picture_scores, "LEAST_STEPS", 200)
        patch.setattr(SetSizes, "of", lambda count, pixels, share=1.0: SetSizes(50, 60))
        train_user_scores(Brightest(), mixed, folder, passes=3)
    return folder, mixed


def test_the_card_tells_what_networks_see_and_what_was_fitted_to(trained):
    folder, _ = trained
    card = read_fit_card(folder / "fit-brightest.npz")
    assert card["scores"] == ["reference", "blind", "confidence", "doc", "atc", "disagreement"]
    assert card["pictures"]["sizes"] == "12x16x3 to 20x40x3, 2 sizes"
    height, width, channels = card["pictures"]["seen_as"]
    assert (height, width, channels) == (16, 28, 3)
    assert card["dataset"]["images_trained_on"] + card["dataset"]["images_held_out"] == 500
    assert card["clean_error"]["images"] == card["dataset"]["images_held_out"]
    encoder = json.loads((folder / "noise-encoder.json").read_text())
    assert encoder["pictures"] == card["pictures"]
    assert not (folder / "paper-encoder.json").exists()


@pytest.mark.parametrize("name", ["blind", "reference"])
def test_scores_of_a_user_keep_the_contract_of_scores(trained, name):
    folder, _ = trained
    target = Brightest()
    check_score(lambda: iqa.load_score(name, target, folder), target, pictures(24, 7).images, grows=False)


def test_predictions_follow_the_damage_for_pictures_of_any_size(trained):
    from gnuradio.aeiqa import LinkConfig, transmit

    folder, _ = trained
    target = Brightest()
    data = pictures(150, 9, 30, 20)
    judge = iqa.Judge(target, iqa.load_score("reference", target, folder))
    for snr_db in (5, 30):
        link = LinkConfig(preset="physical", channel="awgn", modulation="qam64", snr_db=snr_db, seed=1)
        received = transmit(data.images, link).images
        answers, found = judge(received, data.images)
        true_pct = 100.0 * (answers.classes != data.labels).mean()
        assert found.interval[0] - 3.0 <= true_pct <= found.interval[1] + 3.0
        assert found.error_pct == pytest.approx(true_pct, abs=20.0)


def test_what_was_trained_is_left_as_it_is(trained):
    folder, data = trained
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    train_user_scores(Brightest(), data, folder, passes=3)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_what_is_there_is_what_an_evaluation_finds(trained):
    folder, _ = trained
    loader = Loader(folder)
    assert set(loader.fitted("brightest")) == {
        "reference", "blind", "confidence", "doc", "atc", "disagreement",
    }  # fmt: skip
    assert loader.fitted("another") == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"data": pictures(499)}, "patches: 499 pictures, training takes at least 500"),
        ({"scores": ["blnd"]}, "scores must be among .*blind.*, got 'blnd'"),
        ({"minutes": 0}, "minutes must be above 0, got 0"),
        ({"data": Dataset("bare", pictures(500).images)}, "bare: training needs labels"),
        (
            {"data": Dataset("one", pictures(500).images, np.zeros(500, np.int64), ("a",))},
            r"one: each of at least two classes needs pictures",
        ),
    ],
)
def test_mistakes(tmp_path, change, words):
    given = {"target": Brightest(), "data": pictures(500), "folder": tmp_path, **change}
    with pytest.raises(InputError, match=words):
        train_user_scores(**given)
    assert list(tmp_path.iterdir()) == []


class Watch:
    """A clock that moves only when told to."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Slow(Brightest):
    """Takes ``seconds`` of a watch for each picture, and counts them."""

    def __init__(self, watch, seconds):
        self.watch, self.seconds, self.asked = watch, seconds, 0

    def probabilities(self, images):
        self.watch.now += self.seconds * len(images)
        self.asked += len(images)
        return super().probabilities(images)


def train_by_watch(folder, monkeypatch, minutes, pass_s, picture_s):
    """Train while each pass and each picture takes so long; return watch, classifier and passes."""
    monkeypatch.setattr(picture_scores, "LEFT_OUT_STEPS", 1)
    monkeypatch.setattr(picture_scores, "LEAST_STEPS", 1)
    watch = Watch()
    flip = user_scores.random_bit_flips

    def flips(*args, **more):
        watch.now += pass_s
        return flip(*args, **more)

    monkeypatch.setattr(user_scores, "random_bit_flips", flips)
    target = Slow(watch, picture_s)
    train_user_scores(
        target, pictures(500), folder, scores=["blind"], passes=30, minutes=minutes, clock=watch
    )
    return watch, target, json.loads((folder / "noise-encoder.json").read_text())["passes"]


def test_minutes_end_the_training_and_shrink_the_sets(tmp_path, monkeypatch):
    """By a clock of its own: 30 passes would take all of it, and full sets over twice that."""
    watch, target, passes = train_by_watch(tmp_path, monkeypatch, 10, 20.0, 0.1)
    assert passes == 14  # the first that ends after 45 % of the time
    assert 0.8 * 600 < watch.now <= 600
    held_out = read_fit_card(tmp_path / "fit-brightest.npz")["dataset"]["images_held_out"]
    assert target.asked < 40 * held_out


def test_minutes_that_suffice_change_nothing(tmp_path, monkeypatch):
    bounded, *asked = train_by_watch(tmp_path / "bounded", monkeypatch, 1000, 1.0, 1e-3)
    assert bounded.now < 1000 * 60
    monkeypatch.undo()
    _, *unbounded = train_by_watch(tmp_path / "unbounded", monkeypatch, None, 1.0, 1e-3)
    assert (asked[0].asked, asked[1]) == (unbounded[0].asked, unbounded[1])
    pair = [np.load(tmp_path / folder / "noise-encoder.npz") for folder in ("bounded", "unbounded")]
    for name in pair[0].files:
        np.testing.assert_array_equal(pair[0][name], pair[1][name])


def test_sets_never_shrink_below_forty_pictures(tmp_path, monkeypatch):
    """Minutes that training alone has used up leave the fewest pictures that a set may have."""
    train_by_watch(tmp_path, monkeypatch, 1, 100.0, 0.1)
    sets = read_fit_card(tmp_path / "fit-brightest.npz")["sets"]
    assert "of 40 pictures" in sets["damage"]
    assert "of 40 pictures" in sets["damage_of_other_kinds"]


def test_one_bar_for_the_whole_job_tells_the_time_left():
    now = 0.0
    with JobProgress("job", {"a": 10.0, "b": 30.0}, clock=lambda: now) as progress:
        assert progress.seconds_left == 40.0
        now = 10.0
        progress.advance("a", 0.5)  # took twice as long as estimated
        assert progress.seconds_left == 70.0
        progress.finish("a")
        assert progress.seconds_left == 60.0
        progress.estimate("b", 15.0)
        assert progress.seconds_left == 30.0
