#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A device and an edge, two processes: every image is accounted for by both, over a noisy link too."""

import importlib.util
import json
import signal

import pytest
from gnuradio import blocks, gr, zeromq
from programs import APPS, DEADLINE, image_lines, lines, wait_until

pytest.importorskip("torch")
pytest.importorskip("zmq")

from gnuradio.aeiqa import channel
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.images import load_dataset

AMPLITUDE = 0.2
LABELS = load_dataset("mnist").labels


class Air(gr.top_block):
    """White noise between the device and the edge."""

    def __init__(self, way_in, way_out, snr_db):
        gr.top_block.__init__(self)
        size = gr.sizeof_gr_complex
        self.connect(
            zeromq.pull_source(size, 1, way_in, 100, False, 16),
            blocks.multiply_const_cc(1 / AMPLITUDE),
            channel("awgn", snr_db, seed=1),
            zeromq.push_sink(size, 1, way_out, 100, False, 16),
        )


def end_of(log):
    (end,) = (line for line in lines(log) if line.get("event") == "end")
    return end


def test_images_that_are_not_sure_are_asked_again(programs, tmp_path):
    sent, heard, count = tmp_path / "device.jsonl", tmp_path / "edge.jsonl", 60
    near, far, back = (f"ipc://{tmp_path}/{name}" for name in ("near", "far", "back"))
    air = Air(near, far, 7.0)
    air.start()
    try:
        edge, errors = programs("edge", "--from", f"zmq:{far}", "--answers", f"zmq:{back}", "--log", heard)
        wait_until(heard.exists)  # its networks are loaded: from now on answers come in time
        link = ["--to", f"zmq:{near}", "--answers", f"zmq:{back}", "--log", sent, "--timeout", DEADLINE / 5]
        options = ["--images", count, "--modulation", "qam16", "--ask-again", 0.02]
        device, device_errors = programs("device", *link, *options)
        assert device.wait(DEADLINE) == 0, device_errors.read_text()
        edge.send_signal(signal.SIGINT)
        assert edge.wait(DEADLINE) == 0, errors.read_text()
    finally:
        air.stop()
        air.wait()
    end, arrived = end_of(sent), image_lines(heard)
    assert end["answered"] + end["timeouts"] == end["next"] == count
    assert end["asked_again"] > 0
    again = [line for line in image_lines(sent) if line["modulation"] == "qpsk"]
    assert len(again) == end["asked_again"]
    # What the edge says of the last copy of each image is what the device counted.
    latest = {line["index"]: line for line in arrived}
    assert {line["index"] for line in arrived if line["copies"] == 2} <= {line["index"] for line in again}
    if end["timeouts"] == 0:
        right = sum(line["prediction"] == LABELS[index] for index, line in latest.items())
        assert right == end["right"]
    first = {line["index"]: line["score"] for line in reversed(arrived)}
    assert all(first[line["index"]] > 0.02 for line in again)
    assert f"asked again {len(again)}" in device_errors.read_text()


def test_the_edge_is_killed_and_the_device_goes_on(programs, tmp_path):
    air, back = f"zmq:ipc://{tmp_path}/air", f"zmq:ipc://{tmp_path}/back"
    sent, heard, count = tmp_path / "device.jsonl", tmp_path / "edge.jsonl", 120
    serve = ["edge", "--from", air, "--answers", back, "--log", heard]
    link = ["--to", air, "--answers", back, "--log", sent, "--timeout", 3]
    device, errors = programs("device", *link, "--images", count)
    edge, _ = programs(*serve)
    wait_until(lambda: len(image_lines(heard)) >= 20)
    edge.send_signal(signal.SIGKILL)
    edge.wait()
    edge, _ = programs(*serve)
    assert device.wait(DEADLINE) == 0, errors.read_text()
    edge.send_signal(signal.SIGINT)
    assert edge.wait(DEADLINE) == 0
    end, arrived = end_of(sent), image_lines(heard)
    assert end["answered"] + end["timeouts"] == count
    assert end["answered"] <= len(arrived) <= count
    assert len({line["index"] for line in arrived}) == len(arrived)
    assert end["strays"] == 0 or end["timeouts"] > 0


def command():
    spec = importlib.util.spec_from_file_location("device_app", APPS / "device.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_goes_on_behind_the_last_image_though_repeats_follow():
    known = command()._Numbers()
    for text in ('{"index": 3}', '{"index": 9}', '{"index": 4}', '{"event": "end", "next": 7}'):
        known.recall(json.loads(text))
    assert known.next_index == 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "sigmf:x"], "nobody answers a recording"),
        (["--ask-again", "1"], "--ask-again: must be from 0"),
        (["--ask-again", "0.1", "--modulation", "bpsk"], "no modulation is sturdier"),
        (["--images", "0"], "--images: must be from 1 to 4294967295, got 0"),
        (["--window", "0"], "--window: must be 1"),
        (["--timeout", "nan"], "--timeout: must be"),
        (["--answers", "zmq:tcp://192.0.2.1:5"], "goes beyond this machine"),
    ],
)
def test_mistakes_are_told_in_one_line(arguments, message, tmp_path):
    base = ["--to", f"zmq:ipc://{tmp_path}/air", "--answers", f"zmq:ipc://{tmp_path}/back"]
    with pytest.raises(InputError, match=message):
        command().main([*base, *arguments])
