#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Link adaptation between two programs: samples one way, reports the other, over a channel that changes."""

import itertools
import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from gnuradio import blocks, gr, zeromq

from gnuradio.aeiqa import InputError, channel
from gnuradio.aeiqa.adapt import AdapterSettings, ErrorCurves, LinkAdapter, Mode
from gnuradio.aeiqa.air import AirConfig
from gnuradio.aeiqa.radio.closed_loop import PATIENCE, WINDOW, ClosedLoop
from gnuradio.aeiqa.radio.sockets.reports import Report, ReportListener, ReportSender, read_report

APPS = Path(__file__).parents[2] / "apps"
AMPLITUDE = 0.2
DEADLINE = 600  # so that a hanging program fails; nothing here is timed
CURVES = ErrorCurves([0.0, 10.0, 20.0], {"qpsk": [0.5, 0.01, 0.0], "qam256": [0.9, 0.4, 0.01]}, {})
MODES = (Mode("qpsk", 1, 3.0), Mode("qam256", 1, 1.0))


class Air(gr.top_block):
    """Between the programs: white noise, which the test sets."""

    def __init__(self, way_in, way_out, snr_db):
        gr.top_block.__init__(self)
        size = gr.sizeof_gr_complex
        self.noise = channel("awgn", snr_db)
        self.connect(
            zeromq.pull_source(size, 1, way_in, 100, False, 16),
            blocks.multiply_const_cc(1 / AMPLITUDE),
            self.noise,
            zeromq.push_sink(size, 1, way_out, 100, False, 16),
        )


@pytest.fixture
def programs(tmp_path):
    """Start programs; none is left behind."""
    started = []

    def start(app, *args):
        command = [sys.executable, str(APPS / f"{app}.py"), *map(str, args)]
        errors = open(tmp_path / f"{len(started)}.err", "w")  # noqa: SIM115 (closed with the process)
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        started.append(subprocess.Popen(command, stderr=errors, stdout=errors, env=environment))
        errors.close()
        return started[-1], tmp_path / f"{len(started) - 1}.err"

    yield start
    for process in started:
        process.kill()
        process.wait()


def images(log):
    lines = log.read_text().splitlines(keepends=True) if log.exists() else []
    found = [json.loads(line) for line in lines if line.endswith("\n")]
    return [line for line in found if "index" in line]


