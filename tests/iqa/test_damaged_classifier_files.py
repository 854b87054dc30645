#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Classifiers' files cut short or with changed bytes answer, or are refused in one line."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.errors import InputError

pytest.importorskip("torch", reason="no torch (Debian package python3-torch)")
sys.path.insert(0, str(Path(__file__).parent))
from own_models import CLASSES, HEIGHT, WIDTH, patches, trained, write_onnx, write_torchscript

HAS_ONNX = all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime"))
needs_onnx = pytest.mark.skipif(not HAS_ONNX, reason="no onnx or onnxruntime")
CUTS, CHANGES = 12, 24

# Loads files without a child process of their own, and prints a line before and after each.
LOADER = f"""
import sys
from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.errors import InputError
from own_models import patches
images = patches(6)[0]
for path in sys.argv[1:]:
    print("file", path, flush=True)
    try:
        shares = iqa.load_target(path, class_names={CLASSES}).probabilities(images)
        print("answers", *shares.shape, abs(shares.sum(axis=1) - 1).max() < 1e-3, flush=True)
    except InputError as error:
        print("refused", repr(str(error)), flush=True)
"""


def damaged(content):
    """Yield the content cut short, then with a byte or four changed, the same every time."""
    rng = np.random.default_rng(11)
    for length in np.sort(rng.integers(0, len(content), CUTS)):
        yield content[:length]
    for number in range(CHANGES):
        changed = bytearray(content)
        # As often near the ends, where formats keep their structure, as anywhere.
        reach = (len(content), 200, 200)[number % 3]
        for at in rng.integers(0, min(reach, len(content)), 1 + 3 * (number % 2)):
            changed[-at - 1 if number % 3 == 2 else at] ^= int(rng.integers(1, 256))
        yield bytes(changed)


def loaded(paths, monkeypatch):
    """Load files in one process; return (number of answers, refusals, files at which the process ended)."""
    monkeypatch.setenv("AEIQA_PROBE", "1")
    left, answers, refusals, ended = list(map(str, paths)), 0, [], []
    while left:
        child = subprocess.run(
            [sys.executable, "-W", "error", "-c", LOADER, *left],
            capture_output=True,
            text=True,
            timeout=300,
            cwd=Path(__file__).parent,
        )
        lines = child.stdout.splitlines()
        begun = [line for line in lines if line.startswith("file ")]
        answers += lines.count(f"answers 6 {len(CLASSES)} True")
        refusals += [line for line in lines if line.startswith("refused ")]
        if len(lines) == 2 * len(begun) == 2 * len(left):
            break
        assert child.returncode < 0, child.stderr  # a crash, and no exception
        ended.append(Path(left[len(begun) - 1]))
        left = left[len(begun) :]
    monkeypatch.delenv("AEIQA_PROBE")
    return answers, refusals, ended


def check(paths, monkeypatch):
    answers, refusals, ended = loaded(paths, monkeypatch)
    assert answers + len(refusals) + len(ended) == len(paths)
    assert not [text for text in refusals if "\\n" in text]
    assert len(refusals) >= CUTS  # so they were damaged
    for path in ended:  # as a user loads it: the child process crashes, and not the command
        with pytest.raises(InputError, match="its interpreter crashes"):
            iqa.load_target(str(path), class_names=CLASSES).predict(patches(6)[0])


def written(folder, content, suffix):
    """Write a damaged file of each kind into a folder of its own, and return their paths."""
    paths = []
    for number, changed in enumerate(damaged(content)):
        path = folder / f"{number:02}{suffix}"
        path.write_bytes(changed)
        paths.append(path)
    return paths


@needs_onnx
def test_a_damaged_onnx_file(tmp_path, monkeypatch):
    content = write_onnx(tmp_path / "m.onnx", *trained()).read_bytes()
    check(written(tmp_path, content, ".onnx"), monkeypatch)


@needs_onnx
def test_damaged_weights_beside_an_onnx_file(tmp_path, monkeypatch):
    path = write_onnx(tmp_path / "m.onnx", *trained(), beside="weights.bin")
    content = (tmp_path / "weights.bin").read_bytes()
    (tmp_path / "weights.bin").write_bytes(content[: len(content) // 2])
    answers, refusals, ended = loaded([path], monkeypatch)
    assert (answers, len(refusals), ended) == (0, 1, [])


def test_a_damaged_torchscript_file(tmp_path, monkeypatch):
    content = write_torchscript(tmp_path / "m.pt", *trained()).read_bytes()
    check(written(tmp_path, content, ".pt"), monkeypatch)


def test_a_damaged_description(tmp_path, monkeypatch):
    content = write_torchscript(tmp_path / "m.pt", *trained()).read_bytes()
    description = {"size": [HEIGHT, WIDTH], "colour": "rgb", "mean": [0, 0, 0], "classes": list(CLASSES)}
    paths = written(tmp_path, json.dumps(description).encode(), ".json")
    for path in paths:
        path.with_suffix(".pt").write_bytes(content)
    check([path.with_suffix(".pt") for path in paths], monkeypatch)
