#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The flowgraph that the guide builds, in a real window: it runs, and its slider damages pictures."""

import subprocess
import sys

import numpy as np
from virtual_screen import wait_for

TITLE = "Your first link"


def difference(screen, box):
    """Part of the difference picture that is not white."""
    x, y, width, height = box
    return np.mean(
        screen.shot([x + 0.72 * width, y + 0.5 * height, 0.2 * width, 0.3 * height]).min(axis=2) < 200
    )


def test_it_shows_what_the_slider_does(screen, first_link):
    screen.start(sys.executable, first_link, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    box = screen.window(TITLE)
    # Grey, until there is a picture; at 20 dB little is damaged.
    wait_for(lambda: difference(screen, box) < 0.05)
    row, first, _ = screen.slider(box)
    screen.do("xdotool", "mousemove", first + 8, row, "click", 1)
    wait_for(lambda: difference(screen, box) > 0.2)
    screen.close(TITLE)
    wait_for(lambda: TITLE not in screen.do("wmctrl", "-l"))
