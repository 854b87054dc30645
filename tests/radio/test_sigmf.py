#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Recordings: by the specification, and as other software reads and writes them."""

import argparse
import fcntl
import hashlib
import io
import json
import tarfile

import numpy as np
import pytest
from gnuradio import blocks, gr

from gnuradio.aeiqa import InputError
from gnuradio.aeiqa.air import AirConfig
from gnuradio.aeiqa.files import read_json
from gnuradio.aeiqa.radio import RadioSettings, open_sink, open_source
from gnuradio.aeiqa.radio.options import add_radio_options, air_settings, radio_settings, recording_of
from gnuradio.aeiqa.radio.recording import Recording, recording_source
from gnuradio.aeiqa.radio.sigmf import ImageNote, ofdm_fields, write_meta

META_OF_EMPTY = b'{"global": {"core:datatype": "ci8"}, "captures": [], "annotations": []}'


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
    write_meta(str(name), 2e6, 433.92e6, {"fft_len": 64}, [note.annotation() for note in notes])
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
    meta = read_json(tmp_path / "air.sigmf-meta")
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
        ('{"global": {"core:datatype": "x"}, "captures": [], "annotations": []}', "core:datatype: must be"),
        ('{"global": {"core:datatype": "cf32_le"}, "captures": [], "annotations": []}', "no such file"),
    ],
)
def test_what_is_no_recording(tmp_path, meta, message):
    if meta is not None:
        (tmp_path / "air.sigmf-meta").write_text(meta)
    with pytest.raises(InputError, match=message):
        open_source(f"sigmf:{tmp_path}/air", RadioSettings())


EVERY = {
    "cf32": (["<f4", ">f4"], 1),
    "cf64": (["<f8", ">f8"], 1),
    "ci16": (["<i2", ">i2"], 2**15),
    "ci32": (["<i4", ">i4"], 2**31),
    "cu16": (["<u2", ">u2"], 2**15),
    "cu32": (["<u4", ">u4"], 2**31),
    "ci8": (["i1"], 2**7),
    "cu8": (["u1"], 2**7),
}


def write(folder, content, name="theirs", data=None, **whole):
    """Write a recording by hand; ``content`` is bytes, or metadata besides ``global``."""
    meta = {"captures": [], "annotations": []} | (content if isinstance(content, dict) else {})
    meta["global"] = {"core:datatype": "ci8", "core:version": "1.2.0"} | whole
    (folder / f"{name}.sigmf-meta").write_text(json.dumps(meta))
    data = data if data is not None else (content if isinstance(content, bytes) else bytes(range(16)))
    (folder / f"{name}.sigmf-data").write_bytes(data)
    return folder / name


@pytest.mark.parametrize("datatype", EVERY)
def test_every_datatype_in_both_orders(tmp_path, datatype):
    dtypes, full_scale = EVERY[datatype]
    for dtype, suffix in zip(dtypes, ("_le", "_be") if len(dtypes) == 2 else ("",), strict=True):
        kind = np.dtype(dtype).kind
        low, high = (-1.5, 1.5) if kind == "f" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        numbers = np.array([low, high, 0 if kind != "u" else full_scale, low, 3, 100]).astype(dtype)
        name = write(tmp_path, numbers.tobytes(), **{"core:datatype": datatype + suffix})
        middle = full_scale if kind == "u" else 0
        expected = [(float(number) - middle) / full_scale for number in numbers]
        np.testing.assert_allclose(play(name).view("f4"), expected, rtol=1e-7)


def test_headers_and_what_trails_are_no_samples(tmp_path):
    samples = np.arange(1, 21, dtype="i1").tobytes()  # ten of them
    data = samples[:6] + b"HEAD" + samples[6:14] + b"HE" + samples[14:] + b"tail!"
    captures = [
        {"core:sample_start": 3, "core:header_bytes": 4},
        {"core:sample_start": 7, "core:header_bytes": 2},
    ]
    name = write(tmp_path, {"captures": captures}, data=data, **{"core:trailing_bytes": 5, "core:offset": 99})
    np.testing.assert_array_equal(play(name).view("f4") * 128, np.arange(1, 21))


def test_samples_may_lie_in_a_file_of_another_name(tmp_path):
    name = write(tmp_path, b"", **{"core:dataset": "samples.bin"})
    (tmp_path / "samples.bin").write_bytes(bytes([64, 0, 0, 64]))
    np.testing.assert_array_equal(play(name), [0.5, 0.5j])


def test_a_long_recording_is_played_whole(tmp_path):
    numbers = np.random.default_rng(3).integers(-128, 128, 2 * 300_000, np.int8)
    digest = hashlib.sha512(numbers.tobytes()).hexdigest().upper()
    name = write(tmp_path, numbers.tobytes(), **{"core:sha512": digest})
    np.testing.assert_array_equal(play(name).view("f4") * 128, numbers)


def two(**fields):
    return {"captures": [{"core:sample_start": i, **{n: v[i] for n, v in fields.items()}} for i in (0, 1)]}


