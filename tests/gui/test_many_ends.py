#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The dashboard, started and interrupted again and again, several at a time: it ends in peace each time.

As often as AEIQA_ENDS says, with windows and without.
"""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip("torch")

from virtual_screen import PATIENCE, catches, wait_for, without_qt_notes

ENDS = int(os.environ.get("AEIQA_ENDS", "4"))
AT_ONCE = 2  # their threads end in many orders


@pytest.mark.parametrize("windows", [True, False])
def test_it_ends_in_peace_each_time(windows, screen, dashboard):
    rng = random.Random(6)
    hidden = () if windows else ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in screen.environment.items() if name not in hidden}
    environment |= {"PYTHONFAULTHANDLER": "1"}  # says where it was, should it crash
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    ended = 0
    while ended < ENDS:
        programs = [
            subprocess.Popen([sys.executable, dashboard], env=environment, **pipes) for _ in range(AT_ONCE)
        ]
        try:
            for program in programs:
                wait_for(lambda program=program: catches(program, signal.SIGTERM))  # its handlers are there
                time.sleep(rng.choice((0.05, 0.5, 2)) * rng.random())  # while it starts, draws, scores
                program.send_signal(signal.SIGINT)
            for program in programs:
                _, errors = program.communicate(timeout=PATIENCE)
                lines = without_qt_notes(errors).splitlines()
                said = [] if windows else ["aeiqa: no display (DISPLAY is not set): running without windows"]
                assert (program.returncode, lines) == (0, said), ended
                ended += 1
        finally:
            for program in programs:
                program.kill()
                program.communicate()
    print(ended, "ends")
