#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""AUROC and what is said over links, against their definitions; the summary on rows made by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch")

from gnuradio.aeiqa.experiments.evaluation.statistics import auroc, over_links
from gnuradio.aeiqa.experiments.evaluation.summary import summarise, summary_text


@settings(max_examples=30)
@given(seed=st.integers(0, 2**31), levels=st.integers(1, 20))
def test_auroc_counts_pairs(seed, levels):
    rng = np.random.default_rng(seed)
    score, wrong = rng.integers(0, levels, 90) / 10, np.arange(90) < 40
    bad, good = score[wrong][:, np.newaxis], score[~wrong]
    assert auroc(score, wrong) == pytest.approx(((bad > good) + 0.5 * (bad == good)).mean())


@pytest.mark.parametrize("bad", [0, 29, 61, 90])
def test_no_auroc_from_too_few(bad):
    assert math.isnan(auroc(np.arange(90.0), np.arange(90) < bad))


def test_over_links_by_hand():
    found = over_links(np.array([0.0, 10.0, 20.0]), np.array([1.0, 9.0, 23.0]), np.zeros(3))
    assert found["mean_abs_points"] == pytest.approx(5.0 / 3.0)
    assert found["max_abs_points"] == 3.0
    assert found["bias_points"] == 1.0
    assert found["spearman"] == found["kendall"] == pytest.approx(1.0)
    assert found["pearson"] == pytest.approx(np.corrcoef([0, 10, 20], [1, 9, 23])[0, 1])


def test_a_score_that_predicts_no_share_is_correlated_by_its_raw_value():
    found = over_links(np.array([0.0, 10.0, 20.0]), np.full(3, np.nan), np.array([-30.0, -20.0, -25.0]))
    assert math.isnan(found["mean_abs_points"])
    assert found["spearman"] == pytest.approx(0.5)


def test_constant_predictions_have_no_correlation():
    assert math.isnan(over_links(np.array([0.0, 10.0]), np.array([5.0, 5.0]), np.zeros(2))["pearson"])


def row(**fields):
    return {
        "dataset": "d", "target": "t", "score": "s", "variant": "fitted", "seed": 1, "preset": "table2",
        "channel": "awgn", "modulation": "bpsk", "snr_db": 0.0, "n_images": 100, "true_error_pct": 10.0,
        "predicted_error_pct": 10.0, "predicted_low_pct": 5.0, "predicted_high_pct": 15.0, "auroc": 0.9,
        "raw": 1.0, **fields,
    }  # fmt: skip


def test_seeds_are_averaged_and_their_range_is_kept():
    rows = [
        row(
            seed=seed,
            snr_db=snr_db,
            true_error_pct=true,
            predicted_error_pct=true + off,
            auroc=0.7 + seed / 10,
        )
        for seed, off in ((1, 1.0), (2, -3.0))
        for snr_db, true in ((0.0, 40.0), (5.0, 10.0))
    ]
    (found,) = summarise(rows)
    assert (found["links"], found["n_links"], found["seeds"]) == ("table2", 2, 2)
    assert [found[f"mean_abs_points{end}"] for end in ("", "_low", "_high")] == [2.0, 1.0, 3.0]
    assert found["bias_points"] == pytest.approx(-1.0)
    assert found["auroc"] == pytest.approx(0.85)
    assert found["coverage_pct"] == 50.0  # the true error is inside 5 to 15 only where it is 10
    assert "t, table2: 2 links" in summary_text([found])


def test_what_was_fitted_elsewhere_counts_for_transfer_alone():
    rows = [
        row(variant="fitted-on-awgn", channel="awgn"),
        row(variant="fitted-on-awgn", channel="rayleigh"),
        row(variant="fitted-on-lenet"),
        row(variant="raw", preset="physical"),
    ]
    found = {(each["variant"], each["links"]): each["n_links"] for each in summarise(rows)}
    expected = {("fitted", "awgn-to-rayleigh"): 1, ("fitted", "target-transfer"): 1, ("raw", "physical"): 1}
    assert found == expected


def test_links_without_an_auroc_are_left_out_of_its_mean():
    rows = [row(auroc=0.8), row(snr_db=5.0, auroc=math.nan), row(snr_db=10.0, auroc=None)]
    (found,) = summarise(rows)
    assert found["auroc"] == pytest.approx(0.8)
