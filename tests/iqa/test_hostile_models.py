#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Model cards, fits, checkpoints and descriptions that anyone may have made: read, or refused in one line."""

import json
import shutil

import numpy as np
import pytest
from hostile_files import JSON_VALUES, SETTINGS, altered, damaged, read_or_refused
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.files import data_dir, read_arrays, read_json, write_arrays
from gnuradio.aeiqa.iqa.classifiers.preprocessing import Preprocessing, read_preprocessing
from gnuradio.aeiqa.iqa.networks.architecture import Architecture
from gnuradio.aeiqa.iqa.training.loop import train
from gnuradio.aeiqa.iqa.training.settings import TrainingSettings

NAME = "paper-encoder"
FEW = settings(SETTINGS, max_examples=30)  # each builds a network


@pytest.fixture
def models(tmp_path):
    """A copy of the project's models to spoil."""
    return shutil.copytree(data_dir() / "models", tmp_path / "models")


def test_cards_of_models(models):
    path = models / f"{NAME}.json"
    whole = read_json(path)

    @FEW
    @given(altered(whole))
    @example(whole | {"architecture": whole["architecture"] | {"input_shape": [1e300, 1, 1]}})
    @example(whole | {"architecture": whole["architecture"] | {"body": ["two\nlines"]}})
    def check(card):
        path.write_text(json.dumps(card), encoding="utf-8")
        read_or_refused(lambda: iqa.load_score("paper", path=models), models / NAME)

    check()

    @FEW
    @given(damaged(json.dumps(whole).encode()))
    def check_bytes(content):
        path.write_bytes(content)
        read_or_refused(lambda: iqa.load_score("paper", path=models), models / NAME)

    check_bytes()


def test_fits_of_scores(models):
    path = models / "fit-paper.npz"
    whole = read_arrays(path)
    names = sorted(name for name in whole if name.startswith("reference/1/") or "/" not in name)
    arrays = st.sampled_from(
        [np.zeros(0), np.zeros((2, 2)), np.array("text"), np.arange(3), np.array(np.nan), np.array(0.5)]
    )

    @FEW
    @given(st.sampled_from(names), arrays | st.none())
    def check(name, array):
        changed = {key: value for key, value in whole.items() if key != name}
        write_arrays(path, changed if array is None else changed | {name: array})
        read_or_refused(lambda: iqa.load_score("reference", path=models), path)

    check()

    content = (data_dir() / "models" / "fit-paper.npz").read_bytes()

    @FEW
    @given(damaged(content))
    def check_bytes(damage):
        path.write_bytes(damage)
        read_or_refused(lambda: iqa.load_score("reference", path=models), path)

    check_bytes()


@SETTINGS
@given(
    st.dictionaries(
        st.sampled_from(["size", "colour", "scale", "mean", "std", "layout", "classes", "output"]),
        JSON_VALUES | st.lists(st.integers(0, 4097) | st.floats(-3, 3), max_size=3),
    )
    | st.dictionaries(st.text(), JSON_VALUES)
)
@example({"scale": 1e300})
@example({"scale": 1e-300})
@example({"mean": [1e300]})
@example({"std": 1e-300})
@example({"classes": ["a", "a"]})
def test_descriptions_of_classifiers(tmp_path_factory, fields):
    path = tmp_path_factory.mktemp("model") / "model.json"
    path.write_text(json.dumps(fields), encoding="utf-8")
    found = read_or_refused(lambda: read_preprocessing(path.with_suffix(".onnx")), path)
    if found is not None:
        preprocessing, named = found
        assert isinstance(preprocessing, Preprocessing)
        assert named == set(fields)
        grey = np.full((4, 5), 200, np.uint8)
        if len(preprocessing.mean) == len(preprocessing.std) == 1 and preprocessing.size is None:
            assert np.isfinite(preprocessing([grey])).all()


def test_checkpoints(tmp_path, few_digits):
    path = tmp_path / "state.npz"
    images, labels = few_digits.images[..., np.newaxis], few_digits.labels
    architecture = Architecture("classifier", (28, 28, 1), 10)

    def go_on():
        return train(architecture, images, labels, TrainingSettings(1), digest="a", checkpoint_path=path)

    go_on()
    whole = read_arrays(path)
    for name in whole:
        for array in (None, np.zeros(0), np.array("text"), np.zeros((3, 3, 3))):
            changed = {key: value for key, value in whole.items() if key != name}
            write_arrays(path, changed if array is None else changed | {name: array})
            read_or_refused(go_on, path)
