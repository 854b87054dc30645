#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A classifier that others trained: of a text line's orientation, PaddleOCR's in rapidocr-onnxruntime."""

import importlib.util
import json
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from gnuradio.aeiqa import iqa

onnxruntime = pytest.importorskip("onnxruntime", reason="no onnxruntime (pip install onnxruntime)")
pytest.importorskip("onnx", reason="no onnx (Debian package python3-onnx)")
PACKAGE = importlib.util.find_spec("rapidocr_onnxruntime")
if PACKAGE is None:
    pytest.skip(
        "no rapidocr-onnxruntime (pip install --no-deps rapidocr-onnxruntime)", allow_module_level=True
    )
FILE = Path(PACKAGE.submodule_search_locations[0]) / "models" / "ch_ppocr_mobile_v2.0_cls_infer.onnx"
HEIGHT, WIDTH = 48, 192
WORDS = ["signal", "carrier", "phase", "noise", "image", "symbol", "packet", "antenna", "channel", "filter"]


def lines_of_text(count):
    """Return pictures, uint8 [N, 48, 192, 3], of two words each in many colours, cut to the text."""
    rng = np.random.default_rng(4)
    file = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    font = ImageFont.truetype(str(file), 40)
    pictures = []
    for _ in range(count):
        background, ink = rng.integers(180, 256, 3), rng.integers(0, 90, 3)
        text = " ".join(rng.choice(WORDS, 2, replace=False))
        left, top, right, bottom = font.getbbox(text)
        size = right - left + 8, bottom - top + 8
        picture = Image.new("RGB", size, tuple(map(int, background)))
        ImageDraw.Draw(picture).text((4 - left, 4 - top), text, tuple(map(int, ink)), font)
        pictures.append(np.asarray(picture.resize((WIDTH, HEIGHT))))
    return np.stack(pictures)


def test_the_orientation_of_lines_of_text(tmp_path):
    path = tmp_path / "orientation.onnx"
    path.symlink_to(FILE)
    description = {"size": [HEIGHT, WIDTH], "mean": 0.5, "std": 0.5, "classes": ["0", "180"]}
    path.with_suffix(".json").write_text(json.dumps(description), encoding="utf-8")
    target = iqa.load_target(str(path), class_names=["0", "180"])
    upright = lines_of_text(24)
    images = np.concatenate([upright, upright[:, ::-1, ::-1]])

    session = onnxruntime.InferenceSession(str(FILE), providers=["CPUExecutionProvider"])
    inputs = (images.transpose(0, 3, 1, 2) / np.float32(255) - np.float32(0.5)) / np.float32(0.5)
    (expected,) = session.run(None, {session.get_inputs()[0].name: inputs})
    np.testing.assert_allclose(target.probabilities(images), expected, atol=1e-4)
    turned = target.predict(images).reshape(2, -1)
    assert (turned == [[0], [1]]).mean(axis=1).min() > 0.8
