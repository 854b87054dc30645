#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The user's own classifier: read as its description says, and every mistake in one line."""

import json
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.csv_tables import read_rows
from gnuradio.aeiqa.iqa.classifiers.preprocessing import Preprocessing

pytest.importorskip("onnx", reason="no onnx (Debian package python3-onnx)")
pytest.importorskip("onnxruntime", reason="no onnxruntime (./aeiqa test installs it where there is network)")
sys.path.insert(0, str(Path(__file__).parent))
from own_models import (
    CLASSES,
    HEIGHT,
    WIDTH,
    patches,
    run,
    trained,
    write_folder,
    write_onnx,
    write_torchscript,
)


@pytest.fixture(scope="module")
def linear():
    """Weights and bias of a classifier of patches."""
    return trained()


@pytest.fixture
def model(tmp_path, linear):
    """Its ONNX file."""
    return write_onnx(tmp_path / "my_model.onnx", *linear)


def load(path, names=CLASSES):
    return iqa.load_target(str(path), class_names=names)


def describe(path, **fields):
    path.with_suffix(".json").write_text(json.dumps(fields), encoding="utf-8")


@pytest.mark.parametrize("write", [write_onnx, write_torchscript])
def test_outputs_are_those_of_the_formula(tmp_path, linear, write):
    weights, bias = linear
    target = load(write(tmp_path / f"m{'.onnx' if write is write_onnx else '.pt'}", *linear))
    images, labels = patches(75)
    logits = images.transpose(0, 3, 1, 2).reshape(75, -1) / 255 @ weights.T.astype(float) + bias
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(target.probabilities(images), expected, atol=1e-5)
    assert np.array_equal(target.predict(images), logits.argmax(axis=1))
    assert (target.predict(images) == labels).mean() > 0.95
    # The same bits in any company.
    assert np.array_equal(target.probabilities(images[70:]), target.probabilities(images)[70:])


def test_a_batch_fixed_in_the_file_is_kept_to(tmp_path, linear):
    images, _ = patches(7)
    free = load(write_onnx(tmp_path / "free.onnx", *linear)).probabilities(images)
    for batch in (1, 4):
        fixed = load(write_onnx(tmp_path / f"{batch}.onnx", *linear, shape=(batch, 3, HEIGHT, WIDTH)))
        np.testing.assert_allclose(fixed.probabilities(images), free, atol=1e-6)


def test_layout_size_and_colour_come_from_the_file(tmp_path, linear):
    weights, bias = linear
    last = weights.reshape(3, 3, HEIGHT, WIDTH).transpose(0, 2, 3, 1).reshape(3, -1)
    images, labels = patches(30)
    first = load(write_onnx(tmp_path / "first.onnx", weights, bias))
    second = load(
        write_onnx(tmp_path / "last.onnx", np.ascontiguousarray(last), bias, ("n", HEIGHT, WIDTH, 3))
    )
    np.testing.assert_allclose(second.probabilities(images), first.probabilities(images), atol=1e-6)
    larger, labels = patches(30, height=3 * HEIGHT, width=2 * WIDTH)
    assert (first.predict(larger) == labels).all()
    mixed = [*images[:3], *larger[:3]]
    assert np.array_equal(first.predict(mixed), [*first.predict(images[:3]), *first.predict(larger[:3])])
    assert len(first.predict(images[..., 0])) == 30  # grey becomes three equal channels


def test_classes_named_in_another_order(model, linear):
    images, _ = patches(12)
    plain = load(model).probabilities(images)
    describe(model, classes=["red", "blue", "green"])  # what its outputs are called
    np.testing.assert_allclose(load(model).probabilities(images), plain[:, [1, 2, 0]], rtol=1e-5)


def test_a_classifier_may_know_more_classes_than_the_data_set(tmp_path, model):
    images, _ = patches(12)
    plain = load(model).probabilities(images)
    describe(model, classes=["red", "blue", "green"])
    target = load(model, ["green", "blue"])  # images of "red", output 0, are misclassified: class 2
    np.testing.assert_allclose(target.probabilities(images), plain[:, [2, 1, 0]], rtol=1e-5)
    assert target.card["architecture"]["classes"] == 3
    model.with_suffix(".json").unlink()
    # Labels that are mere numbers are the outputs' own: a set may lack the last ones.
    np.testing.assert_allclose(load(model, ["0", "1"]).probabilities(images), plain, rtol=1e-6)
    with pytest.raises(InputError, match="knows 3 classes, the data set has 2; name its outputs"):
        load(model, ["blue", "green"]).predict(images)
    with pytest.raises(InputError, match=r"knows 3 classes, the data set has 4$"):
        load(model, list("0123")).predict(images)


