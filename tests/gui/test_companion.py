#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""GNU Radio Companion in a real window: our flowgraphs open with every block found, and run from there."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from virtual_screen import PATIENCE, ROOT, catches, wait_for, without_qt_notes

pytest.importorskip("gi", reason="no GTK (Debian packages python3-gi, gir1.2-gtk-3.0)")

EXAMPLES = sorted(ROOT.glob("examples/*/*.grc"))
DASHBOARD = "Images over a fading link"


def flow_graph(screen, file):
    """Open a flowgraph by ``./aeiqa companion`` and return what its window shows when all is drawn."""
    screen.start(ROOT / "aeiqa", "companion", file, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    box = screen.window(file.name)
    # Full screen, so that the whole flowgraph is to be seen; ports of bytes are magenta.
    screen.do("wmctrl", "-r", file.name, "-b", "add,maximized_vert,maximized_horz")
    wait_for(lambda: screen.window(file.name)[2] > box[2])

    wait_for(lambda: is_magenta(canvas(screen, file)).sum() > 500)
    return canvas(screen, file)


def canvas(screen, file):
    """The part of the Companion's window where blocks are: below the buttons, above and beside the lists."""
    x, y, width, height = screen.window(file.name)
    return screen.shot([x, y + 100, 0.7 * width, 0.6 * height])


def is_magenta(pixels):
    red, green, blue = pixels.astype(int).transpose(2, 0, 1)
    return (red > 180) & (green < 60) & (blue > 180)


def is_red(pixels):
    """The Companion writes in red what is wrong, and paints missing blocks red."""
    red, green, blue = pixels.astype(int).transpose(2, 0, 1)
    return (red > 200) & (green < 90) & (blue < 90)


def copied(folder, old="", new=""):
    """A copy of the dashboard, with one thing changed."""
    text = (ROOT / "examples" / "simulated" / "dashboard.grc").read_text()
    assert old in text
    file = folder / "dashboard.grc"
    file.write_text(text.replace(old, new))
    return file


def test_dashboard_opens_without_red_and_runs(screen, tmp_path):
    pytest.importorskip("torch")
    file = copied(tmp_path)
    # A terminal, which a flowgraph with windows does without, but the Companion asks for.
    configuration = Path(screen.environment["HOME"]) / ".gnuradio" / "config.conf"
    configuration.parent.mkdir(exist_ok=True)
    configuration.write_text("[grc]\nxterm_executable = /bin/sh\n")
    pixels = flow_graph(screen, file)
    colours, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True)
    assert counts.max() < 0.95 * counts.sum() and len(colours) > 50
    assert not is_red(pixels).any()
    screen.do("wmctrl", "-a", file.name)
    screen.do("xdotool", "key", "F6")
    screen.window(DASHBOARD)
    screen.close(DASHBOARD)
    wait_for(lambda: DASHBOARD not in screen.do("wmctrl", "-l"))


@pytest.mark.parametrize(
    ("old", "new"), [("value: '64'", "value: '60'"), ("id: aeiqa_channel\n", "id: aeiqa_chanel\n")]
)
def test_what_is_wrong_is_red(screen, tmp_path, old, new):
    """Without this the test above could not fail."""
    file = copied(tmp_path, old, new)
    flow_graph(screen, file)
    wait_for(lambda: is_red(canvas(screen, file)).sum() > 30)


def test_examples_are_laid_out(screen, tmp_path):
    """The Companion has nothing against any of them, and no block hides another."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    process = screen.start(
        sys.executable, ROOT / "docs" / "draw_flowgraphs.py", folder, *EXAMPLES, stdout=subprocess.PIPE
    )
    output, _ = process.communicate(timeout=2 * PATIENCE)
    found = [json.loads(line) for line in output.splitlines() if line.startswith('{"name"')]
    assert {drawn["name"] for drawn in found} == {path.stem for path in EXAMPLES}
    for drawn in found:
        assert drawn["errors"] == [], drawn["name"]
        blocks = list(drawn["blocks"].items())
        for i, (name, (x, y, width, height)) in enumerate(blocks):
            for other, (left, top, across, down) in blocks[i + 1 :]:
                apart = x >= left + across or left >= x + width or y >= top + down or top >= y + height
                assert apart, (drawn["name"], name, other)
        assert (folder / f"{drawn['name']}.png").stat().st_size > 10_000


def test_installed_blocks_and_examples_are_found(tmp_path):
    """As after ./aeiqa install, by the variables that it prints: grcc compiles an installed example."""
    build = os.environ.get("AEIQA_BUILD_DIR", ROOT / "build")
    subprocess.run(
        ["cmake", "--install", build, "--prefix", tmp_path / "usr"],
        check=True,
        capture_output=True,
        timeout=120,
    )
    installed = tmp_path / "usr" / "share" / "gnuradio"
    blocks = {path.name for path in (installed / "grc" / "blocks").glob("aeiqa_*.block.yml")}
    assert blocks == {path.name for path in (ROOT / "grc").glob("aeiqa_*.block.yml")}
    examples = {path.name for path in installed.glob("examples/aeiqa/*/*.grc")}
    assert examples == {path.name for path in EXAMPLES}
    environment = os.environ | {
        "GRC_BLOCKS_PATH": str(installed / "grc" / "blocks"),
        "PYTHONPATH": str(next(tmp_path.glob("usr/lib/python3*/*-packages"))),
        "LD_LIBRARY_PATH": str(next(tmp_path.glob("usr/lib/**/libgnuradio-aeiqa.so")).parent),
        "HOME": str(tmp_path),
    }
    example = installed / "examples" / "aeiqa" / "simulated" / "dashboard.grc"
    grcc = [sys.executable, shutil.which("grcc"), "-o", tmp_path, example]
    run = subprocess.run(grcc, env=environment, capture_output=True, text=True, timeout=120)
    assert (run.returncode, run.stderr) == (0, "")
    assert (tmp_path / "dashboard.py").exists()


def test_dashboard_without_a_display(dashboard):
    """It runs without its windows, says so in one line, and ends on Ctrl-C."""
    pytest.importorskip("torch")
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    program = subprocess.Popen(
        [sys.executable, dashboard],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with program:
        line = program.stderr.readline()
        assert line == "aeiqa: no display (DISPLAY is not set): running without windows\n"
        wait_for(lambda: catches(program, signal.SIGTERM))  # its own handlers are there: it runs
        program.send_signal(signal.SIGINT)
        output, errors = program.communicate(timeout=PATIENCE)
    # GRC's own words on machines without X11's development files.
    output = output.replace("Warning: failed to XInitThreads()\n", "")
    assert (program.returncode, output, without_qt_notes(errors)) == (0, "", "")
