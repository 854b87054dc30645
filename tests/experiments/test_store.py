#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The result store: nothing half written, nothing mixed, nothing lost."""

import errno
import json
import math
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.store import Store
from gnuradio.aeiqa.experiments.sweep.grid import Condition
from gnuradio.aeiqa.experiments.sweep.unit import RECORD, Unit
from gnuradio.aeiqa.files import atomic_write, read_json

UNIT = Unit(Condition("rayleigh", "qpsk", 2.5), 10, 14)
RUN = {
    "configuration": {"preset": "table2", "snr_db": (0.0, 5.0), "link": {"awgn": {"seed": 1}}},
    "versions": {"a": 1},
}


def records():
    rng = np.random.default_rng(1)
    values = np.zeros(4, RECORD)
    for name in RECORD.names:
        values[name] = rng.integers(0, 1000, 4)
    values["psnr_db"] = [np.inf, np.nan, 0.1, np.nextafter(1, 2)]
    return values


def result():
    """A result with everything that it may hold."""
    return {"records": records(), "rows": [{"a": 0.1, "b": float("nan"), "c": None}], "empty": [np.zeros(0)]}


def same(read):
    (row,) = read["rows"]
    return (
        read["records"].tobytes() == records().tobytes()
        and (row["a"], row["c"], math.isnan(row["b"])) == (0.1, None, True)
        and read["empty"][0].shape == (0,)
    )


def contents(folder: Path) -> dict:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def changed(**fields):
    return {**RUN, "configuration": {**RUN["configuration"], **fields}}


def test_what_was_written_is_read_back_bit_for_bit(tmp_path):
    with Store(tmp_path / "new" / "deep", RUN) as store:
        assert store.read(UNIT.key) is None
        store.write(UNIT.key, result())
    with Store(tmp_path / "new" / "deep", RUN) as store:
        assert same(store.read(UNIT.key))
        assert store.read(UNIT._replace(stop=15).key) is None


def test_every_damage_to_a_unit_file_makes_it_missing(tmp_path):
    with Store(tmp_path, RUN) as store:
        store.write(UNIT.key, result())
        (path,) = (tmp_path / "units").iterdir()
        whole = path.read_bytes()
        for length in (0, 1, 100, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:length])
            assert store.read(UNIT.key) is None
        data = whole.index(records().tobytes())
        for position in (0, 30, data, data + 100):
            path.write_bytes(whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :])
            assert store.read(UNIT.key) is None
        np.savez(path, other=records())
        assert store.read(UNIT.key) is None
        path.write_bytes(whole)
        assert store.read(UNIT.key) is not None


def rewritten(path, **changes):
    """Write a unit's file again with other arrays in it, as somebody with numpy may."""
    with np.load(path) as archive:
        arrays = dict(archive)
    np.savez(path, **arrays | changes)


