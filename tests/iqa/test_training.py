#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Training is repeatable, goes on where it was interrupted, learns, and refuses what it cannot train on."""

import json

import numpy as np
import pytest

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.images import Dataset
from gnuradio.aeiqa.iqa.networks.architecture import Architecture, initialise, nn, torch
from gnuradio.aeiqa.iqa.training import recipes
from gnuradio.aeiqa.iqa.training.loop import evaluate, split, train
from gnuradio.aeiqa.iqa.training.recipes import train_models
from gnuradio.aeiqa.iqa.training.settings import TrainingSettings

BOTH = ("encoder", "classifier")


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_tenth_image_is_held_out():
    trained, held_out = split(45)
    assert held_out.tolist() == [9, 19, 29, 39]
    assert sorted([*trained, *held_out]) == list(range(45))


def test_same_seed_same_bytes(few_digits, tmp_path):
    for name, seed in (("first", 5), ("again", 5), ("other", 6)):
        train_models(BOTH, few_digits, None, tmp_path / name, seed=seed, epochs=1)
    first, again, other = (files(tmp_path / name) for name in ("first", "again", "other"))
    names = {f"{recipes.RECIPES[what].file}-5.{kind}" for what in BOTH for kind in ("npz", "json")}
    assert set(first) == names  # and no checkpoint is left
    assert first == again
    assert all(first[name] != other[name.replace("-5.", "-6.")] for name in names)


@pytest.mark.parametrize("what", BOTH)
def test_interrupted_training_ends_with_the_same_bytes(few_digits, tmp_path, monkeypatch, what):
    train_models([what], few_digits, None, tmp_path / "whole", epochs=3)

    def interrupted(*args, on_step, **options):
        def stop_in_second_epoch(done, total):
            on_step(done, total)
            if done > total // 2:
                raise KeyboardInterrupt

        return train(*args, on_step=stop_in_second_epoch, **options)

    monkeypatch.setattr(recipes, "train", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train_models([what], few_digits, None, tmp_path / "resumed", epochs=3)
    monkeypatch.undo()
    assert [path.suffixes for path in (tmp_path / "resumed").iterdir()] == [[".checkpoint", ".npz"]]
    train_models([what], few_digits, None, tmp_path / "resumed", epochs=3)
    assert files(tmp_path / "resumed") == files(tmp_path / "whole")


def test_a_trained_model_is_not_trained_again(few_digits, tmp_path, monkeypatch):
    cards = train_models(BOTH, few_digits, None, tmp_path, epochs=1)
    monkeypatch.setattr(recipes, "train", lambda *args, **options: pytest.fail("trained again"))
    assert train_models(BOTH, few_digits, None, tmp_path, epochs=1) == cards


def test_a_damaged_model_is_trained_again(few_digits, tmp_path):
    train_models(["classifier"], few_digits, None, tmp_path, epochs=1)
    good = files(tmp_path)
    (tmp_path / "paper-classifier.npz").write_bytes(b"damaged")
    train_models(["classifier"], few_digits, None, tmp_path, epochs=1)
    assert files(tmp_path) == good


def test_the_card_tells_what_was_done(few_digits, digits, tmp_path):
    (card,) = train_models(["classifier"], few_digits, digits.take(20), tmp_path, seed=9, epochs=2)
    assert card == json.loads((tmp_path / "paper-classifier-9.json").read_text())
    assert card["dataset"]["sha256"] == few_digits.digest
    assert card["dataset"]["images_trained_on"] + card["dataset"]["images_held_out"] == 256
    assert (card["training"]["seed"], card["training"]["epochs"]) == (9, 2)
    assert set(card["results"]) == {"held_out", "test"}


@pytest.mark.parametrize(
    ("kind", "classes", "measure"), [("autoencoder", 0, "mse"), ("classifier", 10, "cross_entropy")]
)
def test_training_learns(few_digits, kind, classes, measure):
    images, labels = few_digits.images[..., np.newaxis], few_digits.labels
    architecture = Architecture(kind, (28, 28, 1), classes)
    _, held_out = split(len(images))
    start = architecture.build().eval()
    initialise(start, 1)
    before = evaluate(kind, start, images[held_out], labels[held_out])[measure]
    _, results = train(
        architecture, images, labels, TrainingSettings(epochs=8, batch=32, learning_rate=3e-3, averaging=0.9)
    )
    assert results[measure] < 0.75 * before


def test_measures_against_their_definitions(few_digits):
    images, labels = few_digits.images[:20, ..., np.newaxis], few_digits.labels[:20]
    module = Architecture("classifier", (28, 28, 1), 10).build().eval()
    initialise(module, 1)
    with torch.inference_mode():
        logits = module(torch.from_numpy(images).permute(0, 3, 1, 2) / 255.0)
    results = evaluate("classifier", module, images, labels)
    expected = float(nn.functional.cross_entropy(logits, torch.from_numpy(labels)))
    assert results["cross_entropy"] == pytest.approx(expected, rel=1e-5)
    assert results["accuracy_pct"] == pytest.approx(100.0 * (logits.argmax(1).numpy() == labels).mean())


def test_a_checkpoint_of_another_training_is_refused(few_digits, tmp_path):
    images, labels = few_digits.images[..., np.newaxis], few_digits.labels
    architecture, path = Architecture("classifier", (28, 28, 1), 10), tmp_path / "state.npz"
    train(architecture, images, labels, TrainingSettings(1), digest="a", checkpoint_path=path)
    with pytest.raises(InputError, match=r"state\.npz.*another data, seed") as raised:
        train(architecture, images, labels, TrainingSettings(1, seed=2), digest="b", checkpoint_path=path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 cut short"])
def test_a_damaged_checkpoint_is_told_in_one_line(few_digits, tmp_path, content):
    path = tmp_path / "state.npz"
    path.write_bytes(content)
    images, labels = few_digits.images[..., np.newaxis], few_digits.labels
    with pytest.raises(InputError, match=r"state\.npz: not an \.npz file"):
        train(
            Architecture("classifier", (28, 28, 1), 10),
            images,
            labels,
            TrainingSettings(1),
            checkpoint_path=path,
        )


def test_what_cannot_be_trained_on(few_digits, tmp_path):
    unlabelled = Dataset("mine", few_digits.images)
    with pytest.raises(InputError, match="mine: training needs labels"):
        train_models(BOTH, unlabelled, None, tmp_path)
    mixed = Dataset("mixed", [np.zeros((4, 4), np.uint8), np.zeros((5, 4), np.uint8)], np.array([0, 1]))
    with pytest.raises(InputError, match="5x4"):
        train_models(BOTH, mixed, None, tmp_path)
    with pytest.raises(InputError, match="each label from 0 up"):
        train_models(BOTH, few_digits.take(9), None, tmp_path)
    with pytest.raises(InputError, match="epochs: must be 1 or more, got 0"):
        train_models(BOTH, few_digits, None, tmp_path, epochs=0)
    images = few_digits.images[:9, ..., np.newaxis]
    with pytest.raises(InputError, match="at least 10 images, got 9"):
        train(Architecture("autoencoder", (28, 28, 1)), images, few_digits.labels[:9], TrainingSettings(1))
    for field, value in (("epochs", 0), ("seed", -1), ("threads", 0), ("batch", 0)):
        with pytest.raises(InputError, match=field):
            TrainingSettings(**{"epochs": 1, field: value})
