#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Tables of experiments: what is written is read back, SNRs exactly, and what is no table is refused."""

import csv
import gzip
import io
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.csv_tables import read_rows, rounded, snr_text, write_rows
from gnuradio.aeiqa.experiments.sweep import run_sweep
from gnuradio.aeiqa.experiments.sweep.grid import Condition, conditions

LEVELS = st.floats(-300, 300)


def written(path, columns, rows, **options):
    file = io.BytesIO()
    write_rows(file, columns, rows, **options)
    path.write_bytes(file.getvalue())
    return file.getvalue().decode()


@settings(deadline=None, derandomize=True)
@given(LEVELS, LEVELS)
def test_an_snr_reads_back_exactly_so_no_two_print_alike(first, second):
    assert float(snr_text(first)) == first
    assert (snr_text(first) == snr_text(second)) == (first == second and snr_text(first) == snr_text(second))
    keys = {Condition("awgn", "bpsk", value).key for value in (first, np.nextafter(first, 1e9))}
    assert len(keys) == 2
    assert snr_text(5.0) == "5"
    assert snr_text(-0.3) == "-0.3"


def test_a_row_joins_with_its_images_whatever_its_snr(small_plan, serial_engine, tmp_path):
    snr_db = (10.123456789, 10.1234567891, 1 / 3)
    plan = small_plan(snr_db=snr_db, modulations=("bpsk",), channels=("awgn",), images=3)
    folder = run_sweep(plan, tmp_path / "out", engine=serial_engine())
    with gzip.open(folder / "images.csv.gz", "rt") as file:
        images = [line["snr_db"] for line in csv.DictReader(file)]
    with open(folder / "table.csv", encoding="utf-8", newline="") as file:
        table = [line["snr_db"] for line in csv.DictReader(file)]
    assert table == list(dict.fromkeys(images)) == ["10.123456789", "10.1234567891", "0.3333333333333333"]
    assert [row["snr_db"] for row in read_rows(folder / "table.csv")] == list(snr_db)


def test_a_condition_that_is_there_twice_is_refused():
    for channels, modulations, snr_db in (
        (("awgn", "awgn"), ("bpsk",), (1.0,)),
        (("awgn",), ("bpsk", "bpsk"), (1.0,)),
        (("awgn",), ("bpsk",), (0.0, -0.0)),
    ):
        with pytest.raises(InputError, match="is there twice"):
            conditions(channels, modulations, snr_db)


def test_numbers_text_and_what_is_missing_come_back(tmp_path):
    columns = ("target", "images", "ber", "psnr_db", "snr_db", "auroc", "raw")
    row = {
        "target": "5", "images": 7, "ber": 1 / 3, "psnr_db": math.inf, "snr_db": 1 / 3, "auroc": math.nan,
    }  # fmt: skip
    text = written(tmp_path / "t.csv", columns, [row])
    assert text == "target,images,ber,psnr_db,snr_db,auroc,raw\n5,7,0.333333,inf,0.3333333333333333,,\n"
    expected = {
        "target": "5", "images": 7.0, "ber": 0.333333, "psnr_db": math.inf, "snr_db": 1 / 3, "auroc": None,
        "raw": None,
    }  # fmt: skip
    assert read_rows(tmp_path / "t.csv", columns) == [expected] == rounded([row], columns)
    assert "0.3333333," in written(tmp_path / "t.csv", columns, [row], digits=7)


@pytest.mark.parametrize(
    "content",
    [b"", b"a\n1\n", b"\xff\xfe", b"a,b\n1\n", b"a,b\n1,2,3\n", b"a,b\n1,x\n", b"a,b\n1,nan\n",
     b"a,b\n\0,1\n", b'a,b\n"' + b"x" * 200_000 + b'",1\n'],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_one_line(tmp_path, content):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(InputError, match=r"t\.csv is damaged \(") as refusal:
        read_rows(tmp_path / "t.csv", ("a", "b"))
    assert "\n" not in str(refusal.value)