def test_a_file_of_another_unit_or_experiment_or_edited_is_not_taken(tmp_path):
    other = UNIT._replace(start=14, stop=18)
    with Store(tmp_path / "a", RUN) as store, Store(tmp_path / "b", changed(preset="physical")) as another:
        for unit in (UNIT, other):
            store.write(unit.key, result())
        another.write(UNIT.key, result())
        path, whole = store.path(UNIT.key), store.path(UNIT.key).read_bytes()
        with np.load(path) as archive:
            stamp = json.loads(archive["stamp"].tobytes())
        edited = records()
        edited["bit_errors"][0] += 1
        for damage in (
            lambda: shutil.copy(store.path(other.key), path),
            lambda: shutil.copy(another.path(UNIT.key), path),
            lambda: rewritten(path, array0=edited),
            lambda: rewritten(path, array0=records().view(np.uint8)),
            lambda: rewritten(path, result=np.frombuffer(b'{"records": 1}', np.uint8)),
            lambda: rewritten(path, extra=np.zeros(1)),
        ):
            damage()
            assert store.read(UNIT.key) is None
            with pytest.raises(InputError, match=r"units/.*npz is missing or was damaged meanwhile"):
                store[UNIT]
            path.write_bytes(whole)
        for name, value in (("format", 0), ("key", other.key), ("experiment", "0"), ("sha256", "0")):
            rewritten(path, stamp=np.frombuffer(json.dumps(stamp | {name: value}).encode(), np.uint8))
            assert store.read(UNIT.key) is None
        # The key of another in the stamp of this one: the digest covers it.
        rewritten(path, stamp=np.frombuffer(json.dumps(stamp | {"key": other.key}).encode(), np.uint8))
        shutil.copy(path, store.path(other.key))
        assert store.read(other.key) is None


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (changed(preset="physical"), "its preset is table2, asked is physical"),
        (changed(snr_db=(0.0,)), "its snr_db is 0.0,5.0, asked is 0.0"),
        (changed(link={"awgn": {"seed": 2}}), "its link.awgn.seed is 1, asked is 2"),
        (changed(target="paper"), "its target is not set, asked is paper"),
    ],
)
def test_another_configuration_is_refused_and_nothing_touched(tmp_path, run, words):
    with Store(tmp_path, RUN) as store:
        store.write(UNIT.key, result())
    before = contents(tmp_path)
    with pytest.raises(InputError, match=words) as refusal:
        Store(tmp_path, run)
    assert "\n" not in str(refusal.value)
    assert contents(tmp_path) == before


def test_what_only_informs_may_differ_and_stays(tmp_path):
    Store(tmp_path, RUN).close()
    before = contents(tmp_path)
    Store(tmp_path, {**RUN, "versions": {"a": 2}}).close()
    assert contents(tmp_path) == before
    assert json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["versions"] == {"a": 1}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"configuration": 1}', '{"configuration": 1', "\udcff"])
def test_a_damaged_description_is_refused_and_kept(tmp_path, text):
    (tmp_path / "run.json").write_bytes(text.encode(errors="surrogateescape"))
    before = contents(tmp_path)
    with pytest.raises(InputError, match=r"run\.json(:| is)"):
        Store(tmp_path, RUN)
    assert contents(tmp_path) == before


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match="holds no experiment"):
        Store(tmp_path, RUN)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_folder_is_held_by_one_sweep_at_a_time(tmp_path):
    with Store(tmp_path, RUN), pytest.raises(InputError, match="in use"):
        Store(tmp_path, RUN)
    Store(tmp_path, RUN).close()


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OSError, match="Not a directory"):
        Store(tmp_path / "file" / "results", RUN)


def test_leftovers_of_a_killed_run_go(tmp_path):
    Store(tmp_path, RUN).close()
    leftovers = [tmp_path / "table.csv.123.part", tmp_path / "units" / "x.npz.123.part"]
    for path in leftovers:
        path.write_text("half", encoding="utf-8")
    Store(tmp_path, RUN).close()
    assert not any(path.exists() for path in leftovers)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError), atomic_write(path) as file:
        file.write(b"new")
        assert path.read_text(encoding="utf-8") == "old"
        raise RuntimeError
    assert contents(tmp_path) == {path: b"old"}
    with atomic_write(path) as file:
        file.write(b"new")
    assert contents(tmp_path) == {path: b"new"}


def test_every_write_of_a_full_disk_is_named_and_leaves_what_was_there(tmp_path, monkeypatch):
    with Store(tmp_path, RUN) as store:
        store.write(UNIT.key, result())
        before = contents(tmp_path)

        def full(handle):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left") as error:
            store.write("other", result())
        assert error.value.filename == str(store.path("other"))
        with pytest.raises(OSError, match="No space left") as error:
            store.write_csv("table.csv", ["a"], [{"a": 1.0}])
        assert error.value.filename == str(tmp_path / "table.csv")
    assert contents(tmp_path) == before


def test_names_that_are_no_utf8_are_kept_readable(tmp_path):
    run = {"configuration": {"dataset": "\udce4pfel"}}
    Store(tmp_path, run).close()
    Store(tmp_path, run).close()
    assert read_json(tmp_path / "run.json")["configuration"]["dataset"] == "?pfel"
