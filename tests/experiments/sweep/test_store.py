#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The result store: nothing half written, nothing mixed, nothing lost."""

import json
from pathlib import Path

import numpy as np
import pytest

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.store import ResultStore
from gnuradio.aeiqa.experiments.sweep.grid import Condition
from gnuradio.aeiqa.experiments.sweep.unit import RECORD, Unit
from gnuradio.aeiqa.files import atomic_write

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


def contents(folder: Path) -> dict:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def changed(**fields):
    return {**RUN, "configuration": {**RUN["configuration"], **fields}}


def test_what_was_written_is_read_back_bit_for_bit(tmp_path):
    with ResultStore(tmp_path / "new" / "deep", RUN) as store:
        assert store.read(UNIT) is None
        store.write(UNIT, records())
    with ResultStore(tmp_path / "new" / "deep", RUN) as store:
        assert store.read(UNIT).tobytes() == records().tobytes()
        assert store.read(UNIT._replace(stop=15)) is None


def test_every_damage_to_a_unit_file_makes_it_missing(tmp_path):
    with ResultStore(tmp_path, RUN) as store:
        store.write(UNIT, records())
        (path,) = (tmp_path / "units").iterdir()
        whole = path.read_bytes()
        for length in (0, 1, 100, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:length])
            assert store.read(UNIT) is None
        data = whole.index(records().tobytes())
        for position in (0, 30, data, data + 100):
            path.write_bytes(whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :])
            assert store.read(UNIT) is None
        path.write_bytes(b"")
        np.savez(path, records=np.zeros(4))
        assert store.read(UNIT) is None
        np.savez(path, other=records())
        assert store.read(UNIT) is None
        path.write_bytes(whole)
        assert store.read(UNIT) is not None


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
    with ResultStore(tmp_path, RUN) as store:
        store.write(UNIT, records())
    before = contents(tmp_path)
    with pytest.raises(InputError, match=words) as refusal:
        ResultStore(tmp_path, run)
    assert "\n" not in str(refusal.value)
    assert contents(tmp_path) == before


def test_what_only_informs_may_differ_and_stays(tmp_path):
    ResultStore(tmp_path, RUN).close()
    before = contents(tmp_path)
    ResultStore(tmp_path, {**RUN, "versions": {"a": 2}}).close()
    assert contents(tmp_path) == before
    assert json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["versions"] == {"a": 1}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"configuration": 1}', '{"configuration": 1', "\udcff"])
def test_a_damaged_description_is_refused_and_kept(tmp_path, text):
    (tmp_path / "run.json").write_bytes(text.encode(errors="surrogateescape"))
    before = contents(tmp_path)
    with pytest.raises(InputError, match=r"run\.json is"):
        ResultStore(tmp_path, RUN)
    assert contents(tmp_path) == before


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match="holds no sweep"):
        ResultStore(tmp_path, RUN)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_folder_is_held_by_one_sweep_at_a_time(tmp_path):
    with ResultStore(tmp_path, RUN), pytest.raises(InputError, match="in use"):
        ResultStore(tmp_path, RUN)
    ResultStore(tmp_path, RUN).close()


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OSError, match="Not a directory"):
        ResultStore(tmp_path / "file" / "results", RUN)


def test_leftovers_of_a_killed_run_go(tmp_path):
    ResultStore(tmp_path, RUN).close()
    leftovers = [tmp_path / "table.csv.123.part", tmp_path / "units" / "x.npz.123.part"]
    for path in leftovers:
        path.write_text("half", encoding="utf-8")
    ResultStore(tmp_path, RUN).close()
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
