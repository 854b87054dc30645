#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The verdict on the scores: read off the rows of an evaluation, in numbers and in words."""

import pytest

pytest.importorskip("torch")

from gnuradio.aeiqa.experiments.evaluation.summary import summarise
from gnuradio.aeiqa.experiments.evaluation.verdict import AIMS, verdicts
from gnuradio.aeiqa.iqa.classifiers.clean_errors import CleanError, CleanErrors
from gnuradio.aeiqa.report.evaluation.verdict_text import blocks, verdict_text

LINKS = [(c, m, s) for c in ("awgn", "rayleigh") for m in ("bpsk", "qpsk") for s in (0.0, 5.0)]


def rows_of(target, score, off, auroc=0.97, seed=1, preset="table2", half=1.0):
    """Return a row for each link, the prediction ``off[i]`` points above a true error of 10, 20 ... %."""
    return [
        {
            "dataset": "mnist", "target": target, "score": score, "variant": "fitted", "seed": seed,
            "preset": preset, "channel": channel, "modulation": modulation, "snr_db": snr, "n_images": 2500,
            "true_error_pct": 10.0 * (number + 1), "predicted_error_pct": 10.0 * (number + 1) + off[number],
            "predicted_low_pct": 10.0 * (number + 1) + off[number] - half,
            "predicted_high_pct": 10.0 * (number + 1) + off[number] + half, "auroc": auroc, "raw": 0.5,
        }
        for number, (channel, modulation, snr) in enumerate(LINKS)
    ]  # fmt: skip


def judged(*parts):
    rows = [row for part in parts for row in part]
    return verdicts(rows, summarise(rows))


GOOD = [0.5, -0.5] * 4
WORSE = [0.5, -0.5, 0.5, -0.5, 0.5, -0.5, -6.5, 0.5]  # 6.5 points off over Rayleigh QPSK 0 dB


def test_what_keeps_to_its_aims_is_trusted():
    found = judged(rows_of("paper", "reference", GOOD), rows_of("paper", "blind", [0.1, -0.2] * 4))
    assert [v.met for v in found] == [True, True]
    (block,) = blocks(found)
    (line,) = block.lines
    assert block.title == "mnist, the links of Table II: 8 links"
    assert line.scores == (("reference", True), ("blind", True))
    assert (line.target, line.defeats) == ("paper", ())
    assert line.advice == (
        "Trust either: the blind score, 0.15 points off on average and 0.2 at worst; "
        "reference score, 0.50 points off on average and 0.5 at worst."
    )
    assert block.notes[-1] == (
        "Over each link go 2,500 images: chance alone moves a true error by up to 2.0 points, 19 times of 20."
    )


def test_a_defeat_is_told_with_its_number_its_link_and_both_errors():
    found = judged(rows_of("lenet", "reference", WORSE), rows_of("lenet", "blind", GOOD))
    (line,) = blocks(found)[0].lines
    assert line.advice == "Trust the blind score, 0.50 points off on average and 0.5 at worst."
    assert line.defeats == (
        "lenet defeats reference: 6.5 points off at worst (aim: at most 6). Furthest off over "
        "Rayleigh QPSK 0 dB: predicted 63.5 %, true 70.0 %.",
    )
    reference, _ = blocks(found)[0].groups
    (target, cells, met) = reference.rows[0]
    assert (target, met) == ("lenet", False)
    assert [cell.met for cell in cells] == [True, False, True, None]
    assert cells[3].text == "88 %"  # seven of eight


def test_a_score_that_only_cannot_tell_images_apart_still_serves_for_the_share():
    found = judged(rows_of("paper", "reference", GOOD), rows_of("paper", "blind", [0.1] * 8, auroc=0.94))
    (line,) = blocks(found)[0].lines
    assert line.advice == (
        "Trust the reference score, 0.50 points off on average and 0.5 at worst. Of the error rate alone "
        "the blind score, 0.10 points off on average and 0.1 at worst, says more."
    )
    assert line.defeats == ("paper defeats blind: AUROC 0.940 (aim: at least 0.95).",)


