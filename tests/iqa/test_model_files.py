#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Files that are not the model they should be: one line that names the file."""

import json
import shutil

import numpy as np
import pytest

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.files import data_dir, write_arrays
from gnuradio.aeiqa.iqa.networks.model_files import _digest

NAME = "paper-encoder"


@pytest.fixture
def models(tmp_path):
    """A copy of the project's models to spoil."""
    return shutil.copytree(data_dir() / "models", tmp_path / "models")


def arrays_of(models):
    with np.load(models / f"{NAME}.npz", allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def edit_card(models, **changes):
    path = models / f"{NAME}.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def replace_arrays(models, arrays):
    """Write other arrays and let the card vouch for them."""
    write_arrays(models / f"{NAME}.npz", arrays)
    edit_card(models, sha256=_digest(models / f"{NAME}.npz"))


def refusal(models):
    with pytest.raises(InputError) as raised:
        iqa.load_score("paper", path=models)
    message = str(raised.value)
    assert "\n" not in message
    assert str(models / NAME) in message
    return message


def test_a_good_copy_loads(models):
    assert iqa.load_score("paper", path=models).card["name"] == NAME


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_missing_file(models, suffix):
    (models / (NAME + suffix)).unlink()
    assert "No such file" in refusal(models)


def test_one_flipped_bit(models):
    path = models / f"{NAME}.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert "SHA-256 differs" in refusal(models)


def test_cut_short(models):
    path = models / f"{NAME}.npz"
    path.write_bytes(path.read_bytes()[:1000])
    assert "SHA-256 differs" in refusal(models)


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04"])
def test_no_archive_although_the_card_vouches_for_it(models, content):
    (models / f"{NAME}.npz").write_bytes(content)
    edit_card(models, sha256=_digest(models / f"{NAME}.npz"))
    assert "not an .npz file of plain arrays" in refusal(models)


def test_pickles_are_never_opened(models):
    with open(models / f"{NAME}.npz", "wb") as file:
        np.savez(file, **{"weights/encoder.dense.bias": np.array([{"an": "object"}])})
    edit_card(models, sha256=_digest(models / f"{NAME}.npz"))
    assert "not an .npz file of plain arrays" in refusal(models)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "must hold a JSON object"),
        ("[1]", "must hold a JSON object"),
        ('{"format": 99}', "not a model card"),
        ("\x00", "must hold a JSON object"),
    ],
)
def test_no_card(models, content, words):
    (models / f"{NAME}.json").write_text(content)
    assert words in refusal(models)


def test_a_card_of_images_larger_than_memory_is_refused(models):
    path = models / f"{NAME}.json"
    card = json.loads(path.read_text())
    for shape in ([10**9, 10**9, 3], [28, 10**18, 1]):
        card["architecture"]["input_shape"] = shape
        path.write_text(json.dumps(card))
        assert "valid input_shape" in refusal(models)


def test_card_of_another_architecture(models):
    card = json.loads((models / f"{NAME}.json").read_text())
    edit_card(models, architecture={**card["architecture"], "filters": [8, 8, 8, 8]})
    assert "filters is [8, 8, 8, 8], not [16, 32, 16, 16]" in refusal(models)


@pytest.mark.parametrize(
    "architecture", [None, {}, {"input_shape": [28, 28], "classes": 0}, {"input_shape": "ab"}]
)
def test_card_without_an_architecture(models, architecture):
    edit_card(models, architecture=architecture)
    assert "architecture" in refusal(models)


def test_a_classifier_in_place_of_the_encoder(models):
    for suffix in (".npz", ".json"):
        shutil.copy(models / f"paper-classifier{suffix}", models / f"{NAME}{suffix}")
    assert "kind is 'classifier', not 'autoencoder'" in refusal(models)


def test_arrays_of_another_architecture(models):
    arrays = arrays_of(models)
    bias = arrays.pop("weights/encoder.dense.bias")
    replace_arrays(models, arrays)
    assert "encoder.dense.bias must be (128,), is missing" in refusal(models)
    replace_arrays(models, {**arrays, "weights/encoder.dense.bias": bias[:64]})
    assert "encoder.dense.bias must be (128,), is (64,)" in refusal(models)
    replace_arrays(models, {**arrays, "weights/encoder.dense.bias": bias, "weights/more": bias})
    assert "weights/more must be not part of it" in refusal(models)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite(models, value):
    arrays = arrays_of(models)
    arrays["weights/encoder.dense.bias"][3] = value
    replace_arrays(models, arrays)
    assert "encoder.dense.bias must hold finite floats" in refusal(models)


def test_centroids_missing_or_of_another_length(models):
    arrays = arrays_of(models)
    centroids = arrays.pop("extra/centroids")
    for spoilt in ({}, {"extra/centroids": centroids[:, :64]}):
        replace_arrays(models, {**arrays, **spoilt})
        assert "centroids" in refusal(models)