@pytest.mark.parametrize(
    ("content", "whole", "message"),
    [
        ({}, {"core:datatype": "rf32_le"}, "core:datatype: must be one of"),
        ({}, {"core:datatype": "cf16_le"}, "core:datatype: must be one of"),
        ({}, {"core:datatype": "ci16"}, "core:datatype: must be one of"),
        ({}, {"core:sha512": "0" * 128}, "core:sha512: theirs.sigmf-data is not the file"),
        ({}, {"core:num_channels": 2}, "core:num_channels: 2; --channel names the one"),
        ({}, {"core:num_channels": 0}, "core:num_channels: must be 1 or more"),
        ({}, {"core:num_channels": "2"}, "core:num_channels: must be a whole number"),
        ({}, {"core:metadata_only": True}, "core:metadata_only: there are no samples"),
        ({}, {"core:version": "2.0.0"}, "core:version: must be 0 or 1"),
        ({}, {"core:dataset": "../secret"}, "core:dataset: must name a file in the same folder"),
        ({}, {"core:dataset": "other.bin"}, "no such file"),
        ({}, {"core:trailing_bytes": 1}, "no whole samples of 2 bytes"),
        ({}, {"core:trailing_bytes": 17}, "no whole samples"),
        ({}, {"core:trailing_bytes": -2}, "core:trailing_bytes: must be a whole number"),
        ({}, {"core:offset": "0"}, "core:offset: must be a whole number"),
        ({}, {"core:sample_rate": 0}, "core:sample_rate: must be more than 0"),
        ({}, {"core:sample_rate": "fast"}, "core:sample_rate: must be a number"),
        ({}, {"core:extensions": [{"name": "x", "optional": False}]}, "core:extensions: needs 'x'"),
        ({}, {"aeiqa:ofdm": {"fft_len": 60}}, "aeiqa:ofdm: fft_len"),
        ({}, {"aeiqa:ofdm": {"cyclic": 1}}, "aeiqa:ofdm: 'cyclic' is not known"),
        ({}, {"aeiqa:ofdm": 64}, "aeiqa:ofdm: must be an object"),
        (two(**{"core:frequency": (1e9, 2e9)}), {}, r"core:frequency: differs .*1e\+09 and 2e\+09"),
        (two(**{"core:sample_rate": (1e6, 2e6)}), {}, "core:sample_rate: differs"),
        ({"captures": [{"core:sample_start": 9}]}, {}, "core:sample_start: 9 is beyond the 8 samples"),
        (
            {"captures": [{"core:sample_start": 2}, {"core:sample_start": 1}]},
            {},
            "captures must be in rising order",
        ),
        ({"captures": [{}]}, {}, "core:sample_start: must be a whole number"),
        ({"captures": 3}, {}, "no SigMF metadata"),
    ],
)
def test_what_is_not_honoured_is_refused_by_name(tmp_path, content, whole, message):
    name = write(tmp_path, content, **whole)
    with pytest.raises(InputError, match=message):
        open_source(f"sigmf:{name}", RadioSettings())


def play_recording(recording):
    graph = gr.top_block()
    source, sink = recording_source(recording), blocks.vector_sink_c()
    graph.connect(source, sink)
    graph.run()
    return np.array(sink.data(), np.complex64)


@pytest.mark.parametrize("datatype", ["ci8", "ci16_be", "cf32_le"])
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_each_channel_of_several_is_played(tmp_path, datatype, channels):
    dtype = {"ci8": "i1", "ci16_be": ">i2", "cf32_le": "<f4"}[datatype]
    numbers = np.random.default_rng(channels).integers(-99, 99, (3000, channels, 2)).astype(dtype)
    captures = [{"core:sample_start": 0}, {"core:sample_start": 1000, "core:header_bytes": 3}]
    data = numbers[:1000].tobytes() + b"HED" + numbers[1000:].tobytes()
    fields = {"core:num_channels": channels, "core:datatype": datatype}
    name = str(write(tmp_path, {"captures": captures}, data=data, **fields))
    scale = 1 if dtype == "<f4" else 1 << (8 * np.dtype(dtype).itemsize - 1)
    for channel in range(channels):
        played = play_recording(Recording(name, channel)).view("f4").reshape(-1, 2)
        np.testing.assert_array_equal(played * scale, numbers[:, channel])
    for channel in (-1, channels):
        with pytest.raises(InputError, match=f"so there is no channel {channel}"):
            Recording(name, channel)


def archive(path, members, mode="w"):
    with tarfile.open(path, mode) as tar:
        for member, content in members.items():
            info = tarfile.TarInfo(member)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return str(path)


