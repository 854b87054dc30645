#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The table's rows, against the same numbers computed by hand, and its file."""

import io

import numpy as np
import pytest
from scipy import stats

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.csv_tables import read_rows, write_rows
from gnuradio.aeiqa.experiments.sweep import table
from gnuradio.aeiqa.experiments.sweep.grid import Condition
from gnuradio.aeiqa.experiments.sweep.unit import ABSENT, RECORD, top5, with_top5
from gnuradio.aeiqa.metrics import binomial_interval

CONDITION = Condition("awgn", "qam16", 7.5)


def four_images(**changes):
    """One image arrived whole; the classifier misclassifies the first two of the four."""
    records = np.zeros(4, RECORD)
    records["label"] = [1, 2, 3, 4]
    records["prediction"] = [7, 7, 3, 4]
    records["assigned"] = [1, 5, 5, 4]
    records["sent_assigned"] = [1, 1, 5, 4]
    records["raw"] = 25
    records["bits"] = 80
    records["bit_errors"] = [10, 6, 8, 0]
    records["psnr_db"] = [10, 12, 20, np.inf]
    records["ssim"] = [0.2, 0.4, 0.94, 1.0]
    records["piqe"] = [70, 80, 90, 100]
    for name, values in changes.items():
        records[name] = values
    return records


def counted(raw, error_pct, count):
    """As a score whose raw value is the share itself."""
    return raw, tuple(100 * bound for bound in binomial_interval(raw / 100 * count, count))


def test_row():
    row = table.row(CONDITION, 1.479, four_images(), with_target=True, pooled=counted)
    low, high = stats.beta.ppf([0.025, 0.975], [1, 2], [4, 3])
    expected = {
        "channel": "awgn",
        "modulation": "qam16",
        "snr_db": 7.5,
        "ber": 24 / 320,
        "classifier_error_pct": 50,
        "psnr_wrong_db": 11,
        "psnr_correct_db": np.inf,
        "ssim_wrong_db": -10 * np.log10(0.7),
        "ssim_correct_db": -10 * np.log10(0.03),
        "piqe_wrong": 75,
        "piqe_correct": 95,
        "iqa_error_pct": 25,
        "eb_n0_db": 1.479,
        "images": 4,
        "bits": 320,
        "bit_errors": 24,
        "psnr_finite_db": 14,
        "identical_share": 0.25,
        "ssim": 0.635,
        "piqe": 85,
        "phi": 0.75,
        "iqa_low": 100 * low,
        "iqa_high": 100 * high,
    }
    assert {name: row[name] for name in expected} == pytest.approx(expected)
    assert set(row) - set(expected) == {"ber_low", "ber_high"}
    assert 0 < row["ber_low"] < row["ber"] < row["ber_high"] < 1


def test_empty_groups_and_links_without_damage_or_target():
    right = table.row(CONDITION, 0.0, four_images(prediction=[1, 2, 3, 4]), with_target=True, pooled=counted)
    assert right["classifier_error_pct"] == 0
    assert right["psnr_wrong_db"] is right["ssim_wrong_db"] is right["piqe_wrong"] is None
    whole = table.row(
        CONDITION, 0.0, four_images(psnr_db=np.inf, bit_errors=0, ssim=1), with_target=True, pooled=counted
    )
    assert (whole["psnr_finite_db"], whole["identical_share"], whole["ssim_wrong_db"]) == (np.inf, 1, 90)
    assert (whole["ber"], whole["ber_low"]) == (0, 0)
    assert whole["ber_high"] == pytest.approx(1 - 0.025 ** (1 / 320))
    alone = table.row(CONDITION, 0.0, four_images(prediction=ABSENT, score=np.nan), with_target=False)
    assert {name for name, value in alone.items() if value is None} == {
        "classifier_error_pct", "psnr_wrong_db", "psnr_correct_db", "ssim_wrong_db", "ssim_correct_db",
        "piqe_wrong", "piqe_correct", "iqa_error_pct", "phi", "iqa_low", "iqa_high",
    }  # fmt: skip


@pytest.mark.parametrize("spread", [0.0, 0.1])
def test_ber_interval_holds_the_truth_as_often_as_it_says(spread):
    """Also where images differ in their rate, as under fading: there Clopper-Pearson on bits would fail."""
    rng = np.random.default_rng(3)
    bits = np.full(200, 1000)
    held = 0
    for _ in range(400):
        rates = 0.2 + spread * rng.uniform(-1, 1, bits.size)
        low, high = table.ber_interval(rng.binomial(bits, rates), bits)
        held += low <= 0.2 <= high
    # 95 % of 400 is 380; the bounds are the binomial's 99.9 % interval, above open because the interval is
    # exact.
    assert held >= stats.binom.ppf(0.0005, 400, 0.95)
    assert held < 400


def test_ber_interval_of_independent_bits_is_that_of_the_binomial():
    rng = np.random.default_rng(5)
    bits = np.full(2000, 800)
    errors = rng.binomial(bits, 0.05)
    low, high = table.ber_interval(errors, bits)
    expected = stats.binomtest(int(errors.sum()), int(bits.sum())).proportion_ci(method="exact")
    assert (low, high) == pytest.approx(tuple(expected), rel=0.01)


def test_file_round_trip(tmp_path):
    rows = [
        table.row(CONDITION, 1.479, four_images(), with_target=True, pooled=counted),
        table.row(CONDITION, 1.479, four_images(), with_target=False),
    ]
    file = io.BytesIO()
    write_rows(file, table.COLUMNS, rows, table.DIGITS)
    (tmp_path / "table.csv").write_bytes(file.getvalue())
    assert file.getvalue().decode().splitlines()[0] == ",".join(table.COLUMNS)
    for read, written in zip(read_rows(tmp_path / "table.csv"), rows, strict=True):
        assert read == {name: pytest.approx(value, rel=1e-6) for name, value in written.items()}


def test_first_columns_are_the_papers(paper_folder):
    with open(paper_folder / "table2.csv", encoding="utf-8") as file:
        assert tuple(file.readline().strip().split(",")) == table.PAPER_COLUMNS
    assert table.COLUMNS[: len(table.PAPER_COLUMNS)] == table.PAPER_COLUMNS


@pytest.mark.parametrize("text", ["a,b\n1,2\n", ",".join(table.COLUMNS) + "\nawgn,bpsk,0\n", ""])
def test_other_files_are_refused(tmp_path, text):
    (tmp_path / "table.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"table\.csv is damaged .*column"):
        read_rows(tmp_path / "table.csv", table.PAPER_COLUMNS)


def test_the_top_5_error_beside_the_error_where_there_are_many_classes():
    rng = np.random.default_rng(4)
    probabilities = rng.dirichlet(np.ones(21), 200).astype(np.float32)
    labels = rng.integers(0, 21, 200)
    expected = [label in np.argsort(-p)[:5] for p, label in zip(probabilities, labels, strict=True)]
    found = top5(probabilities, labels)
    assert found.tolist() == expected
    assert top5(probabilities[:, :20], labels % 20) is None
    plain = np.zeros(200, RECORD)
    plain["bits"], plain["label"], plain["prediction"] = 80, labels, probabilities.argmax(axis=1)
    values = table.row(CONDITION, 0.0, with_top5(plain, found), True)
    less = table.row(CONDITION, 0.0, plain, True)
    assert values.pop("classifier_top5_error_pct") == pytest.approx(100 * (1 - np.mean(expected)))
    assert values == less
