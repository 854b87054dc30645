#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Whole sweeps, small: measured values, and the same bytes however they came about."""

import csv
import gzip

import numpy as np
import pytest

from gnuradio.aeiqa import metrics
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.csv_tables import read_rows
from gnuradio.aeiqa.experiments.sweep import run_sweep
from gnuradio.aeiqa.link.simulated import transmit

RESULTS = ("table.csv", "images.csv.gz", "run.json")


def results(folder):
    return {name: (folder / name).read_bytes() for name in RESULTS}


def unit_files(folder):
    return sorted(path for path in (folder / "units").glob("*.npz") if path.stem != "pictures")


@pytest.fixture
def finished(small_plan, serial_engine, tmp_path):
    """The folder of an uninterrupted sweep in one process."""
    return run_sweep(small_plan(), tmp_path / "whole", engine=serial_engine())


def test_values_are_those_of_the_link_and_the_metrics(small_plan, finished):
    plan = small_plan()
    with gzip.open(finished / "images.csv.gz", "rt") as file:
        lines = list(csv.DictReader(file))
    rows = read_rows(finished / "table.csv")
    assert len(rows) == len(plan.conditions)
    assert len(lines) == 12 * len(rows)
    for number, (condition, row) in enumerate(zip(plan.conditions, rows, strict=True)):
        bursts = [transmit(plan.dataset.images[k : k + 4], plan.links[condition], k) for k in (0, 4, 8)]
        received = np.concatenate([burst.images for burst in bursts])
        bit_errors = np.concatenate([burst.bit_errors for burst in bursts])
        part = lines[12 * number : 12 * (number + 1)]
        psnr = metrics.psnr(plan.dataset.images, received)
        assert [int(line["bit_errors"]) for line in part] == bit_errors.tolist()
        assert [int(line["index"]) for line in part] == plan.dataset.indices.tolist()
        assert [int(line["label"]) for line in part] == plan.dataset.labels.tolist()
        assert [float(line["psnr_db"]) for line in part] == pytest.approx(psnr, rel=1e-5)
        assert row["ber"] == pytest.approx(bit_errors.mean() / (8 * 28 * 28), rel=1e-6)
        assert row["ssim"] == pytest.approx(metrics.ssim(plan.dataset.images, received).mean(), rel=1e-5)
        assert row["piqe"] == pytest.approx(metrics.piqe(received).mean(), rel=1e-6)


@pytest.mark.parametrize("stop_after", [0, 1, 4])
def test_interrupted_and_resumed_is_the_same(small_plan, serial_engine, finished, tmp_path, stop_after):
    folder = tmp_path / "resumed"
    with pytest.raises(KeyboardInterrupt):
        run_sweep(small_plan(), folder, engine=serial_engine(stop_after))
    assert len(unit_files(folder)) == stop_after
    assert not (folder / "table.csv").exists()
    done = {path: path.stat().st_mtime_ns for path in unit_files(folder)}
    run_sweep(small_plan(), folder, engine=serial_engine())
    assert results(folder) == results(finished)
    assert all(path.stat().st_mtime_ns == time for path, time in done.items())


def test_any_number_of_processes_gives_the_same(small_plan, finished, tmp_path):
    assert results(run_sweep(small_plan(), tmp_path / "two", workers=2)) == results(finished)


def test_only_damaged_units_are_done_again(small_plan, serial_engine, finished):
    before = results(finished)
    damaged, lost, *kept = unit_files(finished)
    damaged.write_bytes(damaged.read_bytes()[:-7])
    lost.unlink()
    (finished / "table.csv").unlink()
    times = {path: path.stat().st_mtime_ns for path in kept}
    run_sweep(small_plan(), finished, engine=serial_engine(stop_after=2))
    assert results(finished) == before
    assert {path: path.stat().st_mtime_ns for path in kept} == times


def test_finished_sweeps_compute_nothing(small_plan, serial_engine, finished, capsys):
    before = results(finished)
    run_sweep(small_plan(), finished, engine=serial_engine(stop_after=0))
    assert results(finished) == before
    assert "12 of 12 units are there already" in capsys.readouterr().out


def test_a_line_for_every_finished_condition(small_plan, serial_engine, tmp_path, capsys):
    run_sweep(small_plan(), tmp_path / "lines", engine=serial_engine())
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["awgn", "bpsk", "5"], ["awgn", "qam16", "5"], ["rayleigh", "bpsk", "5"], ["rayleigh", "qam16", "5"],
    ]  # fmt: skip
    assert all("BER" in line for line in lines)


def test_with_the_papers_target(small_plan, serial_engine, tmp_path):
    """At 40 dB nothing is damaged, so nothing is predicted to be; at -10 dB nearly everything is."""
    pytest.importorskip("torch")
    plan = small_plan(
        target="paper", channels=("awgn",), modulations=("qpsk",), snr_db=(-10.0, 40.0), images=30
    )
    bad, good = read_rows(run_sweep(plan, tmp_path / "target", engine=serial_engine()) / "table.csv")
    assert (good["ber"], good["iqa_error_pct"], good["phi"], good["identical_share"]) == (0, 0, 1, 1)
    assert good["classifier_error_pct"] < 10
    assert bad["iqa_error_pct"] > 40
    assert bad["classifier_error_pct"] > 40
    with gzip.open(tmp_path / "target" / "images.csv.gz", "rt") as file:
        lines = list(csv.DictReader(file))
    assert all(float(line["score"]) == 0 for line in lines[30:])
    assert all(0 < float(line["score"]) <= 1 for line in lines[:30])
    wrong = np.mean([line["prediction"] != line["label"] for line in lines[:30]])
    changed = np.mean([line["assigned"] != line["sent_assigned"] for line in lines[:30]])
    assert (100 * wrong, 100 * changed) == pytest.approx(
        (bad["classifier_error_pct"], bad["iqa_error_pct"]), rel=1e-5
    )


def test_pictures_of_different_sizes(small_plan, serial_engine, tmp_path):
    from PIL import Image

    rng = np.random.default_rng(2)
    for number, shape in enumerate([(9, 7), (12, 30, 3), (9, 7)]):
        Image.fromarray(rng.integers(0, 256, shape, np.uint8)).save(tmp_path / f"{number}.png")
    plan = small_plan(
        dataset=str(tmp_path), images=None, preset="physical", snr_db=(60.0,), channels=("awgn",)
    )
    rows = read_rows(run_sweep(plan, tmp_path / "out", engine=serial_engine()) / "table.csv")
    assert [row["ber"] for row in rows] == [0, 0]
    assert {row["bits"] for row in rows} == {8 * (63 + 1080 + 63)}


def test_no_workers(small_plan, tmp_path):
    with pytest.raises(InputError, match="workers"):
        run_sweep(small_plan(), tmp_path / "none", workers=0)
    assert not (tmp_path / "none").exists()
