#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""./aeiqa evaluate, from options to tables; interrupted; and what it refuses."""

import csv
import runpy

import pytest

pytest.importorskip("torch")

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.evaluation import EvaluationConfig, Plan, run_evaluation
from gnuradio.aeiqa.experiments.evaluation.results import WORST_COLUMNS, load_evaluation
from gnuradio.aeiqa.files import data_dir

SMALL = {"images": 80, "targets": ("paper",), "scores": ("paper", "blind", "psnr"), "links": ("table2",)}


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def two_links(**changes):
    plan = Plan(EvaluationConfig(**{**SMALL, **changes}))
    plan.units = plan.units[:1] + plan.units[20:21]
    return plan


def inline(compute, units):
    """Stands for the worker processes, whose start costs seconds; they have tests of their own."""
    for unit in units:
        yield unit, compute(unit)


def test_the_tables(tmp_path):
    folder = run_evaluation(two_links(), tmp_path / "out", engine=inline)
    rows = rows_of(folder / "evaluation.csv")
    assert {row["dataset"] for row in rows} == {"mnist"}
    assert {(row["score"], row["variant"]) for row in rows} == {
        (score, variant)
        for score in ("paper", "blind", "psnr")
        for variant in ("raw", "fitted", "fitted-on-awgn")
    }  # no transfer between targets with only one
    assert {row["channel"] for row in rows if row["variant"] == "fitted-on-awgn"} == {"rayleigh"}
    assert {row["seed"] for row in rows if row["score"] == "blind"} == {"1", "2", "3"}
    assert {row["seed"] for row in rows if row["score"] == "psnr"} == {"0"}
    for row in rows:
        assert row["n_images"] == "80"
        if row["predicted_error_pct"]:
            low, value, high = (float(row[f"predicted_{k}_pct"]) for k in ("low", "error", "high"))
            assert low <= value <= high
    (verdict,) = load_evaluation(folder).verdicts
    assert (verdict.target, verdict.score, verdict.links, verdict.seeds) == ("paper", "blind", "table2", 3)
    summary = rows_of(folder / "summary.csv")
    fitted = next(row for row in summary if (row["score"], row["variant"]) == ("blind", "fitted"))
    assert verdict.mean.value == float(fitted["mean_abs_points"])
    assert {row["links"] for row in summary} == {"table2", "awgn-to-rayleigh"}
    blind = next(
        row for row in summary if (row["score"], row["variant"], row["links"]) == ("blind", "raw", "table2")
    )
    off = [
        abs(float(row["true_error_pct"]) - float(row["predicted_error_pct"]))
        for row in rows
        if (row["score"], row["variant"]) == ("blind", "raw")
    ]
    assert float(blind["mean_abs_points"]) == pytest.approx(sum(off) / len(off), rel=1e-4)
    assert float(blind["mean_abs_points_low"]) <= float(blind["mean_abs_points_high"])
    assert rows_of(folder / "worst.csv")[0].keys() == set(WORST_COLUMNS)


def test_interrupted_it_goes_on_to_the_same_bytes(tmp_path):
    whole = run_evaluation(two_links(), tmp_path / "whole", engine=inline)

    def dies(compute, units):
        yield from inline(compute, units[:1])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_evaluation(two_links(), tmp_path / "resumed", engine=dies)
    done = []

    def counts(compute, units):
        done.extend(units)
        yield from inline(compute, units)

    resumed = run_evaluation(two_links(), tmp_path / "resumed", engine=counts)
    assert len(done) == 1
    for name in ("evaluation.csv", "summary.csv", "worst.csv", "verdict.csv"):
        assert (resumed / name).read_bytes() == (whole / name).read_bytes()
    with pytest.raises(InputError, match="holds another evaluation: its images is 80, asked is 90"):
        run_evaluation(two_links(images=90), tmp_path / "resumed")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"targets": ("lenett",)}, "--targets must be among paper, lenet, wide, robust, got 'lenett'"),
        ({"scores": ("papre",)}, "--scores must be among paper, .*, got 'papre'"),
        ({"links": ("table3",)}, "links: must be among table2, physical, got 'table3'"),
        ({"images": 0}, "images: must be a whole number from 1 to 10000"),
    ],
)
def test_what_cannot_be_evaluated(changes, message):
    with pytest.raises(InputError, match=message):
        Plan(EvaluationConfig(**{**SMALL, **changes}))


def test_the_command_tells_mistakes_in_one_line(capsys, monkeypatch):
    app = data_dir().parent / "apps" / "evaluate.py"
    monkeypatch.setattr("sys.argv", ["evaluate", "--images", "many"])
    with pytest.raises(SystemExit) as left:
        runpy.run_path(str(app), run_name="__main__")
    assert left.value.code == 2
    assert capsys.readouterr().err == "aeiqa evaluate: --images must be a whole number or all, got 'many'\n"