def test_seeds_are_averaged_and_the_furthest_of_all_is_named():
    three = [rows_of("wide", "blind", [3.0 * k, *GOOD[1:]], 0.9 + 0.02 * k, seed=k) for k in (1, 2, 3)]
    (verdict,) = judged(*three)
    assert verdict.seeds == 3
    assert verdict.largest.value == pytest.approx(6.0)
    assert (verdict.largest.low, verdict.largest.high) == (3.0, 9.0)
    assert (verdict.worst.link, verdict.worst.seed) == (("awgn", "bpsk", 0.0), 3)
    (line,) = blocks([verdict])[0].lines
    assert line.advice.startswith("No score keeps to its aims; the closest is the blind score, 1.19 points")
    assert line.defeats[0] == (
        "wide defeats blind: 1.19 points off on average (aim: at most 1; 0.81 to 1.56 by training "
        "seed), 6.0 points off at worst (aim: at most 4; 3.0 to 9.0 by training seed), "
        "AUROC 0.940 (aim: at least 0.95; 0.920 to 0.960 by training seed). "
        "Furthest off over AWGN BPSK 0 dB: predicted 19.0 %, true 10.0 %, training seed 3."
    )


def test_an_aim_just_missed_does_not_look_met():
    (verdict,) = judged(rows_of("my_model.onnx", "blind", [4.003, *GOOD[1:]]))
    (line,) = blocks([verdict])[0].lines
    assert "4.003 points off at worst (aim: at most 4)" in line.defeats[0]
    (verdict,) = judged(rows_of("my_model.onnx", "reference", GOOD, auroc=AIMS["reference"].auroc))
    assert verdict.met


def test_what_is_not_known_is_no_miss():
    (verdict,) = judged(rows_of("paper", "blind", GOOD, auroc=float("nan")))
    assert verdict.met
    assert verdict.measures[2].met is None
    assert blocks([verdict])[0].groups[0].rows[0][1][2].text == "-"


def test_table2_comes_first_and_scores_without_aims_are_left_out():
    parts = [rows_of("paper", "reference", GOOD, preset=preset) for preset in ("physical", "table2")]
    found = judged(*parts, rows_of("paper", "psnr", GOOD))
    assert [(v.score, v.links) for v in found] == [("reference", "table2"), ("reference", "physical")]
    text = verdict_text(found)
    assert text.index("links of Table II") < text.index("physical links")
    assert judged(rows_of("paper", "psnr", GOOD)) == []


def test_narrow_intervals_are_called_so():
    parts = [rows_of("paper", "blind", GOOD, half=0.1), rows_of("lenet", "blind", GOOD)]
    (block,) = blocks(judged(*parts))
    assert block.notes[0] == (
        "8 of 16 true errors (50 %) lie inside the blind score's 95 % intervals, 0 to 100 % from target to "
        "target: they are too narrow, as they do not know what is special about a link."
    )
    # What was measured without any link explains it.
    gap = CleanErrors("paper", CleanError(73, 300), CleanError(12, 450))
    even = CleanErrors("paper", CleanError(20, 300), CleanError(25, 450))
    (told,), (other,) = (blocks(judged(parts[0]), [clean]) for clean in (gap, even))
    assert told.notes[0].endswith(
        "too narrow, as undamaged pictures here are misclassified 24.3 % of the time and those of the "
        "fit 2.7 %."
    )
    assert told.notes[1] == gap.warning
    assert other.notes[0].endswith("too narrow, as damage over these links is unlike that fitted to.")
    assert gap.warning in verdict_text(judged(parts[0]), [gap])
    (block,) = blocks(judged(parts[1]))
    assert block.notes[0] == (
        "8 of 8 true errors (100 %) lie inside the blind score's 95 % intervals, where 95 % should."
    )
