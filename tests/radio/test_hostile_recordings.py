#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Recordings, logs and keys that anybody may have written: read, or refused in one line naming the file."""

import io
import json
import tarfile
from contextlib import closing

import numpy as np
from hostile_files import JSON_VALUES, SETTINGS, altered, damaged, read_or_refused
from hypothesis import example, given
from hypothesis import strategies as st

from gnuradio.aeiqa.air import AirConfig
from gnuradio.aeiqa.files import read_json
from gnuradio.aeiqa.radio.image_log import ImageLog
from gnuradio.aeiqa.radio.recording import Recording
from gnuradio.aeiqa.radio.sigmf import ofdm_fields, write_meta
from gnuradio.aeiqa.radio.sockets.shared_key import read_key


def test_metadata_of_recordings(tmp_path):
    data, meta = tmp_path / "air.sigmf-data", tmp_path / "air.sigmf-meta"
    np.arange(200, dtype=np.float32).tofile(data)
    write_meta(str(tmp_path / "air"), 2e6, 433.92e6, ofdm_fields(AirConfig()), [{"core:sample_start": 0}])
    whole = read_json(meta)
    assert read_or_refused(lambda: Recording(str(meta)), meta) is not None

    def other(field, value):
        return whole | {"global": whole["global"] | {field: value}}

    parts = st.dictionaries(st.sampled_from(["global", "captures", "annotations"]), JSON_VALUES)

    @SETTINGS
    @given(altered(whole) | parts)
    @example(other("core:dataset", "x" * 300))
    @example(other("core:dataset", "two\nlines"))
    @example(other("core:datatype", "two\nlines"))
    @example(other("aeiqa:ofdm", {"two\nlines": 1}))
    @example(other("aeiqa:ofdm", {"fft_len": 2**62}))
    @example(other("aeiqa:ofdm", {"data_carriers": [[1], None]}))
    def check(content):
        meta.write_text(json.dumps(content), encoding="utf-8")
        recording = read_or_refused(lambda: Recording(str(meta)), meta, tmp_path)
        if recording is not None:
            samples = sum(segment.samples for segment in recording.segments)
            assert 2 * samples * recording.dtype.itemsize <= recording.data.stat().st_size

    check()

    @SETTINGS
    @given(damaged(json.dumps(whole).encode()) | st.binary(max_size=100))
    def check_bytes(content):
        meta.write_bytes(content)
        read_or_refused(lambda: Recording(str(meta)), meta, tmp_path)

    check_bytes()


def test_archives(tmp_path):
    path = tmp_path / "air.sigmf"
    meta = {"global": {"core:datatype": "ci8", "core:num_channels": 2}, "captures": [], "annotations": []}
    with tarfile.open(path, "w") as tar:
        for name, content in {
            "air.sigmf-meta": json.dumps(meta).encode(),
            "air.sigmf-data": bytes(64),
        }.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    whole = path.read_bytes()[:2560]  # without the padding at its end
    assert read_or_refused(lambda: Recording(str(path), 1), path) is not None

    @SETTINGS
    @given(damaged(whole) | st.binary(max_size=1100))
    def check(content):
        path.write_bytes(content)
        recording = read_or_refused(lambda: Recording(str(path), 1), path, tmp_path)
        for segment in recording.segments if recording is not None else ():
            assert segment.byte + segment.samples * recording.sample_bytes <= len(content)

    check()


def test_logs_of_images(tmp_path):
    path = tmp_path / "log"
    with closing(ImageLog(path)) as log:
        log.write(event="start", next=7)
        log.write(index=7, label=3)
    whole = path.read_bytes()

    def open_log():
        with closing(ImageLog(path)) as log:
            return log.next_index

    @SETTINGS
    @given(
        damaged(whole)
        | st.binary(max_size=100)
        | st.lists(st.dictionaries(st.sampled_from(["time", "index", "next"]), JSON_VALUES)).map(
            lambda lines: b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        )
    )
    @example(b'{"index": 9223372036854775807}\n')
    @example(b'{"index": 4294967295}\n')
    def check(content):
        path.write_bytes(content)
        following = read_or_refused(open_log, path)
        if following is None:
            assert path.read_bytes() == content  # it may be anything else's
        else:
            assert 0 <= following < 2**32
            kept = path.read_bytes()
            assert content.startswith(kept)
            assert kept == b"" or kept.endswith(b"\n")

    check()


@SETTINGS
@given(content=st.binary(max_size=40) | st.integers(0, 5000).map(bytes))
def test_keys(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("key") / "key"
    path.write_bytes(content)
    assert read_or_refused(lambda: read_key(path), path) == (content if 16 <= len(content) <= 4096 else None)