def test_class_names_are_compared_in_composed_form(model):
    images, _ = patches(5)
    plain = load(model).probabilities(images)
    describe(model, classes=["a\u0308", "x", "y"])
    composed = load(model, ["x", "\u00e4", "y"]).probabilities(images)
    np.testing.assert_allclose(composed, plain[:, [1, 0, 2]], rtol=1e-5)


@given(
    st.floats(0.001, 2), st.lists(st.floats(-2, 2), min_size=3, max_size=3), st.floats(0.1, 5), st.booleans()
)
def test_numbers_of_the_description(scale, mean, std, reverse):
    image = np.arange(2 * 4 * 3, dtype=np.uint8).reshape(2, 4, 3) * 9
    prepare = Preprocessing(scale=scale, mean=tuple(mean), std=(std,), colour="bgr" if reverse else "rgb")
    pixels = image[..., ::-1] if reverse else image
    expected = ((pixels * scale - np.array(mean)) / std).transpose(2, 0, 1)
    np.testing.assert_allclose(prepare([image])[0], expected, rtol=1e-5, atol=1e-4)


def test_grey_is_the_luminance_of_pil():
    from PIL import Image

    image = np.random.default_rng(3).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    ours = Preprocessing(colour="grey", scale=1.0)([image])[0, 0]
    assert np.abs(ours - np.asarray(Image.fromarray(image).convert("L"))).max() <= 1


def nodes(*lines):
    from onnx import helper

    return [helper.make_node(*line[:3], **line[3]) for line in lines]


def broken(kind, path, linear):
    """Write a model that is no classifier of patches in some way."""
    weights, bias = linear
    if kind == "maps":
        write_onnx(path, *linear, nodes=nodes(("Relu", ["x"], ["y"], {})))
    elif kind == "nan":
        write_onnx(path, weights, np.full(3, np.nan, np.float32))
    elif kind == "four":
        write_onnx(path, np.vstack([weights, weights[:1]]), np.append(bias, bias[:1]))
    elif kind == "wide":
        write_onnx(path, weights, bias, ("n", 5, HEIGHT, WIDTH))
    elif kind == "garbage":
        path.write_bytes(b"no model at all")
    elif kind == "shapes":
        write_onnx(path, np.ascontiguousarray(weights[:, :-1]), bias)
    return path


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (
            "maps",
            r"m.onnx: no classifier, whose output is \[N, classes\]: it gives float32 \[32, 3, 12, 16\]",
        ),
        ("nan", "m.onnx: its output is not finite for 16 of 16 images"),
        ("four", "m.onnx: knows 4 classes, the data set has 3"),
        ("wide", r"m.onnx: takes \[any, 5, 12, 16\], the images come as \[16, 3, 12, 16\]"),
        ("garbage", "m.onnx: no ONNX file"),
        ("shapes", "m.onnx: "),
    ],
)
def test_what_is_no_classifier(tmp_path, linear, kind, words):
    path = broken(kind, tmp_path / "m.onnx", linear)
    with pytest.raises(InputError, match=words) as error:
        load(path).predict(patches(6)[0])
    assert "\n" not in str(error.value)


def test_pickles_are_not_loaded(tmp_path):
    path = tmp_path / "module.pt"

    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    for content in (pickle.dumps(Trap()), b"", b"PK\x03\x04"):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"no TorchScript file .* torch\.jit\.save"):
            load(path)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"sise": [3, 4]}, "'sise' is none of size, colour"),
        ({"size": 32}, r"size must be \[height, width\], from 1 to 4096 pixels each, got 32"),
        ({"colour": "blue"}, 'colour must be one of grey, rgb, bgr, got "blue"'),
        ({"scale": 0}, r"scale must be a number from 1e-15 to 1e\+15"),
        ({"std": [1, 0, 1]}, r"std must be a number from 1e-15 .* channels, got \[1, 0, 1\]"),
        ({"mean": [1, 2]}, "mean must be a number from .*, or one for each of 3 channels"),
        ({"layout": "CHW"}, "layout must be one of NCHW, NHWC"),
        ({"classes": ["a", "a"]}, "classes must be a list of at least two different names"),
        ({"classes": ["blue", "green"]}, "lacks the data set's class 'red'"),
        ({"classes": ["blue", "green", "red", "teal"]}, "gives 3 outputs, its description names 4 classes"),
        ({"output": "z"}, "has no output 'z', but y"),
        ({"output": 1}, "output must be a name, got 1"),
        ({"size": [9, 9]}, r"takes \[any, 3, 12, 16\], the images come as \[16, 3, 9, 9\]"),
    ],
)
def test_mistakes_in_the_description(model, fields, words):
    describe(model, **fields)
    with pytest.raises(InputError, match=words):
        load(model).predict(patches(1)[0])


