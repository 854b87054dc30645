#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Figures look the same under any settings of the user's, and show text as it is."""

import os
import subprocess
import sys
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from gnuradio.aeiqa.report.style import style, svg

ROOT = Path(__file__).parents[2]
HOSTILE = {"text.usetex": True, "figure.facecolor": "black", "axes.facecolor": "black", "lines.linewidth": 9}


def drawn(text="a class"):
    with style():
        figure = Figure()
        axes = figure.add_subplot(title=text)
        axes.plot([0, 1], label=text)
        axes.legend()
        return svg(figure)


def test_the_users_settings_change_nothing():
    expected = drawn()
    with matplotlib.rc_context(HOSTILE):
        assert drawn() == expected
        assert matplotlib.rcParams["text.usetex"]  # theirs again


def test_text_is_drawn_as_it_is():
    """As mathematics the first would lose its dollars, and the others could not be drawn at all."""
    for text in ("$x_1$", "$_$", "$\\", r"a $\frac{ b$"):
        assert drawn(text) != drawn(text.replace("$", ""))


def test_a_backend_that_matplotlib_does_not_know(tmp_path):
    small = ("--images", "20", "--modulations", "qpsk", "--snr", "10", "--target", "none")
    done = subprocess.run(
        [sys.executable, ROOT / "apps" / "sweep.py", *small, "--workers", "1", "--out", tmp_path / "results"],
        env=os.environ | {"MPLBACKEND": "inline"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "results" / "report.html").exists()
