#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Errors on undamaged pictures: a gap that chance does not explain is told, with what to do."""

from math import comb

import pytest

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.iqa.classifiers.clean_errors import CleanError, CleanErrors, clean_errors_of
from gnuradio.aeiqa.metrics.intervals import same_share_probability


@pytest.mark.parametrize(
    ("wrong", "count", "others", "other_count"), [(3, 10, 9, 12), (0, 7, 5, 9), (4, 8, 4, 8)]
)
def test_fishers_test_by_counting_tables(wrong, count, others, other_count):
    total, errors = count + other_count, wrong + others
    ways = {
        k: comb(count, k) * comb(other_count, errors - k)
        for k in range(max(0, errors - other_count), min(count, errors) + 1)
    }
    expected = sum(each for each in ways.values() if each <= ways[wrong]) / comb(total, errors)
    assert same_share_probability(wrong, count, others, other_count) == pytest.approx(expected, rel=1e-9)


def test_fitting_to_pictures_that_the_classifier_knows_is_told():
    found = CleanErrors("m.onnx", CleanError(73, 300), CleanError(12, 450))
    assert found.lines()[0] == (
        "Clean error of m.onnx on these pictures: 24.33 % (73 of 300; 95 % interval 19.59 to 29.60 %)"
    )
    assert "2.67 % (12 of 450" in found.lines()[1]
    assert "Predicted errors are too small" in found.lines()[2]
    assert "never been trained on" in found.warning
    other_way = CleanErrors("m.onnx", CleanError(12, 450), CleanError(73, 300))
    assert "Predicted errors are too large: m.onnx knows the pictures at hand" in other_way.warning


def test_what_chance_explains_is_no_warning():
    found = CleanErrors("m.onnx", CleanError(20, 300), CleanError(25, 450))
    assert found.explained
    assert (found.warning, len(found.lines())) == ("", 2)
    assert CleanErrors("m.onnx", CleanError(20, 300)).lines() == [
        f"Clean error of m.onnx on these pictures: {CleanError(20, 300)}"
    ]


def test_what_run_json_tells_comes_back():
    found = [
        CleanErrors("m.onnx", CleanError(73, 300), CleanError(12, 450)),
        CleanErrors("n", CleanError(0, 5)),
    ]
    assert clean_errors_of({"clean_errors": [each.as_json() for each in found]}) == found
    assert clean_errors_of({}) == []


@pytest.mark.parametrize(
    "damaged",
    [
        5,
        [3],
        [{"target": "m"}],
        [{"target": "m", "here": {"misclassified": 9, "images": 3}}],
        [{"target": "m", "here": {"misclassified": 0, "images": 0}}],
        [{"target": "m", "here": {"misclassified": 1.5, "images": 3}}],
        [{"target": "m", "here": {"misclassified": 1, "images": 3}, "fitted": None}],
    ],
)
def test_a_damaged_run_json(damaged):
    with pytest.raises(InputError, match="clean_error"):
        clean_errors_of({"clean_errors": damaged})
