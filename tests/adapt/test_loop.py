#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The loop around the adapter: what is under way, lost, reported; and that it adds nothing of its own."""

import numpy as np
import pytest

from gnuradio.aeiqa import InputError
from gnuradio.aeiqa.adapt import AdaptationLoop, AdapterSettings, ErrorCurves, LinkAdapter, Mode

CURVES = ErrorCurves([0.0, 10.0, 20.0], {"qpsk": [0.5, 0.01, 0.0], "qam256": [0.9, 0.4, 0.01]}, {})
MODES = (Mode("qpsk", 1, 3.0), Mode("qam256", 1, 1.0))


def adapter():
    return LinkAdapter(MODES, CURVES, AdapterSettings())


@pytest.fixture
def loop():
    return AdaptationLoop(adapter())


def test_it_chooses_what_the_adapter_does(loop):
    alone, random = adapter(), np.random.default_rng(5)
    for index in range(400):
        assert loop.choose(index) == alone.choose(index)
        error, snr_db = random.random() * 0.1, random.normal(17.0, 3.0)
        assert loop.report(index, error, snr_db) == alone.report(index, error, snr_db)
    assert (loop.sent, loop.reported, loop.lost) == (400, 400, 0)
    assert set(loop.used) == {"qpsk", "qam256"}
    assert sum(loop.used.values()) == 400


def test_reports_in_order_tell_what_was_lost(loop):
    for index in range(10, 16):
        loop.choose(index)
    assert loop.unanswered == 6
    assert loop.report(12, 0.1, 20.0)  # 10 and 11 came before it, or never
    assert (loop.reported, loop.lost, loop.unanswered) == (1, 2, 3)
    assert not loop.report(11, 0.0, 20.0)
    assert not loop.report(12, 0.0, 20.0)
    assert not loop.report(99, 0.0, 20.0)
    assert (loop.reported, loop.lost, loop.unanswered) == (1, 2, 3)


def test_where_reports_get_lost_the_receiver_says_what_it_missed(loop):
    for index in range(6):
        loop.choose(index)
    assert loop.report(3, 0.1, 20.0, missed=1)
    assert (loop.reported, loop.lost, loop.unanswered) == (1, 1, 2)
    assert loop.report(0, 0.1, 20.0, missed=0)  # late, and still of use
    assert (loop.reported, loop.lost, loop.unanswered) == (2, 1, 2)


def test_snr_may_come_ahead(loop):
    alone = adapter()
    for index in range(50):
        assert loop.choose(index) == alone.choose(index)
        loop.note_snr(index, 25.0)
        loop.report(index, 0.0)
        alone.report(index, 0.0, 25.0)
    assert loop.used["qam256"] > 0


def test_an_error_must_be_a_probability(loop):
    loop.choose(0)
    with pytest.raises(InputError, match="error: must be from 0 to 1"):
        loop.report(0, 1.5)
