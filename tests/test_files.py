#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""JSON that others wrote: read as every reader understands it, or refused in one line that names the file."""

import errno
import json
import math
from contextlib import suppress

import numpy as np
import pytest
from hostile_files import JSON_VALUES, SETTINGS, damaged, read_or_refused
from hypothesis import example, given
from hypothesis import strategies as st

from gnuradio.aeiqa.adapt import load_curves
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.files import atomic_write, check_outputs, parse_json, read_arrays, read_json, write_arrays

HOSTILE = [
    b"", b"{", b"null", b"[]", b"7", b'"text"', b"\xff\xfe", b"{}{}", b'{"a": NaN}', b'{"a": -Infinity}',
    b'{"a": 1e999}', b'{"a": 1, "b": {"c": 1, "c": 2}}', b'{"a": ' + b"9" * 400 + b"}",
    b'{"a": -' + b"9" * 20 + b"}", b'{"a": 0.' + b"3" * 400 + b"}", b"[" * 100_000, b'{"a":' * 100_000,
    b'{"a":' + b"[" * 70 + b"]" * 70 + b"}", b'{"a": "\\ud800"}', b'{"\\udfff": 1}', b'{"a": "\\u0000"}',
    b"{'a': 1}", b'{"a": 01}', b'{"a": "\x01"}',
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_json_is_refused_in_one_line(tmp_path, text):
    path = tmp_path / "run.json"
    path.write_bytes(text)
    with pytest.raises(InputError) as refusal:
        read_json(path)
    assert str(refusal.value).startswith(f"{path}: must hold a JSON object (")
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < len(str(path)) + 200


def test_a_file_larger_than_the_limit_is_not_read_whole(tmp_path, monkeypatch):
    path = tmp_path / "large.json"
    path.write_bytes(b'{"a": "' + b"x" * 1000 + b'"}')
    assert read_json(path)["a"] == "x" * 1000
    monkeypatch.setattr("gnuradio.aeiqa.files.MAX_JSON_BYTES", 1 << 9)
    with pytest.raises(InputError, match="larger than 0 MiB"):
        read_json(path)


@SETTINGS
@given(st.dictionaries(st.text("abcÄ"), JSON_VALUES))
def test_what_json_can_say_is_read_as_it_was_written(content):
    assert parse_json(json.dumps(content).encode(), "x") == content
    assert parse_json(json.dumps(content, ensure_ascii=False).encode(), "x") == content


@SETTINGS
@given(st.binary(max_size=60) | JSON_VALUES.map(lambda value: json.dumps({"a": value}).encode()[:-1]))
@example(b'{"a": 1e400}')
def test_whatever_the_bytes_are_nothing_but_an_object_or_an_input_error_comes_out(text):
    with suppress(InputError):
        found = parse_json(text, "x")
        assert isinstance(found, dict)
        json.dumps(found, allow_nan=False)


@SETTINGS
@given(st.dictionaries(st.sampled_from(["snr_db", "curves", "made"]), JSON_VALUES))
def test_error_curves_of_any_content_are_refused_in_one_line(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("curves") / "adapt-x.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match=r"adapt-x\.json: ") as refusal:
        load_curves("x", path)
    assert "\n" not in str(refusal.value)


def test_an_archive_that_was_damaged_is_refused_in_one_line_or_holds_plain_arrays(tmp_path):
    path = tmp_path / "arrays.npz"
    write_arrays(path, {"a": np.arange(5), "b": np.array("text"), "c": np.zeros((2, 0), np.float16)})
    whole = path.read_bytes()

    @SETTINGS
    @given(damaged(whole) | st.binary(max_size=100))
    def check(content):
        path.write_bytes(content)
        for array in (read_or_refused(lambda: read_arrays(path), path) or {}).values():
            assert isinstance(array, np.ndarray)
            assert not array.dtype.hasobject

    check()


def test_a_full_disk_names_the_file(tmp_path):
    path = tmp_path / "table.csv"
    with pytest.raises(OSError, match="No space left") as refusal, atomic_write(path) as file:
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")  # as of the write, which names nothing
    assert refusal.value.filename == str(path)
    assert not list(tmp_path.iterdir())
    assert math.isfinite(parse_json(b'{"a": 1e308}', "x")["a"])


@pytest.mark.parametrize("how", ["itself", "symbolic link", "hard link", "other spelling"])
def test_an_output_that_is_an_input_is_refused(tmp_path, how):
    precious, output = tmp_path / "precious", tmp_path / "output"
    precious.write_text("x")
    if how == "itself":
        output = precious
    elif how == "symbolic link":
        output.symlink_to(precious)
    elif how == "hard link":
        output.hardlink_to(precious)
    else:
        (tmp_path / "folder").mkdir()
        output = tmp_path / "folder" / ".." / "precious"
    with pytest.raises(InputError, match=f"--save .*: would overwrite --dataset {precious}"):
        check_outputs({"--dataset": str(precious), "--curves": None}, {"--save": output})


def test_two_outputs_are_two_files(tmp_path):
    new = tmp_path / "new"
    check_outputs({"--dataset": "mnist"}, {"--save": new, "--log": tmp_path / "other", "--record": None})
    (tmp_path / "dangling").symlink_to(new)
    with pytest.raises(InputError, match=r"--log .*: would overwrite --save"):
        check_outputs({}, {"--save": new, "--log": tmp_path / "dangling"})
