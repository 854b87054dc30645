#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Answers over a socket: each arrives as it was sent, and whatever else comes is refused."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gnuradio.aeiqa.edge.answers import Answer, AnswerListener, AnswerSender, read_answer
from gnuradio.aeiqa.errors import InputError

ANSWER = Answer(stream=4711, index=17, label=7, probability=0.98, p_wrong=0.02, copies=2)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def message(**changes):
    return json.dumps(ANSWER.fields() | changes).encode()


def test_message_is_as_documented():
    assert ANSWER.fields() == {
        "version": 1,
        "stream": 4711,
        "index": 17,
        "class": 7,
        "probability": 0.98,
        "p_wrong": 0.02,
        "copies": 2,
    }
    assert read_answer(message()) == ANSWER


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"version": True},
        {"index": -1},
        {"index": 1 << 32},
        {"index": 1.0},
        {"stream": 1 << 16},
        {"class": "7"},
        {"class": None},
        {"copies": 0},
        {"p_wrong": 1.5},
        {"p_wrong": float("nan")},
        {"probability": []},
        {"probability": "x"},
    ],
)
def test_a_message_that_is_no_answer_is_refused(changes):
    assert read_answer(message(**changes)) is None


@pytest.mark.parametrize("name", ANSWER.fields())
def test_a_message_that_lacks_a_field_is_refused(name):
    fields = ANSWER.fields()
    del fields[name]
    assert read_answer(json.dumps(fields).encode()) is None


@given(st.binary(max_size=64) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_comes_is_no_answer_and_does_no_harm(text):
    assert read_answer(text) is None


@given(st.dictionaries(st.sampled_from(list(ANSWER.fields())), JSON))
def test_fields_of_any_kind_make_an_answer_in_range_or_none(changes):
    answer = read_answer(message(**changes))
    assert answer is None or (0 <= answer.p_wrong <= 1 and answer.index >= 0 and answer.copies >= 1)


def test_answers_pass_a_socket_on_which_strangers_send_anything(tmp_path):
    zmq = pytest.importorskip("zmq")
    url = f"zmq:ipc://{tmp_path}/answers"
    listener = AnswerListener(url)
    stranger = zmq.Context.instance().socket(zmq.PUSH)
    stranger.connect(url.partition(":")[2])
    sender = AnswerSender(url)
    try:
        for text in (b"", b"{", b"x" * 100_000, message(version=9)):  # the third is beyond the limit
            stranger.send(text)
        assert sender.send(ANSWER)
        found, end = [], time.monotonic() + 60
        while not (found and listener.refused):
            assert time.monotonic() < end
            found += listener.take()
            time.sleep(0.01)
        assert found == [ANSWER]
    finally:
        stranger.close(linger=0)
        sender.close()
        listener.close()


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:1", "zmq:udp://x", "zmq:tcp://192.0.2.1:5557"])
def test_addresses_that_are_none_or_need_a_key(url):
    pytest.importorskip("zmq")
    with pytest.raises(InputError, match="--answers"):
        AnswerSender(url)
