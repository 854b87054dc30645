#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Models of other kinds than an output for each class: one output, more outputs, live modules."""

import json
import sys
import textwrap
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.errors import InputError

sys.path.insert(0, str(Path(__file__).parent))
from own_models import CLASSES, HEIGHT, WIDTH, patches, trained, write_onnx

IMAGES, LABELS = patches(24)
LOGITS = IMAGES.transpose(0, 3, 1, 2).reshape(24, -1) / 255 @ trained()[0].T.astype(float) + trained()[1]


def linear(weights, bias, last=()):
    """Return a torch module: flatten, matrix, bias."""
    layers = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(weights.shape[1], len(bias)), *last)
    with torch.no_grad():
        layers[1].weight.copy_(torch.from_numpy(weights))
        layers[1].bias.copy_(torch.from_numpy(bias))
    return layers


def blue_or_red(last=()):
    """Return a module whose one output is the logit of "red" against "blue"."""
    weights, bias = trained()
    return linear(weights[2:] - weights[:1], bias[2:] - bias[:1], last)


def save(path, module, **description):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer torch recommends torch.export
        torch.jit.save(torch.jit.trace(module.eval(), torch.zeros(2, 3, HEIGHT, WIDTH)), str(path))
    if description:
        path.with_suffix(".json").write_text(json.dumps(description), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("binary", "last"),
    [
        ("logit", ()),
        ("probability", (torch.nn.Sigmoid(),)),
        ("logit", (torch.nn.Flatten(0),)),  # [N] instead of [N, 1]
    ],
)
def test_one_output_for_the_second_of_two_classes(tmp_path, binary, last):
    path = save(tmp_path / "m.pt", blue_or_red(last), binary=binary)
    target = iqa.load_target(path, class_names=("blue", "red"))
    expected = 1 / (1 + np.exp(LOGITS[:, 0] - LOGITS[:, 2]))
    np.testing.assert_allclose(target.probabilities(IMAGES)[:, 1], expected, atol=1e-5)
    chosen = LABELS != 1
    assert (target.predict(IMAGES[chosen]) == LABELS[chosen] // 2).all()
    named = save(tmp_path / "n.pt", blue_or_red(last), binary=binary, classes=["red", "blue"])
    turned = iqa.load_target(named, class_names=("blue", "red"))  # its second class is "blue"
    np.testing.assert_allclose(turned.probabilities(IMAGES)[:, 0], expected, atol=1e-5)


def test_what_is_wrong_with_one_output(tmp_path):
    plain = iqa.load_target(save(tmp_path / "m.pt", blue_or_red()), class_names=("blue", "red"))
    with pytest.raises(InputError, match=r'single output.*"binary": "logit"'):
        plain.predict(IMAGES)
    logit = save(tmp_path / "n.pt", blue_or_red(), binary="probability")
    with pytest.raises(InputError, match=r'no probability: say "logit"'):
        iqa.load_target(logit, class_names=("blue", "red")).predict(IMAGES)
    three = save(tmp_path / "o.pt", linear(*trained()), binary="logit")
    with pytest.raises(InputError, match="one output is for two classes"):
        iqa.load_target(three, class_names=CLASSES)
    with pytest.raises(InputError, match=r"one number for each image, gives \[32, 3\]"):
        iqa.load_target(three, class_names=CLASSES[:2]).predict(IMAGES)
    with pytest.raises(InputError, match="binary must be one of logit, probability"):
        iqa.load_target(save(tmp_path / "p.pt", blue_or_red(), binary="yes"), class_names=("a", "b"))


def test_a_live_module_with_preprocessing_of_its_own():
    module = linear(*trained())
    module.train()
    plain = iqa.UserClassifier.from_module(module, class_names=CLASSES)
    assert (plain.predict(IMAGES) == LABELS).all()
    seen = []

    def prepare(picture):
        seen.append(picture.shape)
        return torch.from_numpy(picture[:HEIGHT, :WIDTH, ::-1].copy()).permute(2, 0, 1) / 255.0

    own = iqa.UserClassifier.from_module(module, prepare, CLASSES, name="mine")
    sizes = [np.pad(image, ((0, n), (0, 2 * n), (0, 0))) for n, image in enumerate(IMAGES)]
    turned = own.predict(sizes)  # blue and red exchanged, whatever the size
    assert (turned == 2 - LABELS).all()
    assert own.name == "mine"
    assert (HEIGHT + 23, WIDTH + 46, 3) in seen
    assert own.card["answers"] != plain.card["answers"]
    with pytest.raises(InputError, match=r"must be a torch\.nn\.Module, got a function"):
        iqa.UserClassifier.from_module(prepare, class_names=CLASSES)
    broken = iqa.UserClassifier.from_module(module, lambda picture: picture.no_such(), CLASSES)
    with pytest.raises(InputError, match=r"module: its preprocessing fails \(AttributeError"):
        broken.predict(IMAGES)


def test_a_callable_returns_module_and_preprocessing(tmp_path, monkeypatch):
    weights, bias = trained()
    np.savez(tmp_path / "w.npz", weights=weights, bias=bias)
    (tmp_path / "pair_model.py").write_text(
        textwrap.dedent(
            """
            import numpy as np
            import torch
            from pathlib import Path

            def prepare(picture):
                return torch.from_numpy(picture[:, :, ::-1].copy()).permute(2, 0, 1) / 255.0

            def make():
                kept = np.load(Path(__file__).parent / "w.npz")
                net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(*kept["weights"].shape[::-1]))
                net[1].load_state_dict({k: torch.from_numpy(kept[n]) for k, n in
                                        (("weight", "weights"), ("bias", "bias"))})
                return net, prepare
            """
        ),
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    target = iqa.load_target("pair_model:make", class_names=CLASSES)
    assert (target.predict(IMAGES) == 2 - LABELS).all()
    sys.modules.pop("pair_model", None)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("names", "{0: 'red', 1: 'blue', 2: 'teal', 3: 'green'}"),
        ("classes", '["red", "blue", "teal", "green"]'),
        ("id2label", '{"0": "red", "1": "blue", "2": "teal", "3": "green"}'),
        ("labels", "red\nblue\nteal\ngreen\n"),
        ("class_names", "red, blue, teal, green"),
    ],
)
def test_names_of_more_outputs_from_the_files_metadata(tmp_path, key, text):
    onnx = pytest.importorskip("onnx", reason="no onnx (Debian package python3-onnx)")
    pytest.importorskip("onnxruntime", reason="no onnxruntime (./aeiqa test installs it)")
    weights, bias = trained()
    order = [2, 0, 0, 1]
    path = write_onnx(tmp_path / "m.onnx", weights[order], bias[order] - np.float32([0, 0, 9, 0]))
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, {key: text})
    path.write_bytes(model.SerializeToString())
    target = iqa.load_target(str(path), class_names=("blue", "green"))  # pictures of some of its classes
    assert target.probabilities(IMAGES).shape == (24, 4)
    assert (target.predict(IMAGES[LABELS < 2]) == LABELS[LABELS < 2]).all()
    with pytest.raises(InputError, match="its metadata lack the data set's class 'violet'"):
        iqa.load_target(str(path), class_names=("blue", "violet"))
