#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A virtual display, and what a user does before it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]

# How long to wait for what takes a second on a quiet machine.
PATIENCE = 180


# What has to be installed: programs, and the Debian packages that have them.
TOOLS = {
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "xdotool": "xdotool",
    "wmctrl": "wmctrl",
    "import": "imagemagick",
}


def missing_packages():
    """Packages without which there is no virtual display."""
    return [package for tool, package in TOOLS.items() if shutil.which(tool) is None]


@contextmanager
def virtual_screen(home, size="1280x1000"):
    """A display of so many pixels with a window manager, and a user's empty home."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        assert number, "Xvfb did not start"
        screen = Screen(number, Path(home))
        screen.start("openbox", stderr=subprocess.DEVNULL)
        wait_for(lambda: "openbox" in screen.do("wmctrl", "-m").lower())
        try:
            yield screen
        finally:
            screen.end_all()
    finally:
        server.terminate()
        server.wait()


def program_of(flow_graph, folder):
    """Compile a flowgraph as the Companion does, and return its program."""
    run = subprocess.run(
        [sys.executable, shutil.which("grcc"), "-o", folder, flow_graph],
        env=os.environ | {"GRC_BLOCKS_PATH": str(ROOT / "grc"), "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
    )
    assert (run.returncode, run.stderr) == (0, ""), run.stdout
    return folder / f"{flow_graph.stem}.py"


def wait_for(happened, seconds=PATIENCE, every=0.1):
    """Return what ``happened()`` returns as soon as it is true; fail if that takes too long."""
    end = time.monotonic() + seconds
    while True:
        result = happened()
        if result or time.monotonic() > end:
            assert result, f"nothing within {seconds} s"
            return result
        time.sleep(every)


def catches(program, number):
    """Whether a process has a handler for a signal; Python itself only has one for Ctrl-C."""
    status = Path(f"/proc/{program.pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return int(caught.split()[1], 16) >> (number - 1) & 1


def without_qt_notes(output):
    """Return a program's output without what Qt and Matplotlib say in a new user's sparse session."""
    notes = r"QStandardPaths:|Qt: Session|This plugin does not support propagateSizeHints"
    notes += r"|Matplotlib is building the font cache"
    return "".join(line for line in output.splitlines(True) if not re.match(notes, line))


class Screen:
    """The virtual display: run programs on it, look at it, point and type."""

    def __init__(self, number, home):
        self.environment = os.environ | {
            "DISPLAY": f":{number}",
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "GRC_BLOCKS_PATH": str(ROOT / "grc"),
        }
        # As a user's session: no platform is asked for, and warnings are no errors.
        for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "PYTHONWARNINGS"):
            self.environment.pop(name, None)
        self._running = []

    def start(self, *command, **options):
        process = subprocess.Popen(
            [str(word) for word in command],
            env=self.environment,
            text=True,
            start_new_session=True,
            **options,
        )
        self._running.append(process)
        return process

    def end_all(self):
        for process in self._running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdout:
                process.stdout.close()
        self._running.clear()

    def do(self, *command):
        """Run a tool and return what it says."""
        run = subprocess.run(
            [str(word) for word in command],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        return run.stdout

    def window(self, title):
        """Wait for a window and return [x, y, width, height] of what is inside its frame."""

        def found():
            lines = [line.split(None, 7) for line in self.do("wmctrl", "-lG").splitlines()]
            return [line for line in lines if len(line) == 8 and title in line[7]]

        name = wait_for(found)[0][0]
        geometry = dict(
            line.split("=")
            for line in self.do("xdotool", "getwindowgeometry", "--shell", int(name, 16)).split()
        )
        return [int(geometry[key]) for key in ("X", "Y", "WIDTH", "HEIGHT")]

    def slider(self, box):
        """Row, first and last column of the filled part of the slider at the top of a window."""
        x, y, width, height = (int(number) for number in box)
        part = self.shot([x, y, width // 2, height // 8]).astype(int)
        filled = (part[..., 2] - part[..., 0] > 60) & (part[..., 2] > 150)
        rows, columns = np.nonzero(filled)
        row = int(np.bincount(rows).argmax())
        return y + row, x + columns[rows == row].min(), x + columns[rows == row].max()

    def close(self, title):
        """As the button in the window's corner."""
        self.do("wmctrl", "-c", title)

    def shot(self, box=None):
        """Picture of the screen, or of a part of it: uint8 [H, W, 3]."""
        run = subprocess.run(
            ["import", "-window", "root", "-depth", "8", "ppm:-"],
            env=self.environment,
            capture_output=True,
            timeout=PATIENCE,
        )
        width, height = map(int, run.stdout.split(b"\n", 2)[1].split())
        pixels = np.frombuffer(run.stdout[-3 * width * height :], np.uint8).reshape(height, width, 3)
        if box is None:
            return pixels
        x, y, w, h = (max(0, int(number)) for number in box)
        return pixels[y : y + h, x : x + w]

    def keep(self, name, folder):
        """Save what is to be seen, for whoever wants to see why a test failed."""
        Image.fromarray(self.shot()).save(folder / f"{name}.png")
