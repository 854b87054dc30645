#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Classifiers that change their answers or end the process are refused in one line."""

import sys
import textwrap
import warnings

import numpy as np
import pytest

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.iqa.classifiers import probe

torch = pytest.importorskip("torch", reason="no torch (Debian package python3-torch)")
IMAGES = np.random.default_rng(1).integers(0, 256, (5, 12, 12, 3), dtype=np.uint8)

MODULE = """
    import os, torch
    from pathlib import Path
    from torch import nn

    torch.manual_seed(3)
    body = nn.Sequential(nn.Flatten(), nn.Linear(432, 4))

    class Forgetful(nn.Module):
        def forward(self, x):
            return nn.functional.dropout(body(x), 0.5, training=True)

    class Comparing(nn.Module):
        def forward(self, x):
            y = body(x)
            return y - y.mean(0)

    class Told(nn.Module):
        def forward(self, x):
            return body(x).roll(int((Path(__file__).parent / "shift.txt").read_text()), 1)

    class Tagged(nn.Module):
        def __init__(self):
            super().__init__()
            scale = float((Path(__file__).parent / "shift.txt").read_text())
            self.plain = torch.tensor(scale)
            self.register_buffer("hidden", torch.tensor(scale), persistent=False)
        def forward(self, x):
            return body(x)

    def random(): return nn.Sequential(nn.Flatten(), nn.Linear(432, 4)) if torch.seed() else None
    def crash(): os.abort()
    def leaves(): os._exit(3)
    def quantised():
        scale = float((Path(__file__).parent / "shift.txt").read_text())
        layers = nn.Sequential(nn.Flatten(), nn.Linear(432, 4))
        with torch.no_grad():
            layers[1].weight.copy_(body[1].weight * scale)
        return torch.quantization.quantize_dynamic(layers, {nn.Linear})
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with the module in it."""
    (tmp_path / "odd_net.py").write_text(textwrap.dedent(MODULE), encoding="utf-8")
    (tmp_path / "shift.txt").write_text("1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    sys.modules.pop("odd_net", None)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "Forgetful",
            "answers the same pictures differently each time, or beside other pictures: save it in eval",
        ),
        (
            "Comparing",
            "answers the same pictures differently each time, or beside other pictures: save it in eval",
        ),
        (
            "random",
            "answers the same pictures differently each time it is loaded: it has to load trained weights",
        ),
        ("crash", r"odd_net:crash: its interpreter crashes \(SIGABRT\), tried in a process of its own"),
        ("leaves", r"odd_net:leaves: it ends the program \(status 3\), tried in a process of its own"),
    ],
)
def test_what_changes_its_answers_or_ends_the_process(folder, name, words):
    with pytest.raises(InputError, match=words) as error:
        iqa.load_target(f"odd_net:{name}").predict(IMAGES)
    assert "\n" not in str(error.value)


def test_a_script_traced_in_training_mode_is_refused(tmp_path):
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Dropout(0.5), torch.nn.Linear(432, 4)).train()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer notices it too
        script = torch.jit.trace(module, torch.zeros(2, 3, 12, 12), check_trace=False)
        torch.jit.save(script, str(tmp_path / "m.pt"))
    with pytest.raises(InputError, match="answers the same pictures differently each time"):
        iqa.load_target(str(tmp_path / "m.pt")).predict(IMAGES)


@pytest.mark.parametrize("name", ["Told", "Tagged", "quantised"])
def test_whatever_decides_the_answers_is_in_the_card(folder, name):
    cards = []
    for number in "1", "1", "2":
        (folder / "shift.txt").write_text(number)
        sys.modules.pop("odd_net", None)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # newer torch has another quantiser
            target = iqa.load_target(f"odd_net:{name}")
            target.predict(IMAGES)
        cards.append((target.card["sha256"], target.card["answers"]))
    assert cards[0] == cards[1] != cards[2]


@pytest.mark.parametrize("shape", [(1, 1, 1), (28, 28, 1), (5, 300, 3), (4096, 4096, 3)])
def test_the_fixed_pictures_fit_any_shape(shape):
    fixed = probe.pictures(shape)
    assert fixed.dtype == np.uint8
    assert fixed.shape[1:] == shape
    assert 2 <= len(fixed) <= 16
    assert np.array_equal(fixed, probe.pictures(shape))
    assert fixed.nbytes <= max(1 << 24, 2 * np.prod(shape))
