#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Stopping rules: links get as many images as the precision that was asked for takes, and no more."""

import csv
import gzip

import numpy as np
import pytest

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.csv_tables import read_rows
from gnuradio.aeiqa.experiments.results import load
from gnuradio.aeiqa.experiments.store import Store
from gnuradio.aeiqa.experiments.sweep import Plan, SweepConfig, run_sweep
from gnuradio.aeiqa.experiments.sweep.stopping import (
    Counts,
    StoppingRule,
    further_spans,
    half_width,
    order_of,
)
from gnuradio.aeiqa.experiments.sweep.unit import RECORD
from gnuradio.aeiqa.report import report_text

RESULTS = ("table.csv", "images.csv.gz", "run.json")
SEEDS = 20
SHARE = 0.1


def toss(unit):
    """Stands for link and classifier: each image is misclassified with the same probability, by itself."""
    records = np.zeros(unit.stop - unit.start, RECORD)
    rng = np.random.default_rng([int(unit.condition.snr_db), unit.start])
    records["prediction"] = rng.random(len(records)) < SHARE
    records["bits"] = 1
    return {"records": records, "received": []}


class Tosses(Plan):
    """A sweep whose links, one for each SNR, are coins."""

    def write_tables(self, store):
        """Leave the units as they are."""


def counts_of(records):
    return Counts(len(records), int(records["prediction"].sum()), 0)


def test_the_promise_holds_at_the_price_of_the_binomial_law(tmp_path, serial_engine):
    """Over 20 coins at least 18 estimates are within one point, by about p (1 - p) (1.96 / 0.01)^2 tosses."""
    pytest.importorskip("torch")
    plan = Tosses(
        SweepConfig(
            channels=("awgn",),
            modulations=("bpsk",),
            snr_db=tuple(range(SEEDS)),
            images=2000,
            until="error:1",
        )
    )
    plan.compute = toss
    folder = run_sweep(plan, tmp_path / "tosses", engine=serial_engine())
    found = [counts_of(records) for _, records in plan.kept_records(folder)]
    errors = np.array([100 * each.misclassified / each.images for each in found])
    assert (np.abs(errors - 100 * SHARE) <= 1.0).sum() >= 18
    law = SHARE * (1 - SHARE) * (1.96 / 0.01) ** 2
    assert all(0.7 * law <= each.images <= 1.3 * law for each in found)
    assert all(half_width(each.misclassified, each.images) <= 1.0 for each in found)


@pytest.fixture
def repeated(small_plan):
    """Make a plan of 12 images over a bad and a good link, until 20,000 bits are wrong, 90 images at most."""

    def make(**changes):
        rule = {"min_bit_errors": 20_000, "max_images": 90}
        return small_plan(channels=("awgn",), modulations=("bpsk",), snr_db=(0.0, 40.0), **(rule | changes))

    return make


def results(folder):
    return {name: (folder / name).read_bytes() for name in RESULTS}


def test_links_stop_when_bits_enough_are_wrong_or_at_the_limit(repeated, serial_engine, tmp_path):
    folder = run_sweep(repeated(), tmp_path / "out", engine=serial_engine())
    bad, good = read_rows(folder / "table.csv")
    assert bad["bit_errors"] >= 20_000
    assert 12 < bad["images"] < 90
    assert bad["bit_errors"] * (1 - 8 / bad["images"]) < 20_000  # the last unit was needed
    assert (good["images"], good["bit_errors"]) == (90, 0)
    text = report_text(load(folder).sweep)
    assert f"until 20,000 bits were wrong: {bad['images']:.0f} to 90 images a link. 1 of 2 links had" in text
    with gzip.open(folder / "images.csv.gz", "rt") as file:
        lines = [line for line in csv.DictReader(file) if line["snr_db"] == "0"]
    assert len(lines) == bad["images"]
    errors = {}
    for line in lines:
        errors.setdefault(line["index"], []).append(int(line["bit_errors"]))
    assert len(errors) == 12
    assert all(len(set(each)) > 1 for each in errors.values() if len(each) > 1)  # the noise is fresh


