#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The example flowgraphs that need no hardware, run in pairs: recording, ZeroMQ, and SoapySDR's blocks."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gnuradio.aeiqa.files import read_json

ROOT = Path(__file__).parents[2]
COUNTS = re.compile(r"images: (\d+) complete, (\d+) damaged, (\d+) with gaps, (\d+) missed")


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flowgraphs")
    # That the others compile is tested with all examples.
    folder_of_examples = ROOT / "examples" / "radio"
    files = [path for name in ("sigmf", "soapy", "zmq") for path in folder_of_examples.glob(f"*_{name}.grc")]
    environment = os.environ | {"HOME": str(folder), "GRC_BLOCKS_PATH": str(ROOT / "grc")}
    command = [sys.executable, shutil.which("grcc"), "-o", folder, *files]
    subprocess.run(command, env=environment, capture_output=True, timeout=120, check=True)
    return folder


def change(program, **variables):
    """Set variables of a compiled flowgraph, as the Companion would."""
    text = program.read_text()
    for name, value in variables.items():
        text, count = re.subn(rf"= {name} = .*", f"= {name} = {value!r}", text)
        assert count == 1, name
    program.write_text(text)


def end_after_images(program, count):
    """Have a compiled receiver stop when so many have come, where it would wait for a key."""
    text = program.read_text()
    waiting = "input('Press Enter to quit: ')"
    assert text.count(waiting) == 1
    polling = f"while tb.image_sink.counters().images_complete < {count}: time.sleep(0.01)"
    program.write_text(text.replace(waiting, f"import time\n        {polling}"))


def start(program, folder):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, str(program)], cwd=folder, text=True, **pipes)


def counts(process):
    output, errors = process.communicate("\n", timeout=60)
    assert process.returncode == 0, errors
    return [int(number) for number in COUNTS.search(output).groups()]


def test_a_recording_is_written_and_played(programs, tmp_path):
    process = start(programs / "transmit_sigmf.py", tmp_path)
    assert "100 images" in process.communicate(timeout=60)[0]
    assert counts(start(programs / "receive_sigmf.py", tmp_path)) == [100, 0, 0, 0]
    assert len(read_json(tmp_path / "images.sigmf-meta")["annotations"]) == 100


@pytest.mark.parametrize("medium", ["zmq", "soapy"])
def test_pairs_in_two_processes(medium, programs, tmp_path, request):
    if medium == "zmq":
        for way in ("transmit", "receive"):
            change(programs / f"{way}_zmq.py", address=f"ipc://{tmp_path}/socket")
    else:
        driver, link = request.getfixturevalue("virtual_link").removeprefix("driver=").split(",")
        for way, end in (("transmit", "a"), ("receive", "b,noise=-40")):
            arguments = {"driver": driver, "device_args": f"{link},end={end}", "antenna": "ANT", "gain": 0}
            change(programs / f"{way}_soapy.py", **arguments)
    end_after_images(programs / f"receive_{medium}.py", 20)
    receiver = start(programs / f"receive_{medium}.py", tmp_path)
    transmitter = start(programs / f"transmit_{medium}.py", tmp_path)
    complete, damaged, gaps, missed = counts(receiver)
    # Killed, not ended: GNU Radio's push sink may wait for ever for a receiver that has gone.
    transmitter.kill()
    transmitter.communicate()
    assert complete >= 20
    # The last may have been under way at the end.
    assert damaged + gaps <= 1
    assert missed == 0
