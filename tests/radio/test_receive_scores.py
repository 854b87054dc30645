#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""receive --score: every score prints its figure or is refused at once; only a stranger's images get none."""

import importlib.util
import json
import re
import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")

from gnuradio.aeiqa import InputError, iqa
from gnuradio.aeiqa.images import load_dataset

APPS = Path(__file__).parents[2] / "apps"
COUNT = 12
MNIST = load_dataset("mnist").images[:COUNT]


def command(name):
    spec = importlib.util.spec_from_file_location(f"{name}_app", APPS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def main(*argv):
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            return module.main([str(part) for part in argv])
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    return main


receive, transmit = command("receive"), command("transmit")


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """The first test images, as they are sent."""
    path = tmp_path_factory.mktemp("air") / "digits"
    assert transmit("--to", f"sigmf:{path}", "--images", COUNT) == 0
    return path


@pytest.fixture(scope="module")
def strangers(tmp_path_factory):
    """Pictures of another size."""
    folder = tmp_path_factory.mktemp("strangers")
    for number in range(3):
        Image.fromarray(np.full((20, 24), 80 * number, np.uint8)).save(folder / f"{number}.png")
    path = folder / "recording"
    assert transmit("--to", f"sigmf:{path}", "--dataset", folder, "--images", 3) == 0
    return path


def test_help_lists_every_score(capsys):
    with pytest.raises(SystemExit):
        receive("--help")
    text = " ".join(capsys.readouterr().out.split())
    listed = re.search(r"--score NAME score the images: one of ([\w, -]+) \(default: none\)", text)[1]
    assert listed.split(", ") == list(iqa.SCORES)


@pytest.mark.parametrize("name", iqa.SCORES)
def test_every_score_prints_its_figure_or_is_refused_at_once(name, recording, tmp_path, capsys):
    log = tmp_path / "rx.jsonl"
    arguments = ["--from", f"sigmf:{recording}", "--dataset", "mnist", "--score", name, "--log", log]
    if not iqa.SCORES[name].pools:
        with pytest.raises(InputError, match=f"--score {name}: compares whole sets"):
            receive(*arguments)
        assert not log.exists()
        return
    assert receive(*arguments) == 0
    last = capsys.readouterr().err.splitlines()[-1]
    assert f"received {COUNT} images ({COUNT} perfect)" in last
    target = iqa.load_target("paper")
    answers, expected = iqa.Judge(target, iqa.load_score(name, target))(MNIST, MNIST)
    low, high = expected.interval
    assert f"predicted error {expected.error_pct:.1f} % ({low:.1f} to {high:.1f})" in last
    rows = [row for row in map(json.loads, log.read_text().splitlines()) if "index" in row]
    assert [row["prediction"] for row in rows] == answers.classes.tolist()
    assert [row["score"] for row in rows] == [round(value, 6) for value in expected.per_image.tolist()]


@pytest.mark.parametrize("options", [["--score", "blind"], ["--score", "ssim", "--dataset", "mnist"]])
def test_a_strangers_images_are_counted_and_not_scored(options, strangers, tmp_path, capsys):
    log = tmp_path / "rx.jsonl"
    assert receive("--from", f"sigmf:{strangers}", "--log", log, *options) == 0
    last = capsys.readouterr().err.splitlines()[-1]
    assert "received 3 images (3 perfect)" in last
    assert "3 of another shape not scored" in last
    assert "predicted error" not in last
    rows = [row for row in map(json.loads, log.read_text().splitlines()) if "index" in row]
    assert len(rows) == 3
    assert not any("score" in row or "prediction" in row for row in rows)


def test_larger_images_than_are_expected_are_refused_and_counted(strangers, tmp_path, capsys):
    few = tmp_path / "few.npz"
    np.savez(few, images=np.zeros((3, 10, 40), np.uint8))  # the strangers have 20 x 24 pixels
    assert receive("--from", f"sigmf:{strangers}", "--dataset", few) == 0
    assert "received 0 images (0 perfect), missed 0, 3 frames, 3 of images too large" in last_line(capsys)
    np.savez(few, images=np.zeros((3, 20, 24), np.uint8))
    assert receive("--from", f"sigmf:{strangers}", "--dataset", few) == 0
    assert "received 3 images (3 perfect), missed 0" in last_line(capsys)


def last_line(capsys):
    return capsys.readouterr().err.splitlines()[-1]


def test_what_else_goes_wrong_ends_the_command(recording, monkeypatch):
    """Not a stranger's image, but a target that is of no use."""
    nothing = np.full((1, 10), np.nan, np.float32)
    monkeypatch.setattr(iqa.Target, "probabilities", lambda self, images: nothing.repeat(len(images), axis=0))
    with pytest.raises(InputError, match="target paper: probabilities must be finite"):
        receive("--from", f"sigmf:{recording}", "--score", "blind")
