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


@pytest.mark.parametrize("sizes", [("n", 3, "h", "w"), (None,) * 4, (-1, 3, -1, -1), (-1, 3, HEIGHT, WIDTH)])
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
    with pytest.raises(InputError, match=r"m\.onnx: there is no file 'm\.onnx\.data' beside it"):
        load(path)


def refer(path, location):
    """Let the weights of an ONNX file lie in ``location``."""
    model = onnx.load(str(path))
    weights = model.graph.initializer[0]
    content = weights.raw_data
    weights.ClearField("raw_data")
    weights.data_location = onnx.TensorProto.EXTERNAL
    for key, value in ("location", location), ("offset", "0"), ("length", str(len(content))):
        weights.external_data.add(key=key, value=value)
    path.write_bytes(model.SerializeToString())
    return content


def test_weights_in_a_folder_beside_it_count(tmp_path, linear):
    path = write_onnx(tmp_path / "m.onnx", *linear)
    content = refer(path, "weights/w.bin")
    (tmp_path / "weights").mkdir()
    cards = []
    for sign in 1, -1:
        (tmp_path / "weights" / "w.bin").write_bytes((sign * np.frombuffer(content, "f4")).tobytes())
        target = load(path)
        np.testing.assert_allclose(
            target.probabilities(IMAGES), expected(sign * linear[0], linear[1]), atol=1e-4
        )
        cards.append(target.card["sha256"])
    assert cards[0] != cards[1]


@pytest.mark.parametrize(
    "location", ["../w.bin", "weights/../../w.bin", "/{0}/w.bin", "*/_ORT_MEM_ADDR_/*", ""]
)
def test_weights_elsewhere_are_refused_by_name(tmp_path, linear, location):
    (tmp_path / "models" / "weights").mkdir(parents=True)
    path = write_onnx(tmp_path / "models" / "m.onnx", *linear)
    location = location.format(tmp_path)
    (tmp_path / "w.bin").write_bytes(refer(path, location))
    words = "must keep them in its own folder" if location else "there is no file '' beside it"
    with pytest.raises(InputError, match=words) as error:
        load(path)
    assert repr(location) in str(error.value)
    assert "\n" not in str(error.value)


def test_weights_within_an_if_count_too(tmp_path, linear):
    path = write_onnx(tmp_path / "m.onnx", *linear)
    model = onnx.load(str(path))
    graph = onnx.GraphProto(name="branch")
    graph.initializer.add(name="inner", data_location=onnx.TensorProto.EXTERNAL).external_data.add(
        key="location", value="/etc/hostname"
    )
    branch = onnx.helper.make_attribute("then_branch", graph)
    model.graph.node.append(onnx.helper.make_node("If", ["condition"], []))
    model.graph.node[-1].attribute.append(branch)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match="refers to weights in '/etc/hostname'"):
        load(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda model: setattr(model, "ir_version", 99),
            r"\(Unsupported model IR version: 99, max supported",
        ),
        (lambda model: setattr(model.opset_import[0], "version", 999), r"opset\D*999|[Oo]pset 999"),
        (lambda model: setattr(model.graph.node[0], "op_type", "Dream"), "No Op registered for Dream"),
        (lambda model: model.graph.node[1].input.__setitem__(0, "none"), "Node input 'none' is not"),
    ],
)
def test_what_onnxruntime_does_not_know(tmp_path, linear, change, words, capfd):
    path = write_onnx(tmp_path / "m.onnx", *linear)
    model = onnx.load(str(path))
    change(model)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match=words) as error:
        load(path)
    assert str(error.value).startswith(f"{path}: onnxruntime cannot load it (")
    assert "\n" not in str(error.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("nodes", "kind"),
    [
        ([("SequenceConstruct", ["x"], ["y"], {})], "seq(tensor(float))"),
        ([("ArgMax", ["x"], ["y"], {"axis": 1})], "tensor(int64)"),
    ],
)
def test_outputs_that_are_no_floats_are_refused_by_name(tmp_path, linear, nodes, kind):
    path = write_onnx(tmp_path / "m.onnx", *linear)
    model = onnx.load(str(path))
    model.graph.node[-1].output[0] = "shares"
    model.graph.node.extend(onnx.helper.make_node(op, *names, **more) for op, *names, more in nodes)
    del model.graph.output[:]
    for name in "y", "shares":
        model.graph.output.add(name=name)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InputError) as error:
        load(path)
    assert f"its output y is {kind}, must be a tensor of floats; output in its description" in str(
        error.value
    )
    path.with_suffix(".json").write_text(json.dumps({"output": "shares"}), encoding="utf-8")
    np.testing.assert_allclose(load(path).probabilities(IMAGES), expected(*linear), atol=1e-4)


def test_a_batch_of_one_and_nothing_on_the_error_output(tmp_path, linear, capfd):
    target = load(write_onnx(tmp_path / "m.onnx", *linear, shape=(1, 3, HEIGHT, WIDTH)))
    np.testing.assert_allclose(target.probabilities(IMAGES), expected(*linear), atol=1e-4)
    assert capfd.readouterr() == ("", "")


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
