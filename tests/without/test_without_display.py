#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Without a display, or without Qt, all but the windows works, and each says in one line what is left out."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QT = ("PyQt5", "pyqtgraph")

LINK = """
from gnuradio import aeiqa

images = aeiqa.images.load_dataset("mnist").images[:20]
link = aeiqa.Link(images, aeiqa.LinkConfig(snr_db=30.0))
link.run()
print(len(link.sink.take()))
"""
WIDGETS = """
from gnuradio import aeiqa

for name in ("picture_view", "score_view", "constellation_view", "channel_view"):
    try:
        getattr(aeiqa, name)()
    except aeiqa.InputError as error:
        print(error)
"""


@pytest.mark.parametrize("missing", [(), QT], ids=["no display", "no display, no Qt"])
def test_links_sweeps_and_reports_work(run, lacking, tmp_path, missing):
    done = run(lacking(*missing), "-c", LINK)
    assert (done.returncode, done.stdout, done.stderr) == (0, "20\n", "")
    small = ("--images", "20", "--modulations", "qpsk", "--snr", "10", "--target", "none", "--workers", "1")
    done = run(lacking(*missing), "sweep", *small, "--out", "results")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "results" / "report.html").exists()


@pytest.mark.parametrize("missing", QT)
def test_without_qt_each_widget_says_so(run, lacking, missing):
    done = run(lacking(missing), "-c", WIDGETS)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 4
    for line in done.stdout.splitlines():
        assert line == (
            f"the widgets cannot be used: No module named {missing!r} "
            "(Debian packages python3-pyqt5 and python3-pyqtgraph); everything else works without them"
        )


@pytest.mark.parametrize("missing", QT)
def test_check_says_that_widgets_are_missing(run, lacking, missing):
    done = run(lacking(missing), "check")
    assert done.returncode == 1
    assert f"missing  widgets: No module named {missing!r}\n" in done.stdout
    assert "ok       MNIST" in done.stdout


def test_the_companion_says_so(lacking):
    done = subprocess.run(
        [ROOT / "aeiqa", "companion"], env=lacking(), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "aeiqa: GNU Radio Companion needs a graphical session: DISPLAY is not set\n"
