#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A screen that nobody sees, with a window manager, and a program to show on it."""

import os
import shutil
import subprocess
import sys

import pytest
from virtual_screen import PATIENCE, ROOT, Screen, wait_for

TOOLS = {
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "xdotool": "xdotool",
    "wmctrl": "wmctrl",
    "import": "imagemagick",
}


@pytest.fixture(scope="session")
def display(tmp_path_factory):
    """A display of 1280 by 1000 pixels with a window manager."""
    missing = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"no virtual display: install {' '.join(missing)}")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x1000x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        number = pipe.readline().strip()
    assert number, "Xvfb did not start"
    screen = Screen(number, tmp_path_factory.mktemp("home"))
    screen.start("openbox", stderr=subprocess.DEVNULL)
    wait_for(lambda: "openbox" in screen.do("wmctrl", "-m").lower())
    yield screen
    screen.end_all()
    server.terminate()
    server.wait()


@pytest.fixture
def screen(display, tmp_path):
    """The display; what a test starts on it ends with it."""
    already, display._running = display._running, []
    yield display
    if any(process.poll() is None for process in display._running):
        display.keep("left", tmp_path)
    display.end_all()
    display._running = already


@pytest.fixture(scope="session")
def dashboard(tmp_path_factory):
    """The dashboard's program, as the Companion writes it."""
    folder = tmp_path_factory.mktemp("dashboard")
    run = subprocess.run(
        [
            sys.executable,
            shutil.which("grcc"),
            "-o",
            folder,
            ROOT / "examples" / "simulated" / "dashboard.grc",
        ],
        env=os.environ | {"GRC_BLOCKS_PATH": str(ROOT / "grc"), "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
    )
    assert (run.returncode, run.stderr) == (0, ""), run.stdout
    return folder / "dashboard.py"
