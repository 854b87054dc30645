#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The data sets beside MNIST from end to end: their own models read, score and are evaluated."""

import csv
import dataclasses
import math

import pytest

pytest.importorskip("torch")

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.csv_tables import read_rows
from gnuradio.aeiqa.experiments.evaluation import EvaluationConfig, run_evaluation
from gnuradio.aeiqa.experiments.evaluation import Plan as EvaluationPlan
from gnuradio.aeiqa.experiments.results import load
from gnuradio.aeiqa.experiments.sweep import Plan, SweepConfig, run_sweep
from gnuradio.aeiqa.files import data_dir
from gnuradio.aeiqa.images import load_dataset
from gnuradio.aeiqa.images.load import FASHION_MNIST_DIR
from gnuradio.aeiqa.iqa.classifiers.targets import trained_targets
from gnuradio.aeiqa.iqa.scores.loading import Loader
from gnuradio.aeiqa.report.page import write_report

SETS = [
    pytest.param(
        "fashion-mnist",
        marks=pytest.mark.skipif(not FASHION_MNIST_DIR.is_dir(), reason="no dataset-fashion-mnist"),
    ),
    "colour",
]
SHAPES = {"fashion-mnist": (28, 28, 1), "colour": (32, 32, 3)}
TARGETS = ["paper", "lenet"]


@pytest.mark.parametrize("name", SETS)
def test_models_are_of_this_set(name):
    """Every card names the training images and what was measured on the test images, which is still so."""
    training, test = load_dataset(name, "train"), load_dataset(name)
    loader = Loader(dataset=name)
    assert trained_targets(loader.folder) == TARGETS
    networks = [loader.network(*encoder, 1) for encoder in iqa.SCORES["reference"].encoders]
    for card in (*(loader.target(target).card for target in TARGETS), *(each.card for each in networks)):
        assert (card["dataset"]["name"], card["dataset"]["sha256"]) == (name, training.digest)
        assert tuple(card["architecture"]["input_shape"]) == SHAPES[name]
    few = test.take(500)
    for target in TARGETS:
        reader = loader.target(target)
        accuracy = 100.0 * (reader.predict(few.images) == few.labels).mean()
        # Of every fourth image or so: within three standard deviations of a share near 90 %.
        assert accuracy == pytest.approx(reader.card["results"]["test"]["accuracy_pct"], abs=4.0)


@pytest.mark.parametrize("score", ["paper", "reference", "blind"])
@pytest.mark.parametrize("name", SETS)
def test_a_sweep(name, score, serial_engine, tmp_path):
    config = SweepConfig(
        preset="physical", channels=("awgn",), modulations=("qpsk",), snr_db=(-3.0, 30.0), images=48,
        dataset=name, score=score, link={"labels": "gray"},
    )  # fmt: skip
    plan = Plan(config)
    assert plan.models_text == f"Models: {data_dir() / 'models' / name}."
    folder = run_sweep(plan, tmp_path / "out", engine=serial_engine())
    bad, good = read_rows(folder / "table.csv")
    assert (good["ber"], good["identical_share"]) == (0, 1)
    assert bad["ber"] > 0.1
    for row in (bad, good):
        assert 0 <= row["iqa_low"] <= row["iqa_error_pct"] <= row["iqa_high"] <= 100
    # Undamaged images are read as the card says; what is half noise mostly is not, and the score says so.
    assert good["classifier_error_pct"] < 30 < bad["classifier_error_pct"]
    assert good["iqa_error_pct"] < 30 < bad["iqa_error_pct"]


@pytest.mark.parametrize("name", SETS)
def test_its_report(name, serial_engine, tmp_path):
    config = SweepConfig(modulations=("qpsk",), snr_db=(5.0,), images=20, dataset=name, score="blind")
    folder = run_sweep(Plan(config), tmp_path / "out", engine=serial_engine())
    files = {path.name for path in write_report(folder, load(folder))}
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "report.html" in files
    assert "No autoencoder reads these images" not in page  # its own does
    assert "below it what the autoencoder makes of it" in page
    assert "the mark says whether the classifier reads it right" in page


@pytest.mark.parametrize("name", SETS)
def test_an_evaluation(name, serial_engine, tmp_path):
    plan = EvaluationPlan(EvaluationConfig(dataset=name, images=100))
    assert plan.config.targets == tuple(TARGETS)
    assert set(plan.config.scores) == set(iqa.SCORES) - {"vae"}  # it comes with MNIST alone
    plan.units = plan.units[:1]
    folder = run_evaluation(plan, tmp_path / "out", engine=serial_engine())
    with open(folder / "evaluation.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["dataset"] for row in rows} == {name}
    assert {row["target"] for row in rows} == set(TARGETS)
    fitted = {row["score"]: float(row["predicted_error_pct"]) for row in rows if row["variant"] == "fitted"}
    assert set(fitted) == set(plan.config.scores)
    assert all(math.isfinite(value) for value in fitted.values())


def test_what_has_no_models_is_told_in_a_line():
    config = SweepConfig(dataset="colour", images=8, snr_db=(5.0,))
    folder = data_dir() / "models"
    for changes, message in (
        ({"target": "robust"}, "target robust: .*colour has only paper, lenet; ./aeiqa train makes others"),
        ({"models": folder}, "images are 32x32x3, but the model was trained on 28x28x1"),
        ({"models": folder / "none"}, "none/paper-classifier.json: No such file"),
    ):
        with pytest.raises(InputError, match=message):
            Plan(dataclasses.replace(config, **changes))
    for changes, message in (
        ({"scores": ("vae",)}, "score vae: .*colour has no encoder of it; ./aeiqa train makes it"),
        ({"targets": ("wide",)}, "target wide: .* has only paper, lenet"),
        ({"models": folder, "scores": ("psnr",)}, "images are 32x32x3, but the model was trained on 28x28x1"),
        ({"models": folder / "none", "targets": None}, "none: holds no target; ./aeiqa train makes them"),
        ({"dataset": "/usr/share/none"}, "an existing file or folder, got '/usr/share/none'"),
    ):
        with pytest.raises(InputError, match=message):
            EvaluationPlan(EvaluationConfig(**{"dataset": "colour", "targets": ("paper",), **changes}))
