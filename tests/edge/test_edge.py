#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The edge over a recording and between two processes: every image is answered, and counted once."""

import importlib.util
import json
import re
import signal
import urllib.request

import numpy as np
import pytest
from programs import APPS, DEADLINE, image_lines, lines, wait_until

pytest.importorskip("torch")

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.edge.account import Account
from gnuradio.aeiqa.edge.answers import AnswerListener
from gnuradio.aeiqa.edge.service import Edge
from gnuradio.aeiqa.edge.settings import EdgeSettings
from gnuradio.aeiqa.images import load_dataset
from gnuradio.aeiqa.link.air import AirImage
from gnuradio.aeiqa.radio.image_log import ImageLog

MNIST = load_dataset("mnist").images
COUNTERS = {"samples": 0, "level_db": float("nan")}


@pytest.fixture(scope="module")
def judge():
    target = iqa.load_target("paper")
    return iqa.Judge(target, iqa.load_score("blind", target))


def arrived(index, pixels, modulation="qpsk", stream=7, status=1):
    fragments = np.array([status], np.uint8)
    return AirImage(index, pixels, -1, fragments, 0, stream, modulation, 20.0, 0.0, 0)


def damaged(image, seed, share=0.2):
    """Replace some of an image's pixels by noise."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 256, image.shape, np.uint8)
    return np.where(rng.random(image.shape) < share, noise, image)


class Listener:
    """Keeps answers, in place of a socket."""

    def __init__(self):
        self.answers, self.dropped = [], 0

    def send(self, answer):
        self.answers.append(answer)
        return True


def test_answers_and_windows_are_those_of_the_judge(judge, tmp_path):
    listener, log = Listener(), ImageLog(tmp_path / "log")
    edge = Edge(judge, EdgeSettings(batch=7, window=20), listener, log)
    pixels = np.stack([damaged(image, seed) for seed, image in enumerate(MNIST[:40])])
    modulations = ["qpsk" if index % 3 else "qam16" for index in range(40)]
    edge.take([arrived(i, pixels[i], modulations[i]) for i in range(40)], flush=True)
    edge.look(COUNTERS)
    answers, score = judge(pixels)
    assert [answer.index for answer in listener.answers] == list(range(40))
    assert [answer.label for answer in listener.answers] == answers.classes.tolist()
    np.testing.assert_allclose([a.p_wrong for a in listener.answers], score.per_image, atol=1e-6)
    np.testing.assert_allclose(
        [a.probability for a in listener.answers], answers.probabilities.max(axis=1), atol=1e-6
    )
    status = edge.status()
    count = status["predicted_error"]["images"]
    assert 20 <= count < 27
    expected = judge(pixels[-count:])[1]
    np.testing.assert_allclose(100 * status["predicted_error"]["error"], expected.error_pct, atol=1e-3)
    np.testing.assert_allclose(100 * status["predicted_error"]["high"], expected.interval[1], atol=1e-3)
    assert set(status["predicted_error_by_modulation"]) == {"qpsk", "qam16"}
    json.dumps(status, allow_nan=False)
    log.close()


def test_of_two_copies_the_surer_answer_is_given(judge):
    listener = Listener()
    edge = Edge(judge, EdgeSettings(), listener)
    bad, good = damaged(MNIST[0], 1, 0.8), MNIST[0]
    for index, first, second in ((0, bad, good), (1, good, bad)):
        for pixels, modulation in ((first, "qam16"), (second, "bpsk")):
            edge.take([arrived(index, pixels, modulation)], flush=True)
    once, both = listener.answers[0::2], listener.answers[1::2]
    assert once[0].p_wrong > 0.1 > once[1].p_wrong
    assert [answer.copies for answer in both] == [2, 2]
    assert [answer.label for answer in both] == [7, 7]
    assert both[0].p_wrong == both[1].p_wrong == once[1].p_wrong
    edge.look(COUNTERS)
    images = edge.status()["images"]
    assert (images["received"], images["repeated"], images["answered"]) == (2, 2, 2)
    assert edge.status()["predicted_error"]["images"] == 2  # without the repeated ones


def test_a_strangers_image_gets_no_answer(judge):
    listener = Listener()
    edge = Edge(judge, EdgeSettings(), listener)
    edge.take([arrived(0, np.zeros((5, 4), np.uint8)), arrived(1, MNIST[1])], flush=True)
    assert [answer.index for answer in listener.answers] == [1]
    edge.look(COUNTERS)
    assert edge.status()["images"]["unfit"] == 1
    assert edge.status()["images"]["received"] == 2


def command():
    spec = importlib.util.spec_from_file_location("edge_app", APPS / "edge.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


def test_an_edge_killed_and_started_again_loses_no_count(programs, tmp_path):
    pytest.importorskip("zmq")
    air, back, log = f"zmq:ipc://{tmp_path}/air", f"zmq:ipc://{tmp_path}/back", tmp_path / "edge.jsonl"
    listener, answers = AnswerListener(back), []
    serve = ["--from", air, "--answers", back, "--log", log]
    edge, _ = programs("edge", *serve)
    transmitter, errors = programs("transmit", "--to", air, "--endless", "--log", tmp_path / "tx.jsonl")
    kills, count = 2, 30
    for number in range(kills + 1):
        known = len(image_lines(log))
        wait_until(lambda known=known: len(image_lines(log)) >= known + count)
        answers += listener.take()
        if number < kills:
            edge.send_signal(signal.SIGKILL)
            edge.wait()
            edge, _ = programs("edge", *serve)
    for process in (transmitter, edge):
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == 0, errors.read_text()
    while new := listener.take():
        answers += new
    listener.close()

    seen = image_lines(log)
    numbers = [line["index"] for line in seen]
    assert numbers == sorted(set(numbers))
    # Every number up to the last came, or the next that came says that it was missed.
    assert numbers[-1] + 1 == len(numbers) + sum(line["missed"] for line in seen)
    account = Account()
    for line in lines(log):
        account.recall(line)
    assert account.stats.received == len(numbers) == account.judged
    assert lines(log)[-1]["received"] == len(numbers)
    # No answer is given twice, each is the log's.
    by_number = {line["index"]: line for line in seen}
    assert len({answer.index for answer in answers}) == len(answers) > 0
    for answer in answers:
        line = by_number[answer.index]
        assert (answer.label, answer.p_wrong) == (line["prediction"], line["score"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--score", "none"], "--score none: an edge needs a score"),
        (["--score", "paper"], "which an edge does not know"),
        (["--score", "frechet"], "compares whole sets"),
        (["--limit", "0"], "limit: must be from"),
        (["--answers", "udp://x"], "--answers udp://x: must be like"),
        (["--answers", "zmq:tcp://192.0.2.1:1"], "goes beyond this machine"),
    ],
)
def test_mistakes_are_told_in_one_line(arguments, message, tmp_path):
    from gnuradio.aeiqa.errors import InputError

    with pytest.raises(InputError, match=message):
        command()(["--from", f"zmq:ipc://{tmp_path}/nobody", *arguments])


def test_the_state_is_shown_while_images_come(programs, tmp_path):
    pytest.importorskip("zmq")
    air = f"zmq:ipc://{tmp_path}/air"
    edge, errors = programs("edge", "--from", air, "--http", "127.0.0.1:0", "--images", 40)
    wait_until(lambda: "http://" in errors.read_text())
    (url,) = re.findall(r"http://[\d.:]+", errors.read_text())
    wait_until(lambda: reachable(f"{url}/status"))
    programs("transmit", "--to", air, "--images", 30)
    wait_until(lambda: json.loads(reachable(f"{url}/status"))["images"]["answered"] == 30)
    assert b"\naeiqa_answers_total 30\n" in reachable(f"{url}/metrics")
    edge.send_signal(signal.SIGTERM)
    assert edge.wait(DEADLINE) == 0


def reachable(url):
    """Return what a URL gives, None while it gives nothing."""
    try:
        with urllib.request.urlopen(url, timeout=60) as reply:
            return reply.read()
    except OSError:
        return None
