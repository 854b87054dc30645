#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A torch module that a Python callable returns, as a target: from Python and from the command lines."""

import csv
import json
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.errors import InputError

sys.path.insert(0, str(Path(__file__).parent))
from own_models import CLASSES, HEIGHT, WIDTH, patches, run, trained, write_folder

HEAD = """
    from pathlib import Path
    import numpy as np
    import torch
    from torch import nn

    def net(classes=3, bias=None):
        folder = Path(__file__).parent
        layers = nn.Sequential(nn.Flatten(), nn.Linear({inputs}, classes))
        with torch.no_grad():
            layers[1].weight.copy_(torch.from_numpy(np.load(folder / "weights.npy")[[0, 1, 2, 0][:classes]]))
            layers[1].bias.copy_(torch.from_numpy(np.load(folder / "bias.npy")[[0, 1, 2, 0][:classes]]))
        return layers
"""


@pytest.fixture
def write_module(tmp_path, monkeypatch):
    """Write a Python module beside its weights, in what becomes the current folder."""
    weights, bias = trained()
    np.save(tmp_path / "weights.npy", weights)
    np.save(tmp_path / "bias.npy", bias)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    written = []

    def write(name, more=""):
        text = textwrap.dedent(HEAD.format(inputs=3 * HEIGHT * WIDTH)) + textwrap.dedent(more)
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        written.append(name)
        return tmp_path

    yield write
    for name in written:
        sys.modules.pop(name, None)


def load(name):
    return iqa.load_target(name, class_names=CLASSES)


def test_outputs_are_those_of_the_formula(write_module):
    write_module("plain_net")
    weights, bias = trained()
    target = load("plain_net:net")
    images, labels = patches(40)
    logits = images.transpose(0, 3, 1, 2).reshape(40, -1) / 255 @ weights.T.astype(float) + bias
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(target.probabilities(images), expected, atol=1e-5)
    assert (target.predict(images) == labels).mean() > 0.95
    assert target.name == "plain_net:net"


def test_the_description_beside_the_module(write_module):
    folder = write_module("told_net")
    images, _ = patches(12)
    plain = load("told_net:net")
    expected = plain.probabilities(images)[:, [1, 2, 0]]
    description = {"classes": ["red", "blue", "green"], "size": [HEIGHT, WIDTH]}
    (folder / "told_net.json").write_text(json.dumps(description), encoding="utf-8")
    told = load("told_net:net")
    np.testing.assert_allclose(told.probabilities(images), expected, rtol=1e-5)
    larger, labels = patches(12, height=2 * HEIGHT, width=3 * WIDTH)
    assert told.predict(larger).shape == labels.shape
    assert told.card["sha256"] != plain.card["sha256"]


def test_other_weights_are_another_model(write_module):
    folder = write_module("digest_net")
    before = load("digest_net:net").card["sha256"]
    assert load("digest_net:net").card["sha256"] == before
    np.save(folder / "bias.npy", np.load(folder / "bias.npy") + 1)
    assert load("digest_net:net").card["sha256"] != before


def test_an_instance_needs_no_call_and_is_put_into_inference(write_module):
    write_module("ready_net", "ready = nn.Sequential(nn.Dropout(0.9), net()).train()")
    images, labels = patches(30)
    assert (load("ready_net:ready").predict(images) == labels).mean() > 0.95


BROKEN = """
    def needs(size): return net()
    def breaks(): raise RuntimeError("first line\\nno weights here")
    def gives_dict(): return dict()
    def forgets(): return nn.Sequential(nn.Flatten(), nn.Linear({inputs}, 3))
    def maps(): return nn.ReLU()
    def pair():
        class Pair(nn.Module):
            def forward(self, x): return x, x
        return Pair()
    def nan():
        layers = net()
        layers[1].bias.data.fill_(float("nan"))
        return layers
    def four(): return net(4)
    def five_channels():
        layer = nn.Conv2d(5, 3, 3, bias=False)
        nn.init.ones_(layer.weight)
        return layer
    def weightless(): return nn.Sequential(nn.Flatten(), nn.Linear({inputs}, 3, device="meta"))
    def not_made():
        layers = net()
        layers[1].bias = nn.UninitializedParameter()
        return layers
    number = 3
""".replace("{inputs}", str(3 * HEIGHT * WIDTH))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no_such_module_here:net", "target no_such_module_here:net: no module no_such_module_here in "),
        ("broken_net.inner:net", "no module broken_net.inner in"),
        ("broken_net:nets", "no callable in broken_net: there is none of that name; it has net, needs"),
        ("broken_net:number", "no callable in broken_net: it is of type int; it has net"),
        ("broken_net:needs", r"calling it with no argument fails \(TypeError: needs\(\) missing 1 required"),
        ("broken_net:breaks", r"calling it with no argument fails \(RuntimeError: no weights here\)"),
        ("broken_net:gives_dict", "returns a dict, no torch.nn.Module"),
        ("broken_net:forgets", "it has to load trained weights"),
        ("broken_net:weightless", r"its weights cannot be read \(NotImplementedError: Cannot copy"),
        ("broken_net:not_made", r"its weights cannot be read \("),
        ("broken_net:maps", r"no classifier, .* \[N, classes\]: it gives float32 \[32, 3, 12, 16\]"),
        ("broken_net:pair", "its output is a tuple, no tensor"),
        ("broken_net:nan", "its output is not finite for 16 of 16 images"),
        ("broken_net:four", "broken_net:four: knows 4 classes, the data set has 3"),
        ("broken_net:five_channels", r"cannot read images as \[32, 3, 12, 16\] \("),
        ("broken-net:net", "or MODULE:CALLABLE of Python, got 'broken-net:net'"),
        ("broken_net:", "or MODULE:CALLABLE of Python, got 'broken_net:'"),
    ],
)
def test_what_is_no_classifier(write_module, name, words):
    write_module("broken_net", "" if name.startswith("broken_net.") else BROKEN)
    with pytest.raises(InputError, match=words) as error:
        load(name).predict(patches(6)[0])
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("import no_such_package_at_all", r"cannot be imported \(No module named 'no_such_package_at_all'\)"),
        ("raise SystemExit('train me first')", r"cannot be imported \(SystemExit: train me first\)"),
        ("def (", r"cannot be imported \(SyntaxError: invalid syntax"),
    ],
)
def test_modules_that_cannot_be_imported(write_module, more, words):
    name = f"sick_net_{len(more)}"
    write_module(name, more)
    with pytest.raises(InputError, match=words) as error:
        load(f"{name}:net")
    assert "\n" not in str(error.value)