def wait_until(condition, process, errors):
    """Wait for something to happen while a program runs."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert process.poll() is None, errors.read_text()
        assert time.monotonic() < end, errors.read_text()
        time.sleep(0.05)


def wait_for_modes(log, wanted, process, errors):
    """Wait until the latest 20 images went out in one of these modes."""

    def reached():
        latest = [(line["modulation"], line["copies"]) for line in images(log)[-20:]]
        return len(latest) == 20 and set(latest) <= wanted

    wait_until(reached, process, errors)


def too_many_wrong(arrived):
    """Return how many more images were misclassified or missed than 5 % and four standard deviations."""
    wrong = sum((line["prediction"] != line["label"]) + line["missed"] for line in arrived)
    count = len(arrived)
    return wrong - 0.05 * count - 4 * math.sqrt(0.05 * 0.95 * count)


def test_mode_follows_the_channel_and_the_error_stays_bounded(programs, tmp_path):
    pytest.importorskip("torch")
    sent, heard = tmp_path / "tx.jsonl", tmp_path / "rx.jsonl"
    near, far, back = (f"ipc://{tmp_path}/{name}" for name in ("near", "far", "back"))
    frames = ("--payload-symbols", 22)
    air = Air(near, far, 30.0)
    air.start()
    try:
        listen = ["--from", f"zmq:{far}", "--log", heard, *frames]
        receiver, _ = programs("receive", *listen, "--score", "blind", "--reports", f"zmq:{back}")
        transmit = ["--to", f"zmq:{near}", "--log", sent, "--endless", *frames]
        transmitter = programs("transmit", *transmit, "--adapt", "--reports", f"zmq:{back}")
        wait_for_modes(sent, {("qam256", 1)}, *transmitter)
        air.noise.set_snr_db(4.0)
        wait_for_modes(sent, {("qpsk", 1), ("qpsk", 2)}, *transmitter)
        air.noise.set_snr_db(30.0)
        wait_for_modes(sent, {("qam256", 1)}, *transmitter)
        receiver.send_signal(signal.SIGINT)
        receiver.wait(DEADLINE)
        # Somebody who listens and does not report.
        programs("receive", *listen)
        wait_for_modes(sent, {("qpsk", 2)}, *transmitter)
        transmitter[0].send_signal(signal.SIGINT)
        transmitter[0].wait(DEADLINE)
    finally:
        air.stop()
        air.wait()
    assert "no reports come, sending qpskx2" in transmitter[1].read_text()
    scored = [line for line in images(heard) if "prediction" in line]
    assert len(scored) >= 3 * 20 - WINDOW  # three times 20 were waited for
    # At the target; and what was under way when the noise rose, as the window allows, may be lost.
    assert too_many_wrong(scored) < 2 * WINDOW


def in_turn(sent, heard, steps, run=20):
    """Return how many of these steps came, each of ``run`` images on end."""
    snr_db = {line["index"]: line["snr_db"] for line in images(heard)}
    count = done = 0
    for line in images(sent):
        if done == len(steps) or line["index"] not in snr_db:
            continue
        is_near, wanted = steps[done]
        alike = (snr_db[line["index"]] > 17.0) == is_near and (line["modulation"], line["copies"]) in wanted
        count = count + 1 if alike else 0
        if count == run:
            count, done = 0, done + 1
    return done


def test_mode_follows_a_radio_that_fades(programs, virtual_link, tmp_path):
    pytest.importorskip("torch")
    sent, heard, back = tmp_path / "tx.jsonl", tmp_path / "rx.jsonl", f"zmq:ipc://{tmp_path}/back"
    config = AirConfig(payload_symbols=22)
    frames = ("--payload-symbols", config.payload_symbols)
    # 30 and 4 dB in turn, for 300 frames each: as many images in 256-QAM, 50 as QPSK sent twice.
    period = 300 * config.frame_symbols * config.symbol_len
    path = f"noise={20 * math.log10(AMPLITUDE) - 30},fade=26,fade_period={period},cfo=20000,delay=1000.3"
    listen = ["--from", f"soapy:{virtual_link},end=b,{path}", "--log", heard, *frames]
    receiver, errors = programs("receive", *listen, "--score", "blind", "--reports", back)
    wait_until(lambda: (tmp_path / "air-b.socket").exists(), receiver, errors)
    transmit = ["--to", f"soapy:{virtual_link},end=a", "--amplitude", AMPLITUDE, "--log", sent, "--endless"]
    transmitter, errors = programs("transmit", *transmit, *frames, "--adapt", "--reports", back)
    dense, robust = {("qam256", 1)}, {("qpsk", 1), ("qpsk", 2)}
    steps = [(True, dense), (False, robust), (True, dense)]
    wait_until(lambda: in_turn(sent, heard, steps) == len(steps), transmitter, errors)
    transmitter.send_signal(signal.SIGINT)
    assert transmitter.wait(DEADLINE) == 0
    end = json.loads(sent.read_text().splitlines()[-1])
    assert not end["cut"]
    # Every image that went out is accounted for.
    wait_until(lambda: images(heard)[-1]["index"] == end["sent"] - 1, receiver, errors)
    receiver.send_signal(signal.SIGINT)
    assert receiver.wait(DEADLINE) == 0
    arrived = images(heard)
    assert len(arrived) + sum(line["missed"] for line in arrived) == end["sent"]
    modulations = {line["index"]: line["modulation"] for line in images(sent)}
    assert all(modulations[line["index"]] == line["modulation"] for line in arrived)
    # The error asked for, and what was under way when a fade began.
    fades = sum(a["snr_db"] > 17.0 > b["snr_db"] for a, b in itertools.pairwise(arrived))
    assert too_many_wrong(arrived) < fades * WINDOW


@pytest.fixture
def seconds():
    return [0.0]


@pytest.fixture
def loop(tmp_path, seconds):
    address = f"zmq:ipc://{tmp_path}/back"
    adapter = LinkAdapter(MODES, CURVES, AdapterSettings())
    closed, sender = ClosedLoop(adapter, ReportListener(address), lambda: seconds[0]), ReportSender(address)
    yield closed, sender
    sender.close()
    closed.close()


def answer(closed, index):
    """Ask until the image may go: reports take their time even within a process."""
    end = time.monotonic() + DEADLINE
    while True:
        choice = closed.choose(index)
        if choice is not None:
            return choice
        assert time.monotonic() < end
        time.sleep(0.001)


def test_no_more_than_the_window_is_under_way_until_reports_fail(loop, seconds, capsys):
    closed, sender = loop
    for index in range(5, 5 + WINDOW):
        assert closed.choose(index).modulation == "qpsk"
    following = 5 + WINDOW
    assert closed.choose(following) is None
    sender.send(Report(6, 0.0, 30.0, 1))  # the first never came
    assert answer(closed, following).modulation == "qam256"
    assert closed.choose(following + 1) is not None
    assert closed.choose(following + 2) is None
    seconds[0] += 1.01 * PATIENCE
    for index in range(following + 2, following + 100):
        assert closed.choose(index).modulation == "qpsk"
    assert "no reports come, sending qpsk" in capsys.readouterr().err
    # Of other starts, or a stranger's: nothing changes.
    sender.send(Report(10**6, 0.0, 30.0, 3))
    sender.send(Report(following + 10**4, 0.0, 30.0, 0))
    assert closed.choose(following + 100).modulation == "qpsk"
    # While it does without reports, nothing holds it up until they arrive.
    index, end = following + 100, time.monotonic() + DEADLINE
    while answer(closed, index + 1).modulation != "qam256":
        assert time.monotonic() < end
        sender.send(Report(index, 0.0, 30.0, 0))
        index += 1
        time.sleep(0.001)
    assert "reports come again" in capsys.readouterr().err


def test_a_sender_without_a_listener_never_waits(tmp_path):
    sender = ReportSender(f"zmq:ipc://{tmp_path}/nobody")
    for index in range(2000):
        sender.send(Report(index, 0.5, math.nan, 0))
    sender.close()


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 900,
        b'{"index": 1}',
        b'{"index": true, "error": 0.5}',
        b'{"index": 1.5, "error": 0.5}',
        b'{"index": -1, "error": 0.5}',
        b'{"index": 1, "error": 1.5}',
        b'{"index": 1, "error": NaN}',
        b'{"index": 1, "error": 0.5, "snr_db": 1e9}',
        b'{"index": 1, "error": 0.5, "missed": 2}',
        b'{"index": 1000000, "error": 0.5, "missed": 100000}',
        b'{"index": 1, "error": "x"}',
    ],
)
def test_what_is_no_report_is_none(message):
    assert read_report(message) is None


def test_reports_without_snr():
    report = read_report(b'{"index": 7, "error": 0.25, "missed": 2}')
    assert report[:2] == (7, 0.25)
    assert math.isnan(report.snr_db)
    assert report.missed == 2


@pytest.mark.parametrize("url", ["tcp://localhost:1", "zmq:udp://x", "zmq:tcp://localhost", "zmq:"])
def test_addresses_that_are_none(url):
    with pytest.raises(InputError, match="--reports"):
        ReportSender(url)


@pytest.mark.parametrize(
    ("app", "arguments", "message"),
    [
        ("transmit", ["--adapt"], "--adapt: needs --reports"),
        ("transmit", ["--reports", "zmq:ipc://x"], "--reports: goes with --adapt"),
        ("transmit", ["--adapt", "--reports", "zmq:ipc://x", "--copies", "2"], "--adapt: chooses"),
        ("transmit", ["--adapt", "--reports", "zmq:ipc://x", "--modes", "qam3"], "mode: must be one of"),
        ("transmit", ["--adapt", "--reports", "zmq:ipc://x", "--error", "0"], "target_error: must be from"),
        ("receive", ["--reports", "zmq:ipc://x"], "--reports: report what --score says"),
    ],
)
def test_mistakes_are_told_in_one_line(app, arguments, message, programs):
    where = "--to" if app == "transmit" else "--from"
    process, errors = programs(app, where, "sigmf:x", *arguments)
    assert process.wait(DEADLINE) == 2
    text = errors.read_text()
    assert message in text
    assert len(text.splitlines()) == 1
