#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Recordings: by the specification, and as other software reads and writes them."""

import hashlib
import json

import numpy as np
import pytest
from gnuradio import blocks, gr

from gnuradio.aeiqa import InputError
from gnuradio.aeiqa.radio import RadioSettings, open_sink, open_source
from gnuradio.aeiqa.radio.sigmf import ImageNote, read_meta, write_meta


def record(name, samples):
    """Write samples as a recording with two images in it; return the notes."""
    graph = gr.top_block()
    graph.connect(blocks.vector_source_c(samples.tolist()), open_sink(f"sigmf:{name}", RadioSettings()))
    graph.run()
    del graph
    notes = [
        ImageNote(1000, 500, np.full((4, 4), 7, np.uint8), 12, 3, 4, {"snr_db": 21.5}),
        ImageNote(0, 800, np.arange(16, dtype=np.uint8).reshape(4, 4), 11, -1, 2),
    ]
    write_meta(str(name), 2e6, 433.92e6, {"fft_len": 64}, notes)
    return notes


def play(name):
    graph = gr.top_block()
    sink = blocks.vector_sink_c()
    graph.connect(open_source(f"sigmf:{name}", RadioSettings()), sink)
    graph.run()
    return np.array(sink.data(), np.complex64)


@pytest.fixture
def samples():
    return np.random.default_rng(1).normal(size=4000).astype("f4").view("c8")


@pytest.mark.parametrize("suffix", ["", ".sigmf-meta", ".sigmf-data"])
def test_what_was_recorded_is_played(samples, tmp_path, suffix):
    record(tmp_path / "air", samples)
    np.testing.assert_array_equal(play(f"{tmp_path}/air{suffix}"), samples)


def test_annotations_tell_the_images(samples, tmp_path):
    second, first = record(tmp_path / "air", samples)
    meta = read_meta(str(tmp_path / "air"))
    assert [note["core:sample_start"] for note in meta["annotations"]] == [0, 1000]
    for note, image in zip(meta["annotations"], (first, second), strict=True):
        assert note["aeiqa:sha256"] == hashlib.sha256(image.pixels.tobytes()).hexdigest()
        assert note["aeiqa:index"] == image.index
        assert note["aeiqa:shape"] == [4, 4]
    assert "aeiqa:label" not in meta["annotations"][0]
    assert meta["annotations"][1]["aeiqa:label"] == 3
    assert meta["annotations"][1]["aeiqa:snr_db"] == 21.5
    assert meta["annotations"][1]["signal:detail"]["order"] == 16
    assert meta["global"]["aeiqa:ofdm"] == {"fft_len": 64}


def test_a_third_party_reader_takes_it_as_valid(samples, tmp_path):
    sigmf = pytest.importorskip("sigmf", reason="no sigmf (pip install sigmf)")
    record(tmp_path / "air", samples)
    recording = sigmf.sigmffile.fromfile(str(tmp_path / "air.sigmf-meta"))  # checks the digest as well
    recording.validate()
    np.testing.assert_array_equal(recording.read_samples(), samples)
    assert recording.get_global_field("core:sample_rate") == 2e6
    assert recording.get_captures()[0]["core:frequency"] == 433.92e6
    assert [note["core:label"] for note in recording.get_annotations()] == ["image 11", "image 12"]


@pytest.mark.parametrize(
    ("datatype", "dtype", "full_scale"),
    [("ci16_le", "<i2", 32768), ("ci8", "i1", 128), ("cf32_le", "<f4", 1)],
)
def test_recordings_of_others_are_played(tmp_path, datatype, dtype, full_scale):
    numbers = np.array([0, 64, -128, 127, 5, -3], dtype)
    numbers.tofile(tmp_path / "theirs.sigmf-data")
    meta = {"global": {"core:datatype": datatype, "core:version": "1.2.0"}, "captures": [], "annotations": []}
    (tmp_path / "theirs.sigmf-meta").write_text(json.dumps(meta))
    expected = (numbers.astype("f4") / np.float32(full_scale)).view("c8")
    np.testing.assert_allclose(play(tmp_path / "theirs"), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        (None, "no such recording"),
        ("{", "must hold a JSON object"),
        ("[]", "must hold a JSON object"),
        ('{"global": {}}', "no SigMF metadata"),
        ('{"global": {"core:datatype": "x"}, "captures": [], "annotations": []}', "core:datatype must be"),
        ('{"global": {"core:datatype": "cf32_le"}, "captures": [], "annotations": []}', "no such file"),
    ],
)
def test_what_is_no_recording(tmp_path, meta, message):
    if meta is not None:
        (tmp_path / "air.sigmf-meta").write_text(meta)
    with pytest.raises(InputError, match=message):
        open_source(f"sigmf:{tmp_path}/air", RadioSettings())
