#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The dashboard in a real window: it shows something, follows the mouse, and goes when it is told to."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

pytest.importorskip("torch")

from virtual_screen import PATIENCE, wait_for, without_qt_notes

TITLE = "Images over a fading link"


@pytest.fixture
def window(screen, dashboard):
    """The running dashboard: its process, and its window's box."""
    program = screen.start(sys.executable, dashboard, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    box = screen.window(TITLE)
    wait_for(lambda: is_curve(upper_right(screen, box)).any())
    return program, box


def upper_right(screen, box):
    """Predicted error and Phi."""
    x, y, width, height = box
    return screen.shot([x + 0.6 * width, y + 0.15 * height, 0.4 * width, 0.35 * height])


def difference_picture(screen, box):
    """The changes by the link, of the pictures above on the left."""
    x, y, width, height = box
    return screen.shot([x + 0.4 * width, y + 0.25 * height, 0.16 * width, 0.2 * height])


def is_curve(pixels):
    """Pixels of the curve of the predicted error."""
    return np.abs(pixels.astype(int) - [0xD5, 0x5E, 0x00]).max(axis=2) < 60


def is_red(pixels):
    """Pixels as red as the Companion and Qt paint what is wrong."""
    red, green, blue = pixels.astype(int).transpose(2, 0, 1)
    return (red > 200) & (green < 60) & (blue < 60)


def damage(screen, box):
    """Part of the difference picture that is not white."""
    return np.mean(difference_picture(screen, box).min(axis=2) < 200)


def predicted_error(screen, box):
    """Height of the newest part of the curve, from 0 to 1 of the plots' area."""
    rows, columns = np.nonzero(is_curve(upper_right(screen, box)))
    newest = columns > columns.max() - 6
    return 1 - rows[newest].min() / (0.35 * box[3])


def ended(program, seconds=PATIENCE):
    """Seconds until a program has ended, its status and output."""
    begin = time.monotonic()
    output, _ = program.communicate(timeout=seconds)
    return time.monotonic() - begin, program.returncode, output


def test_it_shows_a_link(screen, window):
    _, box = window
    pixels = screen.shot(box)
    colours, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True)
    assert counts.max() < 0.8 * counts.sum()
    assert len(colours) > 100
    assert not is_red(pixels).any()
    # All four widgets have drawn: dark pictures, orange and blue points, blue channel.
    x, y, width, height = box
    assert (screen.shot([x, y, 0.2 * width, 0.45 * height]).max(axis=2) < 40).mean() > 0.05
    assert is_curve(screen.shot([x, y + height / 2, width / 3, height / 2])).any()
    for left in (1 / 3, 2 / 3):
        part = screen.shot([x + left * width, y + height / 2, width / 3, height / 2]).astype(int)
        assert (part[..., 2] - part[..., 0] > 80).sum() > 20


def test_pulling_down_the_snr_shows(screen, window):
    _, box = window
    row, first, last = screen.slider(box)
    low, high = first + 8, last
    clear_picture, small_error = damage(screen, box), predicted_error(screen, box)
    screen.do("xdotool", "mousemove", low, row, "click", 1)
    begin = time.monotonic()
    wait_for(lambda: damage(screen, box) > clear_picture + 0.2, every=0.02)
    wait_for(lambda: predicted_error(screen, box) > small_error + 0.1, every=0.02)
    print("seconds until seen:", time.monotonic() - begin)  # under 2 on a quiet machine
    screen.do("xdotool", "mousemove", high, row, "click", 1)
    wait_for(lambda: predicted_error(screen, box) < small_error + 0.06)


@pytest.mark.parametrize("way", ["window closed", "Ctrl-C"])
def test_it_ends_when_told(screen, window, way):
    program, _ = window
    if way == "Ctrl-C":
        os.killpg(program.pid, signal.SIGINT)
    else:
        screen.close(TITLE)
    seconds, status, output = ended(program)
    print("seconds until ended:", seconds)  # under 2 on a quiet machine
    assert (status, without_qt_notes(output)) == (0, "")
