#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""ONNX files of every kind that exporters write: answered as the formula says, or refused in one line."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.errors import InputError

onnx = pytest.importorskip("onnx", reason="no onnx (Debian package python3-onnx)")
pytest.importorskip("onnxruntime", reason="no onnxruntime (./aeiqa test installs it where there is network)")
sys.path.insert(0, str(Path(__file__).parent))
from own_models import CLASSES, HEIGHT, WIDTH, patches, trained, write_onnx  # noqa: E402

IMAGES, LABELS = patches(40)


@pytest.fixture(scope="module")
def linear():
    """Weights and bias of a classifier of patches."""
    return trained()


def load(path):
    return iqa.load_target(str(path), class_names=CLASSES)


def expected(weights, bias, scale=1 / 255):
    logits = IMAGES.transpose(0, 3, 1, 2).reshape(len(IMAGES), -1) * scale @ weights.T.astype(float) + bias
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("dtype", ["FLOAT", "FLOAT16", "DOUBLE"])
def test_floats_of_every_width_get_pixels_from_0_to_1(tmp_path, linear, dtype):
    target = load(write_onnx(tmp_path / "m.onnx", *linear, dtype=dtype))
    np.testing.assert_allclose(target.probabilities(IMAGES), expected(*linear), atol=5e-3)
    assert (target.predict(IMAGES) == LABELS).mean() > 0.95


def test_uint8_gets_the_pixels_as_they_are(tmp_path, linear):
    weights, bias = linear
    path = write_onnx(tmp_path / "m.onnx", weights / 255, bias, dtype="UINT8")
    np.testing.assert_allclose(load(path).probabilities(IMAGES), expected(*linear), atol=1e-4)
    path.with_suffix(".json").write_text(json.dumps({"mean": 0.5, "layout": "NCHW"}), encoding="utf-8")
    with pytest.raises(InputError, match="takes uint8 pixels as they are: leave out mean"):
        load(path)


@pytest.mark.parametrize("dtype", ["INT8", "INT32", "INT64", "BOOL"])
def test_other_inputs_are_refused_by_name(tmp_path, linear, dtype):
    with pytest.raises(
        InputError, match=r"its input is tensor\(\w+\), must be of float32, float16, float64, uint8"
    ):
        load(write_onnx(tmp_path / "m.onnx", *linear, dtype=dtype))


@pytest.mark.parametrize(
    "sizes", [("n", 3, "h", "w"), (None,) * 4, (-1, 3, -1, -1), (-1, 3, HEIGHT, WIDTH)]
)
def test_open_sizes_however_they_are_written(tmp_path, linear, sizes):
    target = load(write_onnx(tmp_path / "m.onnx", *linear, shape=sizes))
    np.testing.assert_allclose(target.probabilities(IMAGES), expected(*linear), atol=1e-4)


def test_weights_in_a_file_beside_it_count(tmp_path, linear):
    weights, bias = linear
    path = write_onnx(tmp_path / "m.onnx", weights, bias, beside="m.onnx.data")
    assert (tmp_path / "m.onnx.data").stat().st_size >= weights.nbytes
    before = load(path)
    np.testing.assert_allclose(before.probabilities(IMAGES), expected(*linear), atol=1e-4)
    content = path.read_bytes()
    (tmp_path / "m.onnx.data").unlink()  # which would be added to
    write_onnx(path, weights * 2, bias, beside="m.onnx.data")
    assert path.read_bytes() == content
    assert load(path).card["sha256"] != before.card["sha256"]
    (tmp_path / "m.onnx.data").unlink()
    with pytest.raises(InputError, match=r"m\.onnx: onnxruntime cannot load it"):
        load(path)


def test_the_first_of_several_outputs_or_the_one_described(tmp_path, linear):
    path = write_onnx(tmp_path / "m.onnx", *linear)
    model = onnx.load(str(path))
    model.graph.node.append(onnx.helper.make_node("Neg", ["y"], ["opposite"]))
    model.graph.output.append(
        onnx.helper.make_tensor_value_info("opposite", onnx.TensorProto.FLOAT, ("n", 3))
    )
    onnx.save(model, str(path))
    first = load(path)
    assert (first.predict(IMAGES) == LABELS).mean() > 0.95
    path.with_suffix(".json").write_text(json.dumps({"output": "opposite"}), encoding="utf-8")
    named = load(path)
    np.testing.assert_array_equal(named.probabilities(IMAGES).argmin(axis=1), first.predict(IMAGES))
    assert named.card["sha256"] != first.card["sha256"]


def test_two_inputs_are_refused_by_name(tmp_path, linear):
    path = write_onnx(tmp_path / "m.onnx", *linear)
    model = onnx.load(str(path))
    model.graph.input.append(onnx.helper.make_tensor_value_info("mask", onnx.TensorProto.FLOAT, ("n",)))
    onnx.save(model, str(path))
    with pytest.raises(InputError, match=r"must have one input, has 2 \(x, mask\)"):
        load(path)


def test_more_outputs_than_the_data_set_has_classes(tmp_path, linear):
    weights, bias = linear
    weights, bias = np.vstack([weights, weights[:1] - 1]), np.append(bias, -50).astype(np.float32)
    path = write_onnx(tmp_path / "m.onnx", weights, bias)
    names = ["blue", "green", "red", "teal"]
    path.with_suffix(".json").write_text(json.dumps({"classes": names}), encoding="utf-8")
    target = iqa.load_target(str(path), class_names=["red", "blue"])
    shares = target.probabilities(IMAGES)
    assert shares.shape == (len(IMAGES), 4)  # answers count over all outputs, the data set's classes first
    np.testing.assert_allclose(shares, expected(weights, bias)[:, [2, 0, 1, 3]], atol=1e-4)


def test_the_card_tells_runtime_and_answers(tmp_path, linear):
    import onnxruntime

    path = write_onnx(tmp_path / "m.onnx", *linear)
    target = load(path)
    assert target.card["runtime"] == f"onnxruntime {onnxruntime.__version__}"
    target.predict(IMAGES[:1])
    assert target.card["answers"].startswith(f"{HEIGHT}x{WIDTH}x3:")
    weights, bias = linear
    other = load(write_onnx(tmp_path / "other.onnx", weights[::-1].copy(), bias))
    other.predict(IMAGES[:1])
    assert other.card["answers"] != target.card["answers"]
