#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Draws: the same images with fresh noise, pooled into a row with quantiles, beside the paper's values."""

import csv
import gzip

import numpy as np
import pytest

from gnuradio.aeiqa.experiments.csv_tables import read_rows
from gnuradio.aeiqa.experiments.results import load
from gnuradio.aeiqa.experiments.sweep import run_sweep
from gnuradio.aeiqa.experiments.sweep.results import load_paper
from gnuradio.aeiqa.experiments.sweep.table import QUANTILE_COLUMNS, quantile
from gnuradio.aeiqa.report import report_text
from gnuradio.aeiqa.report.columns import Column
from gnuradio.aeiqa.report.draws import is_inside
from gnuradio.aeiqa.report.sweep.agreement import draw_agreement

DRAWS = 5
FILES = ("table.csv", "images.csv.gz")


@pytest.fixture
def plan(small_plan):
    def make(draws=DRAWS):
        return small_plan(draws=draws, modulations=("qpsk", "qam16"))

    return make


@pytest.fixture
def folder(plan, serial_engine, tmp_path):
    return run_sweep(plan(), tmp_path / "draws", engine=serial_engine())


def lines_of(folder):
    with gzip.open(folder / "images.csv.gz", "rt") as file:
        return list(csv.DictReader(file))


def test_a_row_is_all_draws_and_their_quantiles(folder, plan):
    lines = lines_of(folder)
    per_row = DRAWS * 12
    for number, row in enumerate(read_rows(folder / "table.csv")):
        part = lines[per_row * number : per_row * (number + 1)]
        assert row["images"] == per_row
        ids = [int(line["index"]) for line in part]
        assert ids == plan().dataset.indices.tolist() * DRAWS
        errors = np.array([int(line["bit_errors"]) for line in part]).reshape(DRAWS, 12)
        assert (errors.std(axis=0) > 0).all()  # the noise of each image is fresh
        rates = errors.mean(axis=1) / (8 * 28 * 28)
        assert row["ber"] == pytest.approx(rates.mean(), rel=1e-6)
        for end, share in (("q05", 0.05), ("q95", 0.95)):
            assert row[f"ber_{end}"] == pytest.approx(np.quantile(rates, share), rel=1e-6)


def test_the_first_draw_is_the_sweep_without(folder, plan, serial_engine, tmp_path):
    single = run_sweep(plan(draws=1), tmp_path / "single", engine=serial_engine())
    assert not set(read_rows(single / "table.csv")[0]) & set(QUANTILE_COLUMNS)
    drawn = lines_of(folder)
    first = [line for number, line in enumerate(drawn) if number % (DRAWS * 12) < 12]
    assert first == lines_of(single)


def test_workers_and_interruptions_change_nothing(folder, plan, serial_engine, tmp_path):
    whole = {name: (folder / name).read_bytes() for name in FILES}
    other = tmp_path / "other"
    with pytest.raises(KeyboardInterrupt):
        run_sweep(plan(), other, engine=serial_engine(7))
    run_sweep(plan(), other, workers=2)
    assert {name: (other / name).read_bytes() for name in FILES} == whole


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.95, 1.0])
def test_quantiles_are_numpys_and_take_infinite_values(share):
    values = np.random.default_rng(3).normal(size=41)
    assert quantile(values, share) == pytest.approx(np.quantile(values, share))
    assert quantile([np.inf] * 4, share) == np.inf
    assert quantile([1.0, 2.0, np.inf], 0.4) == pytest.approx(1.8)
    assert quantile([1.0, 2.0, np.inf], 0.95) == np.inf


@pytest.mark.parametrize(
    ("value", "inside"),
    [(9.99, False), (10.0, True), (11.0, True), (12.0, True), (12.01, False), (None, None)],
)
def test_the_papers_value_is_marked_where_it_lies_inside(value, inside):
    column = Column("PSNR", "psnr", "{:.2f}")
    row = {"psnr": 11.0, "psnr_q05": 10.0, "psnr_q95": 12.0}
    assert is_inside(row, column, {"psnr": value}) is inside
    assert is_inside({"psnr": 11.0}, column, {"psnr": 11.0}) is None


def test_the_report_tells_of_the_draws(folder):
    results = load(folder).sweep
    text = report_text(results)
    assert f"Means and 5 to 95 % of {DRAWS} draws of 12 images each." in text
    paper, row = load_paper(), results.rows[0]
    line = next(line for line in text.splitlines() if line.startswith("AWGN     QPSK        5 |"))
    assert f"{paper['awgn', 'qpsk', 5.0]['ber']:.4f}  {row['ber']:.4f}" in line
    assert f"{row['ber_q05']:.4f} to {row['ber_q95']:.4f}" in line
    figure = draw_agreement(results)
    panel = figure.axes[0]
    assert panel.get_title() == "BER, less our mean"
    bar, point = panel.get_lines()[:2]
    assert bar.get_xdata() == pytest.approx([row["ber_q05"] - row["ber"], row["ber_q95"] - row["ber"]])
    assert point.get_xdata() == pytest.approx([paper["awgn", "qpsk", 5.0]["ber"] - row["ber"]])
