#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The account: every number is received, missed or late, and the log gives the same account again."""

import random

import pytest

from gnuradio.aeiqa.edge.account import MEMORY, Account, Place
from gnuradio.aeiqa.edge.answers import Answer
from gnuradio.aeiqa.errors import InputError


def line(stream, index, **changes):
    fields = {"stream": stream, "index": index, "modulation": "qpsk", "frames_lost": 0, "frames_damaged": 0}
    return fields | {"prediction": 3, "probability": 0.9, "score": 0.1, "copies": 1} | changes


def test_numbers_left_out_are_missed_and_late_ones_are_taken_back():
    account = Account()
    places = [account.place(1, index, "qpsk", True) for index in (0, 1, 4, 4, 3, 5)]
    repeat, late = Place(0, True), Place(-1, False)
    assert places == [Place(0, False), Place(0, False), Place(2, False), repeat, late, Place(0, False)]
    assert (account.stats.received, account.stats.missed, account.late, account.repeats) == (5, 2, 1, 1)
    assert account.stats.received + account.stats.missed - account.late == account.stats.next_index


def test_another_device_with_lower_numbers_begins_anew():
    account = Account()
    for stream, index in ((1, 10), (2, 3), (2, 4)):
        assert account.place(stream, index, "qpsk", True) == Place(0, False)
    assert account.stats.restarts == 1
    assert account.late == account.repeats == 0


def test_the_log_gives_the_same_account_again():
    rng = random.Random(5)
    live, recalled, stream, index = Account(), Account(), 1, 0
    for _ in range(500):
        index = max(0, index + rng.choice((1, 1, 1, 1, 3, -2)))
        if rng.random() < 0.02:
            stream += 1
        fields = line(stream, index, modulation=rng.choice(("qpsk", "qam16")), frames_lost=rng.randrange(2))
        place = live.place(stream, index, fields["modulation"], fields["frames_lost"] == 0)
        if rng.random() < 0.1:
            for name in ("prediction", "probability", "score", "copies"):
                del fields[name]
            live.unfit += not place.is_repeat
        else:
            live.answer(Answer(stream, index, 3, 0.9, 0.1, 1))
        recalled.recall(fields)
        recalled.recall({"event": "alarm"})
    assert live == recalled
    assert live.repeats > 0
    assert live.late > 0


def test_what_is_remembered_is_bounded():
    account = Account()
    for index in range(2 * MEMORY):
        account.place(1, index, "qpsk", True)
        account.answer(Answer(1, index, 3, 0.9, 0.1))
    assert account.earlier(1, 2 * MEMORY - 1) is not None
    assert account.earlier(1, MEMORY - 1) is None
    assert account.judged == 2 * MEMORY


@pytest.mark.parametrize(
    "changes",
    [{"stream": "1"}, {"modulation": "qam3"}, {"frames_lost": None}, {"score": "x"}, {"copies": True}],
)
def test_a_line_that_is_no_edges_is_refused(changes):
    with pytest.raises(InputError, match="must be"):
        Account().recall(line(1, 1) | changes)