def test_trained_swept_and_evaluated_from_the_command_line(write_module):
    folder = write_module("my_net")
    write_folder(folder / "to_train", 2000)
    write_folder(folder / "my_pictures", 200, seed=5)
    options = ["--target", "my_net:net", "--dataset"]
    done = run("train.py", *options, "to_train", "--out", "my_models", "--epochs", "3", cwd=folder)
    assert done.returncode == 0, done.stderr
    clean, file = done.stdout.splitlines()
    assert clean.startswith("Clean error of my_net:net on the pictures of the fit: 0.00 % (0 of ")
    assert file == "my_models/fit-my_net:net.npz"
    options += ["my_pictures", "--models", "my_models"]
    links = ["--preset", "physical", "--modulations", "qam16", "--snr", "0,30", "--channels", "awgn"]
    done = run("sweep.py", *options, *links, "--no-report", "--workers", "1", "--out", "swept", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    done = run("evaluate.py", *options, "--images", "60", "--links", "physical", "--workers", "1",
               "--scores", "reference,blind,confidence", "--out", "evaluated", cwd=folder)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "Which score to trust: my_pictures, physical links: 32 links\n  my_net:net: " in done.stdout
    with open(folder / "evaluated" / "evaluation.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["target"] for row in rows} == {"my_net:net"}
    assert {row["score"] for row in rows} == {"reference", "blind", "confidence"}
    at_15_db = [float(row["true_error_pct"]) for row in rows if row["snr_db"] == "15"]
    assert min(at_15_db) < 10
    described = json.loads((folder / "evaluated" / "run.json").read_text(encoding="utf-8"))["configuration"]
    assert described["targets"] == ["my_net:net"]
    done = run("report.py", "evaluated", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "Classified by my_net:net" in (folder / "evaluated" / "report.html").read_text(encoding="utf-8")
    # A fit is to these weights.
    np.save(folder / "bias.npy", np.load(folder / "bias.npy") + 1)
    done = run("evaluate.py", *options, "--out", "other", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.endswith("fitted to another model my_net:net than the one here; train again\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("app", "target", "words"),
    [
        ("train.py", "away_net:net", ": no module away_net in "),
        ("sweep.py", "lost_net:nets", ": no callable in lost_net: there is none of that name"),
        ("evaluate.py", "lost_net:gives_dict", ": returns a dict, no torch.nn.Module"),
        ("receive.py", "lost_net:four", ": knows 4 classes, the data set has 3"),
    ],
)
def test_every_command_tells_in_one_line(write_module, app, target, words):
    folder = write_module("lost_net", BROKEN)
    write_folder(folder / "pictures", 6)
    options = ["--target", target, "--dataset", "pictures"]
    options += [] if app in ("train.py", "sweep.py") else ["--models", "models"]
    options += ["--from", "zmq:tcp://localhost:1", "--score", "blind"] if app == "receive.py" else []
    done = run(app, *options, cwd=folder)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("app", ["evaluate.py", "receive.py"])
def test_models_of_an_user_classifier_have_to_be_named(write_module, app):
    folder = write_module("my_net")
    write_folder(folder / "pictures", 6)
    radio = ["--from", "zmq:tcp://localhost:1", "--score", "blind"] if app == "receive.py" else []
    done = run(app, "--target", "my_net:net", "--dataset", "pictures", *radio, cwd=folder)
    assert done.returncode == 2
    assert done.stderr == (
        f"aeiqa {app.removesuffix('.py')}: target my_net:net: --models has to name the folder of its scores; "
        "./aeiqa train --target my_net:net --dataset PICTURES --out DIR makes one\n"
    )