def test_the_number_of_processes_changes_nothing(repeated, serial_engine, tmp_path):
    one = run_sweep(repeated(), tmp_path / "one", engine=serial_engine())
    assert results(run_sweep(repeated(), tmp_path / "two", workers=2)) == results(one)


@pytest.mark.parametrize("stop_after", [1, 8])
def test_interrupted_and_resumed_is_the_same(repeated, serial_engine, tmp_path, stop_after):
    whole, folder = run_sweep(repeated(), tmp_path / "whole", engine=serial_engine()), tmp_path / "resumed"
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            run_sweep(repeated(), folder, engine=serial_engine(stop_after))
    run_sweep(repeated(), folder, engine=serial_engine())
    assert results(folder) == results(whole)


def test_what_was_computed_in_vain_does_not_count(repeated, serial_engine, tmp_path):
    """More units than needed, as a cluster may leave them, change no number."""
    plan, folder = repeated(), tmp_path / "out"
    run_sweep(plan, folder, engine=serial_engine())
    before = results(folder)
    with Store(folder, plan.description(), plan.kind) as store:
        for unit in plan._parts[plan.conditions[0]]:
            store.write(unit.key, plan.compute(unit))
    assert results(run_sweep(repeated(), folder, engine=serial_engine(0))) == before


def test_the_first_pass_is_the_sweep_without_a_rule(small_plan, repeated):
    plain = small_plan(channels=("awgn",), modulations=("bpsk",), snr_db=(0.0, 40.0))
    plan = repeated()
    assert plan.units == plain.units
    for unit in plain.units[:2]:
        assert plan.compute(unit)["records"].tobytes() == plain.compute(unit)["records"].tobytes()
    assert "until" not in plain.description()["configuration"]


def test_each_pass_sends_every_image_once():
    order = order_of(12, 0, 40)
    assert order[:12].tolist() == list(range(12))
    for number in (1, 2):
        part = order[12 * number : 12 * (number + 1)]
        assert sorted(part) == list(range(12)) != part.tolist()
    parts = [order_of(12, start, stop) for start, stop in [(0, 5), (5, 13), (13, 37), (37, 40)]]
    np.testing.assert_array_equal(np.concatenate(parts), order)


def test_repetitions_come_in_parts_of_what_was_sent():
    spans = further_spans(100, 20_000, 500)
    assert [start for start, _ in spans] == [100, *(stop for _, stop in spans[:-1])]
    assert spans[-1][1] == 20_000
    assert all(stop - start <= max(8, min(500, start / 16)) for start, stop in spans)
    assert further_spans(100, 100, 500) == []


def test_estimates_are_those_of_the_rule():
    rule = StoppingRule(2.0, None, 10_000)
    needed = rule.estimate(Counts(1000, 300, 0))
    assert half_width(0.3 * needed, needed) <= 2.0 < half_width(0.3 * (needed - 1), needed - 1)
    assert StoppingRule(None, 100, 10_000).estimate(Counts(50, 0, 25)) == 200
    assert StoppingRule(None, 100, 120).estimate(Counts(50, 0, 1)) == 120
    assert StoppingRule(2.0, 100, 10_000).is_precise(Counts(9000, 0, 99)) is False


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"until": "ber:1", "target": "paper"}, "until must be error:POINTS .*'ber:1'"),
        ({"until": "error:0", "target": "paper"}, "until must be error:POINTS .*'error:0'"),
        ({"until": "error", "target": "paper"}, "until must be error:POINTS"),
        ({"until": "error:1"}, "until: error:1 needs a classifier"),
        ({"max_images": 50}, "max_images: 50 needs until or min_bit_errors"),
        ({"min_bit_errors": 0}, "min_bit_errors: must be a whole number 1 or more, got 0|min_bit_errors"),
        ({"min_bit_errors": 9, "max_images": 11}, "max_images: must be at least the 12 images of mnist"),
    ],
)
def test_wrong_rules_are_named(small_plan, changes, words):
    with pytest.raises(InputError, match=words) as refusal:
        small_plan(**changes)
    assert "\n" not in str(refusal.value)
