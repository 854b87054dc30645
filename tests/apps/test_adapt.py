#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""./aeiqa adapt: its folder, its page, and what it refuses."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gnuradio.aeiqa.files import data_dir

ROOT = Path(__file__).parents[2]


def adapt(*args):
    command = [sys.executable, ROOT / "apps" / "adapt.py", *map(str, args)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, timeout=600, env=environment)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    pytest.importorskip("torch")
    out = tmp_path_factory.mktemp("adapt") / "results"
    done = adapt("--conditions", "pulses", "--images", 200, "--traces", 1, "--workers", 2, "--out", out)
    assert done.returncode == 0, done.stderr
    assert "pulses, at most 5 % misclassified" in done.stdout
    assert "Of one trace each: intervals are unknown" in done.stdout
    return out


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_tables_agree_with_one_another(folder):
    table = {row["policy"]: row for row in rows(folder / "adaptation.csv")}
    run = json.loads((folder / "run.json").read_text())
    trace = rows(folder / "trace.csv")
    assert len(trace) == 200
    for name in ("score and SNR", "SNR table"):
        wrong = sum(int(row[f"{name}: wrong"]) for row in trace)
        assert float(table[name]["error_pct"]) == pytest.approx(wrong / 2, rel=1e-4)
        symbols = sum(run["air_times"][row[f"{name}: mode"]] for row in trace)
        speed = 1e6 / (80 * symbols / 200)
        assert float(table[name]["images_per_s"]) == pytest.approx(speed, rel=1e-4)
    # Who knows everything is beaten by nobody who keeps to the limit.
    best = float(table["genie"]["images_per_s"])
    for row in table.values():
        if float(row["error_pct"]) <= float(table["genie"]["error_pct"]):
            assert float(row["images_per_s"]) <= best


def test_page_and_figures(folder):
    page = (folder / "report.html").read_text()
    section = page.partition('<section id="adaptation">')[2].partition("</section>")[0]
    assert "Link adaptation" in section
    # The chart comes first; the table is as long as its rows are, not cut by a frame of its own.
    assert 0 < section.index("<img") < section.index("<table>")
    assert 'class="scroll whole"' in section
    for name in ("adaptation", "adaptation_frontier", "adaptation_trace"):
        assert (folder / f"{name}.png").stat().st_size > 10_000
        assert (folder / f"{name}.svg").exists()
    before = page
    report = [sys.executable, ROOT / "apps" / "report.py", folder]
    assert subprocess.run(report, capture_output=True, timeout=300).returncode == 0
    assert (folder / "report.html").read_text() == before


def test_the_guide_takes_its_tables_and_figure(folder, tmp_path):
    page, figure = tmp_path / "adaptation.md", tmp_path / "figures" / "adaptation.png"
    figure.parent.mkdir()
    before = (ROOT / "docs" / "adaptation.md").read_text()
    page.write_text(before)
    command = [sys.executable, ROOT / "docs" / "adaptation_tables.py", folder, page]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "pulses: misclassified" in done.stdout
    lines = page.read_text().splitlines()
    start = lines.index("| way to choose | pulses |")
    cells = {name: cell for _, name, cell, _ in (line.split("|") for line in lines[start + 2 : start + 9])}
    table = {row["policy"]: row for row in rows(folder / "adaptation.csv")}
    for label, policy in (("genie, who knows every outcome", "genie"), ("predicted error alone", "score")):
        error, speed = (float(table[policy][name]) for name in ("error_pct", "images_per_s"))
        assert cells[f" {label} "].strip(" *") == f"{error:.1f} / {speed:.0f}"
    assert figure.read_bytes() == (folder / "adaptation.png").read_bytes()
    # Nothing but the two tables is touched.
    rest = [line for line in lines if not line.startswith("|")]
    assert rest == [line for line in before.splitlines() if not line.startswith("|")]


def test_again_it_sends_nothing_and_says_the_same(folder):
    tables = [(folder / name).read_bytes() for name in ("adaptation.csv", "frontier.csv", "trace.csv")]
    units = sorted((folder / "units").iterdir())
    times = [path.stat().st_mtime_ns for path in units]
    missing = units.pop()
    content = missing.read_bytes()
    missing.unlink()
    same = ["--conditions", "pulses", "--images", 200, "--traces", 1, "--out", folder, "--no-report"]
    assert adapt(*same).returncode == 0
    assert [
        (folder / name).read_bytes() for name in ("adaptation.csv", "frontier.csv", "trace.csv")
    ] == tables
    assert missing.read_bytes() == content
    assert [path.stat().st_mtime_ns for path in units] == times[:-1]
    refused = adapt("--images", 300, "--out", folder)
    assert refused.returncode == 2
    assert len(refused.stderr.splitlines()) == 1


def test_a_changed_file_of_error_curves_is_another_comparison(folder, tmp_path):
    file = data_dir() / "models" / "adapt-paper.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["curves"]["bpsk"][-1] = 0.0
    changed = tmp_path / "curves.json"
    changed.write_text(json.dumps(content), encoding="utf-8")
    same = ["--conditions", "pulses", "--images", 200, "--traces", 1, "--out", folder, "--plan"]
    assert adapt(*same, "--curves", file).returncode == 0
    refused = adapt(*same, "--curves", changed)
    assert refused.returncode == 2
    assert "its curves_digest is " in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--conditions", "sunny"], "conditions: must be among"),
        (["--images", "10"], "images: must be from 200"),
        (["--error", "0"], "error: must be from"),
        (["--traces", "0"], "traces: must be from 1 to 1000, got 0"),
        (["--workers", "0"], "workers: must be 1 or more"),
        (["--target", "nobody"], "target must be one of"),
        (["--target", "wide", "--curves", "/nosuchfolder/x.json"], "./aeiqa adapt --calibrate"),
        (["--calibrate", "/nosuchfolder"], "no such folder"),
        (["--calibrate", ".", "--target", "paper,nobody"], "target must be one of"),
    ],
)
def test_mistakes_are_told_in_one_line(arguments, message, tmp_path):
    pytest.importorskip("torch")
    done = adapt(*arguments, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()
