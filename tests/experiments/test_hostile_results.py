#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Folders of results that anybody may have edited: read, or refused in one line that names folder or file."""

import json

import numpy as np
from hostile_files import CELLS, JSON_VALUES, SETTINGS, check_edits, damaged, read_or_refused
from hypothesis import example, given
from hypothesis import strategies as st

from gnuradio.aeiqa.experiments.csv_tables import read_rows, write_rows
from gnuradio.aeiqa.experiments.evaluation.results import EVALUATION_COLUMNS, load_evaluation
from gnuradio.aeiqa.experiments.evaluation.verdict import AIMS, LINK_SETS, VERDICT_COLUMNS
from gnuradio.aeiqa.experiments.store import Units
from gnuradio.aeiqa.experiments.sweep import run_sweep
from gnuradio.aeiqa.experiments.sweep.results import load_results
from gnuradio.aeiqa.files import read_json

UNIT = {"records": np.arange(12.0).reshape(3, 4), "rows": [{"a": 0.1, "c": None}], "empty": [np.zeros(0)]}


def test_folders_of_sweeps(small_plan, serial_engine, tmp_path):
    plan = small_plan(channels=("awgn",), images=3, snr_db=(0.0, 5.0))
    check_edits(run_sweep(plan, tmp_path / "out", engine=serial_engine()), load_results)


def test_folders_of_evaluations(tmp_path):
    row = dict.fromkeys(EVALUATION_COLUMNS, 1.0) | {
        "dataset": "mnist", "target": "paper", "score": "paper", "variant": "fitted", "preset": "table2",
        "channel": "awgn", "modulation": "bpsk",
    }  # fmt: skip
    verdict = dict.fromkeys(VERDICT_COLUMNS, 1.0) | {
        "dataset": "mnist", "target": "paper", "score": next(iter(AIMS)), "links": next(iter(LINK_SETS)),
        "variant": "fitted", "worst_channel": "awgn", "worst_modulation": "bpsk",
    }  # fmt: skip
    for name, columns, line in (
        ("evaluation.csv", EVALUATION_COLUMNS, row), ("verdict.csv", VERDICT_COLUMNS, verdict)
    ):  # fmt: skip
        with open(tmp_path / name, "wb") as file:
            write_rows(file, columns, [line, line])
    run = {"configuration": {"images": 5, "seed": 1}, "versions": {}, "snr_definition": "SNR is what it is."}
    (tmp_path / "run.json").write_text(json.dumps(run), encoding="utf-8")
    assert len(load_evaluation(tmp_path).verdicts) == 2
    check_edits(tmp_path, load_evaluation)


@SETTINGS
@given(
    st.binary(max_size=100)
    | st.lists(st.lists(CELLS, max_size=4), max_size=4).map(
        lambda lines: "\n".join(",".join(cells) for cells in lines).encode()
    )
)
@example(b"a,b\n1,2,3\n")
@example(b"a\n" + b"1" * 200_000 + b"\n")
def test_tables(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("table") / "table.csv"
    path.write_bytes(content)
    for row in read_or_refused(lambda: read_rows(path), path) or ():
        assert all(isinstance(value, (str, float, type(None))) for value in row.values())
        assert not any(isinstance(value, float) and np.isnan(value) for value in row.values())


def test_units(tmp_path):
    units = Units(tmp_path, {"a": 1})
    units.write("one", UNIT)
    path = units.path("one")
    whole = path.read_bytes()

    @SETTINGS
    @given(damaged(whole) | st.binary(max_size=100))
    def check(content):
        path.write_bytes(content)
        found = units.read("one")
        if found is not None:  # whatever changed does not matter to readers of archives
            assert found["rows"] == UNIT["rows"]
            np.testing.assert_array_equal(found["records"], UNIT["records"])

    check()


@SETTINGS
@given(JSON_VALUES)
def test_descriptions(tmp_path_factory, value):
    folder = tmp_path_factory.mktemp("results")
    (folder / "run.json").write_text(json.dumps(value), encoding="utf-8")
    found = read_or_refused(lambda: read_json(folder / "run.json"), folder)
    assert found == (value if isinstance(value, dict) else None)
    read_or_refused(lambda: load_results(folder), folder)
