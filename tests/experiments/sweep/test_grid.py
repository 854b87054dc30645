#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Lists and ranges of conditions, as typed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.sweep.grid import Condition, conditions, parse_snr
from gnuradio.aeiqa.fields import parse_names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0,5,10", (0, 5, 10)),
        ("0:15:5", (0, 5, 10, 15)),
        ("-5:5:2.5", (-5, -2.5, 0, 2.5, 5)),
        ("7", (7,)),
        ("3:3:1", (3,)),
        ("0:14:5", (0, 5, 10)),
        ("5,0,5", (5, 0)),
        ("-0", (0,)),
        (" 1 , 2 ", (1, 2)),
    ],
)
def test_snr(text, expected):
    assert parse_snr(text) == expected


@settings(deadline=None, derandomize=True)
@given(st.integers(-30, 30), st.integers(1, 90), st.integers(0, 100))
def test_a_range_holds_both_ends_however_binary_the_step_is(first, tenths, steps):
    values = parse_snr(f"{first}:{first + steps * tenths / 10}:{tenths / 10}")
    assert len(values) == steps + 1
    assert values == pytest.approx(first + np.arange(steps + 1) * tenths / 10)
    assert len({Condition("awgn", "bpsk", value).key for value in values}) == steps + 1


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "0,nan", "0,,5", "a", "0:5", "0:5:0", "5:0:1", "0:5:-1", "0:1:1e-9"]
)
def test_snr_refused(text):
    with pytest.raises(InputError, match="--snr must"):
        parse_snr(text)


def test_names():
    assert parse_names("awgn, rayleigh,awgn", "--channels") == ("awgn", "rayleigh")
    for text in ("", "awgn,", ","):
        with pytest.raises(InputError, match="--channels"):
            parse_names(text, "--channels")


def test_order_and_keys():
    grid = conditions(("awgn", "rayleigh"), ("bpsk", "qpsk"), (0.0, 2.5))
    assert [str(condition) for condition in grid[:3]] == [
        "awgn bpsk 0 dB",
        "awgn bpsk 2.5 dB",
        "awgn qpsk 0 dB",
    ]
    assert grid[-1] == Condition("rayleigh", "qpsk", 2.5)
    assert len({condition.key for condition in grid}) == 8
    assert conditions((), ("bpsk",), (0.0,)) == []
