#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A transmitter and a receiver in processes of their own, over the virtual radio and over ZeroMQ."""

import hashlib
import math
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from gnuradio import analog, blocks, gr
from programs import APPS, DEADLINE, image_lines, lines, wait_until

from gnuradio.aeiqa.air import AirConfig, AirReceiver, AirTransmitter
from gnuradio.aeiqa.files import read_json
from gnuradio.aeiqa.images import load_dataset
from gnuradio.aeiqa.link import theory
from gnuradio.aeiqa.metrics.ber import bit_errors

AMPLITUDE = 0.2
MNIST = load_dataset("mnist").images
DIGESTS = [hashlib.sha256(image.tobytes()).hexdigest() for image in MNIST]
# On demand, the figures of the guide: AEIQA_RADIO_IMAGES=1000.
IMAGES = int(os.environ.get("AEIQA_RADIO_IMAGES", "100"))
# Likewise: AEIQA_KILLS=200 in each test.
KILLS = int(os.environ.get("AEIQA_KILLS", "4"))


@pytest.fixture
def processes():
    """Start programs; none is left behind."""
    started = []

    def start(app, *args):
        command = [sys.executable, str(APPS / f"{app}.py"), *map(str, args)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(params=["virtual radio", "ZeroMQ"])
def medium(request, tmp_path):
    """Return the endpoints' names: the transmitter's, the receiver's."""
    if request.param == "ZeroMQ":
        return (f"zmq:ipc://{tmp_path}/socket",) * 2
    link = request.getfixturevalue("virtual_link")
    # At noise=-34 a bit in 10^7 is wrong, on the channel's weakest carriers; here none is.
    impairments = "noise=-44,cfo=20000,sro=20,delay=1000.3,taps=0.9:0.1/0.3:-0.2"
    return f"soapy:{link},end=a", f"soapy:{link},end=b,{impairments}"


def finished(process):
    """Wait for a program's end and return (status, last line of its standard error)."""
    _, errors = process.communicate(timeout=DEADLINE)
    return process.returncode, errors.splitlines()[-1]


def listening(process, medium, tmp_path):
    """Wait until a receiver on the virtual radio is there: what is sent to nobody is gone."""
    if medium[0].startswith("soapy"):
        wait_until(lambda: (tmp_path / "air-b.socket").exists() or process.poll() is not None)


def test_every_image_arrives(medium, processes, tmp_path):
    log = tmp_path / "rx.jsonl"
    options = ["--dataset", "mnist", "--images", IMAGES, "--log", log, "--idle", 30]
    receiver = processes("receive", "--from", medium[1], *options)
    listening(receiver, medium, tmp_path)
    transmitter = processes("transmit", "--to", medium[0], "--images", IMAGES)
    assert finished(transmitter)[0] == 0
    assert finished(receiver)[0] == 0
    arrived = image_lines(log)
    assert [line["index"] for line in arrived] == list(range(IMAGES))
    assert [line["sha256"] for line in arrived] == DIGESTS[:IMAGES]
    assert {line["bit_errors"] for line in arrived} == {0}
    assert lines(log)[-1]["missed"] == 0


def test_both_sides_are_killed_and_started_again_at_random(medium, processes, tmp_path):
    rng = random.Random(3)
    victims = ["receive", "transmit"] * (KILLS // 2)
    rng.shuffle(victims)
    killed_at_random(victims, rng, medium, processes, tmp_path)


def test_a_killed_transmitter_takes_little_with_it(processes, tmp_path):
    victims, medium = ["transmit"] * KILLS, (f"zmq:ipc://{tmp_path}/socket",) * 2
    missed = killed_at_random(victims, random.Random(4), medium, processes, tmp_path)
    # What is in a buffer of GNU Radio's and in two messages, of at most half a buffer each: 16384 samples.
    sender = AirTransmitter(AirConfig(), MNIST[:1])
    graph, count = gr.top_block(), blocks.vector_sink_c()
    graph.connect(sender, count)
    graph.run()
    assert missed <= KILLS * math.ceil(1 + 16384 / len(count.data()))


def killed_at_random(victims, rng, medium, processes, tmp_path):
    """Kill the programs in turn while they run; return how many images never came."""
    logs = {"receive": tmp_path / "rx.jsonl", "transmit": tmp_path / "tx.jsonl"}
    arguments = {
        "receive": ["--from", medium[1], "--log", logs["receive"]],
        "transmit": ["--to", medium[0], "--log", logs["transmit"], "--endless"],
    }
    running = {"receive": processes("receive", *arguments["receive"])}
    listening(running["receive"], medium, tmp_path)
    running["transmit"] = processes("transmit", *arguments["transmit"])
    wait_until(lambda: len(image_lines(logs["receive"])) >= 30)
    for number, victim in enumerate(victims):
        # While it starts, while it sends or receives, while the other one starts again.
        time.sleep(rng.choice((0.2, 2, 4)) * rng.random())
        running[victim].kill()
        running[victim].communicate()
        assert running[victim].returncode == -signal.SIGKILL, number
        running[victim] = processes(victim, *arguments[victim])
    before = logs["receive"].stat().st_size
    wait_until(lambda: logs["receive"].stat().st_size > before + 10_000)
    for app in ("transmit", "receive"):
        running[app].send_signal(signal.SIGINT)
        finished(running[app])

    sent = [line["index"] for line in image_lines(logs["transmit"])]
    assert sent == list(range(len(sent)))  # the transmitter went on where it was
    arrived = image_lines(logs["receive"])
    numbers = [line["index"] for line in arrived]
    assert numbers == sorted(set(numbers))
    assert set(numbers) <= set(sent)
    # Every number up to the last is accounted for: it came, or the next that came says it was missed.
    missed = sum(line["missed"] for line in arrived)
    assert numbers[-1] + 1 == len(numbers) + missed
    # Only what was under way at a kill may be damaged: Ctrl-C lets the transmitter finish its image, unless
    # it says that it was cut, nothing being taken any more. One that was still starting writes no end.
    damaged = [line for line in arrived if line["frames_lost"] + line["frames_damaged"]]
    print(f"{len(victims)} kills, {len(sent)} images sent, {missed} missed, {len(damaged)} damaged")
    if lines(logs["transmit"])[-1].get("cut") and damaged and damaged[-1] is arrived[-1]:
        damaged.pop()
    assert len(damaged) <= len(victims)
    for line in arrived:
        if line["frames_lost"] + line["frames_damaged"] == 0:
            assert line["sha256"] == DIGESTS[line["index"] % len(MNIST)]
    return missed


def test_ctrl_c_ends_at_once_with_whole_files(virtual_link, processes, tmp_path):
    log, recording = tmp_path / "rx.jsonl", tmp_path / "air"
    receive = ["--from", f"soapy:{virtual_link},end=b,noise=-40", "--log", log, "--record", recording]
    receiver = processes("receive", *receive)
    wait_until(lambda: (tmp_path / "air-b.socket").exists())
    transmitter = processes("transmit", "--to", f"soapy:{virtual_link},end=a", "--endless")
    wait_until(lambda: len(image_lines(log)) >= 20)
    for process, status in ((transmitter, 0), (receiver, 0)):
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert finished(process)[0] == status
        assert time.monotonic() - began < 10  # a second on a quiet machine
    assert lines(log)[-1]["event"] == "end"

    # What was recorded gives the same images again, and the recording tells which.
    replayed = tmp_path / "replayed.jsonl"
    assert finished(processes("receive", "--from", f"sigmf:{recording}", "--log", replayed))[0] == 0
    live, again = image_lines(log), image_lines(replayed)
    assert [line | {"time": 0} for line in again] == [line | {"time": 0} for line in live]
    notes = read_json(recording.with_name("air.sigmf-meta"))["annotations"]
    assert [note["aeiqa:sha256"] for note in notes] == [line["sha256"] for line in live]


def test_recording_is_replayed_with_the_same_images_and_scores(processes, tmp_path):
    pytest.importorskip("torch")
    logs = []
    assert finished(processes("transmit", "--to", f"sigmf:{tmp_path}/sent", "--images", 20))[0] == 0
    for source, more in ((f"{tmp_path}/sent", ["--record", tmp_path / "copy"]), (f"{tmp_path}/copy", [])):
        logs.append(tmp_path / f"{len(logs)}.jsonl")
        options = ["--dataset", "mnist", "--score", "paper", "--log", logs[-1], *more]
        assert finished(processes("receive", "--from", f"sigmf:{source}", *options))[0] == 0
    first, second = map(image_lines, logs)
    assert [line | {"time": 0} for line in first] == [line | {"time": 0} for line in second]
    assert all(0 <= line["score"] <= 1 for line in first)
    # The transmitter knows where its frames lie, the receiver finds them: both say the same.
    sent, found = (read_json(tmp_path / f"{name}.sigmf-meta")["annotations"] for name in ("sent", "copy"))
    for ours, theirs in zip(sent, found, strict=True):
        assert abs(ours["core:sample_start"] - theirs["core:sample_start"]) <= 16
        assert ours["aeiqa:sha256"] == theirs["aeiqa:sha256"]


def refusal(process):
    """Return what a program that must be refused says, its only line."""
    output, errors = process.communicate(timeout=DEADLINE)
    assert (process.returncode, output, errors.count("\n")) == (2, "", 1), errors
    return errors


def test_files_of_a_program_that_runs_are_refused_to_others(processes, tmp_path):
    assert finished(processes("transmit", "--to", f"sigmf:{tmp_path}/a", "--images", 3))[0] == 0
    names = [f"a.sigmf-{kind}" for kind in ("data", "meta")]
    before = [(tmp_path / name).read_bytes() for name in names]
    # To read and write one recording, under whatever name.
    (tmp_path / "b.sigmf-data").symlink_to("a.sigmf-data")
    for name in ("a", "a.sigmf-meta", "b"):
        process = processes("receive", "--from", f"sigmf:{tmp_path}/a", "--record", tmp_path / name)
        assert "would overwrite --from" in refusal(process)
    (tmp_path / "b.sigmf-data").unlink()
    assert [(tmp_path / name).read_bytes() for name in names] == before

    log = tmp_path / "rx.jsonl"
    listen = ["--from", f"zmq:ipc://{tmp_path}/socket", "--log", log, "--record", tmp_path / "c"]
    receiver = processes("receive", *listen)
    wait_until((tmp_path / "c.sigmf-data").exists)
    assert "in use" in refusal(processes("transmit", "--to", f"sigmf:{tmp_path}/c"))
    play = ["--from", f"sigmf:{tmp_path}/a"]
    assert "in use" in refusal(processes("receive", *play, "--record", tmp_path / "c"))
    assert "in use" in refusal(processes("receive", *play, "--log", log))
    receiver.kill()
    receiver.wait()
    assert finished(processes("receive", *play, "--record", tmp_path / "c", "--log", log))[0] == 0
    assert [line["index"] for line in image_lines(log)] == [0, 1, 2]


def test_errors_are_those_of_the_same_link_in_one_process(virtual_link, processes, tmp_path):
    snr_db, log = 9.0, tmp_path / "rx.jsonl"
    noise = 20 * math.log10(AMPLITUDE) - snr_db
    receive = ["--from", f"soapy:{virtual_link},end=b,noise={noise}", "--dataset", "mnist"]
    receiver = processes("receive", *receive, "--log", log, "--images", IMAGES, "--idle", 30)
    wait_until(lambda: (tmp_path / "air-b.socket").exists())
    to = ["--to", f"soapy:{virtual_link},end=a", "--images", IMAGES, "--amplitude", AMPLITUDE]
    assert finished(processes("transmit", *to))[0] == 0
    assert finished(receiver)[0] == 0
    two_processes = np.array([line["bit_errors"] for line in image_lines(log)]) / (8 * MNIST[0].size)
    one_process = in_one_process(MNIST[:IMAGES], noise) / (8 * MNIST[0].size)
    assert len(two_processes) == len(one_process) == IMAGES
    # Difference of two means over images, each with its own deviation; 4 sigma.
    sigma = math.hypot(two_processes.std(), one_process.std()) / math.sqrt(IMAGES)
    assert abs(two_processes.mean() - one_process.mean()) < 4 * sigma
    # What estimation and pilots cost: less than 1.5 dB.
    best, worst = (theory.awgn_ber("qpsk", "gray", db) for db in (snr_db, snr_db - 1.5))
    assert best < two_processes.mean() < worst


def in_one_process(images, noise_db):
    """Return the wrong bits of each image over white noise."""
    config, graph = AirConfig(), gr.top_block()
    transmitter = AirTransmitter(config, images, amplitude=AMPLITUDE)
    receiver = AirReceiver(config)
    add, noise = blocks.add_cc(), analog.noise_source_c(analog.GR_GAUSSIAN, 10 ** (noise_db / 20), 7)
    graph.connect(transmitter, add, receiver)
    graph.connect(noise, (add, 1))
    graph.run()
    received = receiver.take()
    return np.array([int(bit_errors(images[im.index][None], im.image[None])[0]) for im in received])


@pytest.mark.parametrize(
    ("app", "arguments", "message"),
    [
        ("transmit", ["--to", "fm:1"], "must begin with one of soapy:"),
        ("transmit", ["--to", "soapy:driver=nosuchradio"], "no match"),
        ("transmit", ["--to", "sigmf:x", "--images", "0"], "images: must be from 1 to 4294967295, got 0"),
        ("transmit", ["--to", "sigmf:x", "--images", "4294967296"], "images: must be from 1 to 4294967295"),
        ("transmit", ["--to", "sigmf:x", "--modulation", "qam3"], "modulation: must be one of"),
        ("transmit", ["--to", "sigmf:x", "--rate", "-1"], "rate: must be more than 0"),
        ("receive", ["--from", "sigmf:nosuchfile"], "no such recording"),
        ("receive", ["--from", "sigmf:x", "--score", "paper"], "which --dataset has to name"),
        ("receive", ["--from", "sigmf:x", "--save", "/nosuchfolder/x.npz"], "no such folder"),
        ("receive", ["--from", "soapy:driver=aeiqa_virtual,end=c"], "end: must be a or b"),
    ],
)
def test_mistakes_are_told_in_one_line(app, arguments, message, processes, virtual_link):
    process = processes(app, *arguments)
    _, errors = process.communicate(timeout=DEADLINE)
    assert process.returncode == 2
    assert message in errors
    assert len(errors.splitlines()) == 1