def test_files_that_are_not_there_or_not_models(tmp_path):
    with pytest.raises(InputError, match=r"there is no file .*none\.onnx"):
        load(tmp_path / "none.onnx")
    with pytest.raises(InputError, match=r"or an \.onnx or TorchScript \.pt file, got .*\.h5"):
        load(tmp_path / "model.h5")


def sweep(*args, cwd):
    return run("sweep.py", *args, "--no-report", "--workers", "2", cwd=cwd)


def test_own_pictures_and_model_from_the_command_line(tmp_path, model):
    write_folder(tmp_path / "my_pictures")
    options = ["--target", "my_model.onnx", "--dataset", "my_pictures/", "--preset", "physical"]
    options += ["--modulations", "qam16", "--snr", "0,30", "--out", "out"]
    done = sweep(*options, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    awgn = read_rows(tmp_path / "out" / "table.csv")[:2]
    assert awgn[0]["ber"] > 0.1
    assert awgn[1]["classifier_error_pct"] == 0
    assert awgn[1]["iqa_error_pct"] is None
    run = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert run["configuration"]["target"] == "my_model.onnx"
    assert run["target_source"] == str(model)
    # Another description is another model.
    describe(model, mean=0.5)
    again = sweep(*options, cwd=tmp_path)
    assert again.returncode == 2
    assert "its models.target is" in again.stderr
    (tmp_path / "my_pictures" / "teal").mkdir()
    (tmp_path / "my_pictures" / "red" / next((tmp_path / "my_pictures" / "red").iterdir()).name).rename(
        tmp_path / "my_pictures" / "teal" / "one.png"
    )
    wrong = sweep(*options[:-1], "other", cwd=tmp_path)
    assert wrong.returncode == 2
    assert wrong.stderr == "aeiqa sweep: my_model.onnx: knows 3 classes, the data set has 4\n"


def test_scores_fitted_to_an_own_classifier(tmp_path, model):
    write_folder(tmp_path / "to_train", 600)
    write_folder(tmp_path / "my_pictures", 200, seed=5)
    options = ["--target", "my_model.onnx", "--dataset"]
    less = ["--epochs", "5", "--minutes", "0.05"]
    trained = run("train.py", *options, "to_train", "--out", "my_models", *less, cwd=tmp_path)
    assert trained.returncode == 0, trained.stderr
    assert trained.stdout == (
        "Clean error of my_model.onnx on the pictures of the fit: "
        "0.00 % (0 of 198; 95 % interval 0.00 to 1.85 %)\n"
        "my_models/fit-my_model.onnx.npz\n"
    )
    options += ["my_pictures", "--preset", "physical", "--modulations", "qam64", "--snr", "0,30"]
    options += ["--channels", "awgn", "--models", "my_models"]
    for score in ([], ["--score", "blind"]):  # the default is reference
        out = tmp_path / "-".join(["out", *score[1:]])
        done = sweep(*options, *score, "--out", out, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        noisy, clear = read_rows(out / "table.csv")
        assert noisy["classifier_error_pct"] > 20
        assert clear["classifier_error_pct"] == 0
        assert noisy["iqa_low"] <= noisy["iqa_error_pct"] <= noisy["iqa_high"]
        assert clear["iqa_error_pct"] < 5 < 10 < noisy["iqa_error_pct"] < 100
    done = run(
        "evaluate.py", "--target", "my_model.onnx", "--dataset", "my_pictures", "--models", "my_models",
        "--images", "40", "--links", "physical", "--scores", "blind", "--workers", "1", "--out", "evaluated",
        cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "Which score to trust: my_pictures, physical links: 32 links\n  my_model.onnx: " in done.stdout
    # A fit is to one classifier.
    describe(model, mean=0.1)
    other = sweep(*options, "--out", "other", cwd=tmp_path)
    assert other.returncode == 2
    assert other.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("app", "options", "words"),
    [
        (
            "train.py",
            [],
            "few: 30 pictures, training takes at least 500",
        ),
        ("train.py", ["--what", "encoder"], "--what: --target decides what is trained, got 'encoder'"),
        (
            "sweep.py",
            ["--score", "blind"],
            "score blind has not been fitted to my_model.onnx: --models names",
        ),
        ("sweep.py", ["--score", "psnr", "--models", "."], "score: must be one of paper, vae, reference"),
        ("sweep.py", ["--models", "."], "noise-encoder.json: No such file"),
    ],
)
def test_mistakes_about_scores(tmp_path, model, app, options, words):
    write_folder(tmp_path / "few")
    done = run(app, "--target", "my_model.onnx", "--dataset", "few", *options, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
