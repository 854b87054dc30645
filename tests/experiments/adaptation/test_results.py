#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A comparison's folder as it is read again, whole or edited by hand."""

import json

import pytest
from hostile_files import check_edits

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.adaptation.results import (
    FITTED,
    FRONTIER_COLUMNS,
    OURS,
    TABLE_COLUMNS,
    load_adaptation,
)
from gnuradio.aeiqa.experiments.csv_tables import write_rows
from gnuradio.aeiqa.report.text import comparison_text


@pytest.fixture
def folder(tmp_path):
    """Results of ./aeiqa adapt, of two policies over three images."""
    exact = ("images_per_s_at_target", "images_per_s_at_target_low", "images_per_s_at_target_high")
    numbers = dict.fromkeys(TABLE_COLUMNS[2:], 4.0) | dict.fromkeys(exact, float("nan")) | {"traces": 3}
    table = [{"condition": "still", "policy": policy, **numbers} for policy in (OURS, FITTED)]
    frontier = [{**dict.fromkeys(FRONTIER_COLUMNS[2:], 1.0), "condition": "still", "policy": OURS}]
    trace = [
        {"condition": "still", "seed": 1, "image": image, "state": "still", "snr_db": 12.34}
        | {f"{policy}: mode": "qpsk" for policy in (OURS, FITTED)}
        | {f"{policy}: wrong": 0 for policy in (OURS, FITTED)}
        for image in range(3)
    ]
    for name, columns, rows in (
        ("adaptation.csv", TABLE_COLUMNS, table),
        ("frontier.csv", FRONTIER_COLUMNS, frontier),
        ("trace.csv", tuple(trace[0]), trace),
    ):
        with open(tmp_path / name, "wb") as file:
            write_rows(file, columns, rows)
    run = {
        "configuration": {"error": 0.05}, "snr_definition": "SNR is what it is.", "air_times": {"qpsk": 2.0},
        "images_per_s_of_a_symbol": 12500.0,
    }  # fmt: skip
    (tmp_path / "run.json").write_text(json.dumps(run), encoding="utf-8")
    return tmp_path


def test_a_whole_one_is_read_and_told(folder):
    found = load_adaptation(folder)
    assert (found.conditions, found.limit_pct, len(found.trace)) == (["still"], 5.0, 3)
    assert [row["images_per_s_at_target"] for row in found.rows] == [None, None]
    lines = comparison_text(found.rows, 0.05).splitlines()
    assert lines[0] == "still, at most 5 % misclassified"
    assert lines[2].split()[:5] == ["score", "and", "SNR", "4.00", "(4.0-4.0)"]
    assert lines[2].split()[5:] == ["4", "(4-4)", "4.00", "(4.00-4.00)"]
    assert lines[-1] == "Means over 3 traces each; in brackets 95 % intervals from the spread between traces."


def test_intervals_of_one_trace_are_unknown(folder):
    rows = load_adaptation(folder).rows
    for row in rows:
        row.update({name: None for name in row if name.endswith(("_low", "_high", "_low_pct", "_high_pct"))})
        row["traces"] = 1.0
    text = comparison_text(rows, 0.05)
    assert text.splitlines()[2].split()[3:] == ["4.00", "(unknown)", "4", "(unknown)", "4.00", "(unknown)"]
    assert text.splitlines()[3].split()[-1] == "4.00"  # to itself the table is 1, or what stands there
    assert "Of one trace each: intervals are unknown" in text


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("adaptation.csv", ",SNR table,", ",oracle,"),
        ("adaptation.csv", ",SNR table,3,4,4,", ",SNR table,3,,4,"),
        ("adaptation.csv", ",SNR table,3,4,4,", ",SNR table,3,4,,"),
        ("trace.csv", ",still,", ",quiet,"),
        ("trace.csv", "qpsk", "qam31"),
        ("trace.csv", "still", ""),
        ("frontier.csv", "policy", "way"),
        ("run.json", "0.05", "-1"),
        ("run.json", "0.05", '"5 %"'),
        ("run.json", '{"qpsk": 2.0}', "[]"),
        ("run.json", "12500.0", "1e999"),
        ("run.json", '"SNR is what it is."', "null"),
    ],
)
def test_one_edited_by_hand_is_refused_in_one_line(folder, name, old, new):
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=r"damaged|run\.json") as refusal:
        load_adaptation(folder)
    assert "\n" not in str(refusal.value)


def test_edits_of_any_kind_are_refused_in_one_line_or_taken(folder):
    check_edits(folder, load_adaptation)
