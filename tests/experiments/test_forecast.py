#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Forecasts: they count what is missing, measure it, and leave nothing behind."""

import io

import cluster_work
import numpy as np
import pytest

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.forecast import Forecast, forecast
from gnuradio.aeiqa.experiments.local import run_local
from gnuradio.aeiqa.experiments.sweep import run_sweep
from gnuradio.aeiqa.experiments.sweep.grid import Condition
from gnuradio.aeiqa.experiments.sweep.per_image import write_images
from gnuradio.aeiqa.experiments.sweep.unit import RECORD


def test_a_forecast_counts_and_measures_and_leaves_nothing(small_plan, serial_engine, tmp_path):
    plan, folder = small_plan(), tmp_path / "out"
    found = forecast(plan, folder, workers=2)
    assert not folder.exists()
    assert (found.units, found.there, found.workers, found.probed) == (12, 0, 2, 5)
    assert 0 < found.unit_s < found.start_s
    assert "12 of 12 units to compute" in found.text()
    with pytest.raises(KeyboardInterrupt):
        run_sweep(plan, folder, engine=serial_engine(stop_after=9))
    before = sorted(path.name for path in (folder / "units").iterdir())
    assert (forecast(plan, folder).there, forecast(plan, folder).probed) == (9, 3)
    assert sorted(path.name for path in (folder / "units").iterdir()) == before
    run_sweep(plan, folder, engine=serial_engine())
    done = forecast(plan, folder)
    assert (done.missing, done.text()) == (0, f"{folder}: 0 of 12 units to compute")
    with pytest.raises(InputError, match=r"holds another sweep: its images is 12, asked is 11"):
        forecast(small_plan(images=11), folder)


def test_the_disk_forecast_is_what_the_run_takes(small_plan, serial_engine, tmp_path):
    """Nearly: some units keep images for the report, and the header of images.csv.gz counts once a unit."""
    plan = small_plan(images=10)
    found = forecast(plan, tmp_path / "out")
    folder = run_sweep(plan, tmp_path / "out", engine=serial_engine())
    taken = sum(path.stat().st_size for path in (folder / "units").iterdir() if "dB" in path.name)
    assert 0.9 * taken < found.disk_bytes < 1.5 * (taken + (folder / "images.csv.gz").stat().st_size)


def test_times_and_sizes_in_words(tmp_path):
    some = Forecast(tmp_path, "unit", 100, 4, 8, 5, 30.0, 60.0, 1e6, 10**12)
    assert some.seconds == 30 + 11 * 60
    assert some.text().splitlines()[1:] == [
        "time: about 11.5 min on 8 workers (60 s a unit, measured on 5 here, one process)",
        "disk: about 96.0 MB, figures and pages aside; 1.0 TB are free",
    ]
    full = Forecast(tmp_path, "unit", 1, 0, 1, 1, 30.0, 30.0, 5e9, 10**9)
    assert "about 30 s on 1 worker (" in full.text()
    assert full.text().endswith("the disk is too small: choose another folder with --out")


class Counted:
    """Units that say when they were taken, as a generator of them would."""

    def __init__(self, count):
        self.count, self.taken = count, 0

    def __len__(self):
        return self.count

    def __iter__(self):
        for number in range(self.count):
            self.taken += 1
            yield cluster_work.Unit(number)


def test_few_units_are_under_way_whatever_their_number():
    units = Counted(1000)
    results = run_local(cluster_work.Squares(), units, 2)
    for done, _ in enumerate(results, start=1):
        assert units.taken <= done + 16
        if done == 40:
            break
    results.close()


def test_images_written_in_parts_are_the_same_bytes():
    rng = np.random.default_rng(1)
    records = np.zeros(5000, RECORD)
    records["psnr_db"], records["index"] = rng.normal(20, 5, 5000), np.arange(5000)
    condition, files = Condition("awgn", "bpsk", 0.0), []
    for parts in (1, 7):
        files.append(io.BytesIO())
        split = ((condition, part) for part in np.array_split(records, parts))
        write_images(files[-1], split, True, True, True)
    assert files[0].getvalue() == files[1].getvalue()