@pytest.mark.parametrize("folder", ["", "air/"])
@pytest.mark.parametrize("meta_first", [False, True])
def test_an_archive_is_played_as_it_is(samples, tmp_path, folder, meta_first):
    record(tmp_path / "air", samples)
    files = {f"{folder}air{path.suffix}": path.read_bytes() for path in sorted(tmp_path.iterdir())}
    if meta_first:
        files = dict(reversed(files.items()))
    name = archive(tmp_path / "air.sigmf", files)
    np.testing.assert_array_equal(play(name), samples)
    recording = Recording(name)
    assert recording.radio == {"rate": 2e6, "frequency": 433.92e6}
    damaged = bytearray((tmp_path / "air.sigmf").read_bytes())
    damaged[recording.segments[0].byte] ^= 1
    (tmp_path / "air.sigmf").write_bytes(damaged)
    with pytest.raises(InputError, match=r"core:sha512: air\.sigmf is not the file"):
        play(name)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "must hold one recording, and holds 0; unpack it"),
        ({"a.sigmf-data": b"12"}, "must hold one recording, and holds 0"),
        ({"a.sigmf-meta": b"{}", "b.sigmf-meta": b"{}"}, "holds 2: a.sigmf-meta, b.sigmf-meta"),
        ({"a.sigmf-meta": b"{"}, "a.sigmf-meta: must hold a JSON object"),
        ({"a.sigmf-meta": META_OF_EMPTY}, "no such file: 'a.sigmf-data'"),
        ({"x/a.sigmf-meta": META_OF_EMPTY, "a.sigmf-data": b""}, "no such file: 'a.sigmf-data'"),
    ],
)
def test_what_is_no_archive_of_one_recording_is_refused_by_name(tmp_path, members, message):
    with pytest.raises(InputError, match=message):
        open_source(f"sigmf:{archive(tmp_path / 'a.sigmf', members)}", RadioSettings())


def test_other_files_are_no_archives(tmp_path):
    compressed = archive(tmp_path / "z.sigmf", {"a.sigmf-meta": b"{}"}, "w:gz")
    (tmp_path / "text.sigmf").write_text("no archive")
    (tmp_path / "folder.sigmf").mkdir()
    for name in (compressed, f"{tmp_path}/text.sigmf", f"{tmp_path}/folder.sigmf"):
        with pytest.raises(InputError, match="is no SigMF archive, an uncompressed tar file"):
            open_source(f"sigmf:{name}", RadioSettings())
    with pytest.raises(InputError, match="no such recording"):
        open_source(f"sigmf:{tmp_path}/none.sigmf", RadioSettings())
    with pytest.raises(InputError, match="is a SigMF collection; name one of the recordings"):
        open_source(f"sigmf:{tmp_path}/all.sigmf-collection", RadioSettings())


def test_only_recordings_have_channels_to_choose():
    with pytest.raises(InputError, match="--channel 1: is one of a recording's, and zmq:ipc:///a is none"):
        recording_of("zmq:ipc:///a", 1)


def test_a_recording_that_another_process_has_open_is_left_alone(samples, tmp_path):
    record(tmp_path / "air", samples)
    files = [tmp_path / f"air.sigmf-{kind}" for kind in ("data", "meta")]
    before = [path.read_bytes() for path in files]
    with open(files[0], "rb") as other:  # a lock is its file object's, whichever process has it
        fcntl.flock(other, fcntl.LOCK_SH)  # plays it
        np.testing.assert_array_equal(play(tmp_path / "air"), samples)
        with pytest.raises(InputError, match=r"air\.sigmf-data is in use by another process"):
            open_sink(f"sigmf:{tmp_path}/air", RadioSettings())
        fcntl.flock(other, fcntl.LOCK_EX)  # writes it
        with pytest.raises(InputError, match=r"air\.sigmf-data is being written by another process"):
            open_source(f"sigmf:{tmp_path}/air", RadioSettings())
    assert [path.read_bytes() for path in files] == before
    record(tmp_path / "air", samples[:2000])
    np.testing.assert_array_equal(play(tmp_path / "air"), samples[:2000])


def test_a_file_that_shrinks_ends_the_stream_with_a_word(tmp_path):
    name = write(tmp_path, bytes(4000))
    source = open_source(f"sigmf:{name}", RadioSettings())
    (tmp_path / "theirs.sigmf-data").write_bytes(bytes(100))
    graph, sink = gr.top_block(), blocks.vector_sink_c()
    graph.connect(source, sink)
    graph.run()
    assert "became shorter while it was played" in source.error


def options(*given):
    parser = argparse.ArgumentParser()
    add_radio_options(parser)
    return parser.parse_args(given)


def test_settings_come_from_the_recording(tmp_path):
    config = AirConfig(fft_len=128, cp_len=8, payload_symbols=20)
    fields = {"core:sample_rate": 2e6, "aeiqa:ofdm": ofdm_fields(config)}
    recording = Recording(str(write(tmp_path, two(**{"core:frequency": (2.4e9, 2.4e9)}), **fields)))
    settings = radio_settings(options("--gain", "3"), recording)
    assert (settings.rate, settings.frequency, settings.gain) == (2e6, 2.4e9, 3.0)
    assert air_settings(options("--fft-len", "128"), recording=recording) == config
    assert radio_settings(options()).rate == 1e6
    with pytest.raises(InputError, match=r"--rate 1e\+06: .*theirs.sigmf-meta was made with 2e\+06"):
        radio_settings(options("--rate", "1e6"), recording)
    with pytest.raises(InputError, match=r"--payload-symbols 66: .* was made with 20"):
        air_settings(options("--payload-symbols", "66"), recording=recording)
