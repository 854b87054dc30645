#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The device's account: every image sent is answered or timed out, whatever comes in whatever order."""

import random

import pytest

from gnuradio.aeiqa.edge.answers import Answer
from gnuradio.aeiqa.edge.device import sturdier
from gnuradio.aeiqa.edge.exchange import Exchange
from gnuradio.aeiqa.errors import InputError

STREAM = 9


def exchange(window=4, ask_again=None, now=None):
    now = now if now is not None else [0.0]
    return Exchange(STREAM, window, 10.0, ask_again, lambda: now[0])


def answer(index, p_wrong=0.0, copies=1, label=3, stream=STREAM):
    return Answer(stream, index, label, 0.9, p_wrong, copies)


def test_an_answer_is_matched_once_and_only_to_its_image():
    it = exchange()
    it.sent(5, 3)
    it.sent(6, 4)
    it.take([answer(7), answer(5, stream=8), answer(5), answer(5), answer(6, 0.5)])
    assert (it.answered, it.strays, it.right, it.labelled) == (2, 3, 1, 2)
    assert it.is_idle()
    assert it.text() == (
        "answered 2, timed out 0, mean P(wrong) 25.00 %, right 50.00 %, 3 answers not waited for"
    )


def test_the_window_bounds_what_waits_and_a_timeout_makes_room():
    now = [0.0]
    it = exchange(2, now=now)
    it.sent(0, -1)
    now[0] = 1.0
    it.sent(1, -1)
    assert not it.has_room()
    now[0] = 9.9
    it.take([])
    assert not it.has_room()
    now[0] = 10.0
    it.take([answer(1)])
    assert (it.timeouts, it.answered) == (1, 1)
    it.take([answer(0)])
    assert (it.answered, it.strays, it.labelled) == (1, 1, 0)


def test_an_unsure_answer_asks_again_and_the_second_one_counts():
    it = exchange(ask_again=0.2)
    it.sent(0, 3)
    it.take([answer(0, 0.2)])
    assert it.again() is None  # not above
    it.sent(1, 3)
    it.take([answer(1, 0.21, label=8)])
    assert it.again() == 1
    assert not it.is_idle()
    it.sent(1, 3)
    assert it.again() is None
    it.take([answer(1, 0.21, label=8)])
    assert it.strays == 1  # the first one twice
    it.take([answer(1, 0.3, 2)])
    assert (it.asked_again, it.answered, it.right) == (1, 2, 2)
    assert it.is_idle()


def test_the_first_answer_stands_where_the_second_does_not_come():
    now = [0.0]
    it = exchange(ask_again=0.2, now=now)
    it.sent(0, 3)
    it.take([answer(0, 0.9)])
    it.sent(0, 3)
    now[0] = 10.0
    it.take([])
    assert (it.answered, it.timeouts, it.again_timeouts, it.right) == (1, 0, 1, 1)
    assert it.is_idle()


def test_every_image_is_accounted_for_under_any_answers():
    rng, now = random.Random(4), [0.0]
    it, index = exchange(8, 0.3, now), 0
    for _ in range(5000):
        now[0] += rng.random()
        again = it.again()
        if again is not None:
            it.sent(again, rng.randrange(10))
        elif it.has_room():
            it.sent(index, rng.randrange(10))
            index += 1
        some = range(rng.randrange(4))
        it.take([answer(index - rng.randrange(12), rng.random(), rng.choice((1, 2))) for _ in some])
    while not it.is_idle():
        now[0] += 5.0
        if (again := it.again()) is not None:
            it.sent(again, -1)
        it.take([])
    assert it.answered + it.timeouts == index
    assert min(it.timeouts, it.asked_again, it.again_timeouts, it.strays) > 0


def test_sturdier_modulations():
    pairs = {"qpsk": "bpsk", "qam16": "qpsk", "qam64": "qam16", "qam1024": "qam256"}
    assert {name: sturdier(name) for name in pairs} == pairs
    with pytest.raises(InputError, match="no modulation is sturdier than bpsk"):
        sturdier("bpsk")
