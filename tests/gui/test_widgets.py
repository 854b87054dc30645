#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Data that the widgets take from a stream and draw, against the data sent; no screen is used."""

import subprocess
import sys

import numpy as np
import pmt
import pytest
from gnuradio import aeiqa, gr

pytest.importorskip("PyQt5", reason="no PyQt5 (Debian package python3-pyqt5)")

from PyQt5.QtWidgets import QApplication

from gnuradio.aeiqa.images import load_dataset
from gnuradio.aeiqa.widgets.constellation import POINTS, ideal_points, point_tap


@pytest.fixture(scope="module", autouse=True)
def application():
    """Qt's application, of which a process has one."""
    return QApplication.instance() or QApplication([])


@pytest.fixture(scope="module")
def images():
    return load_dataset("mnist").images[:40]


def link(images, **config):
    return aeiqa.Link(images, aeiqa.LinkConfig(snr_db=np.inf, **config))


@pytest.mark.parametrize(("modulation", "bits"), [("bpsk", 1), ("qpsk", 2), ("qam16", 4), ("qam1024", 10)])
@pytest.mark.parametrize("training", [(0, 0), (1, 0), (2, 3)])
@pytest.mark.parametrize("max_items", [1, 7, None])
def test_only_data_points_are_taken(images, modulation, bits, training, max_items):
    """Over a channel without noise no training symbol and no silent carrier may be among them."""
    symbols, period = training
    estimation = "ls" if symbols else "none"
    config = {"modulation": modulation, "training_symbols": symbols, "training_period": period}
    top = aeiqa.Link(
        images[:2],
        aeiqa.LinkConfig(snr_db=np.inf, estimation=estimation, **config),
        max_noutput_items=max_items,
    )
    before, after = point_tap(64, bits, symbols, period), point_tap(64, bits)
    top.connect(top.demodulator, before)
    top.connect(top.equalizer, after)
    top.run()
    ideal = ideal_points(bits)
    count = min(POINTS, 2 * -(-8 * 784 // bits))
    for tap in (before, after):
        points = tap.take()
        assert len(points) == count
        assert np.abs(points[:, None] - ideal).min(axis=1).max() < 1e-3
        assert len(tap.take()) == 0


def test_ideal_points_have_unit_energy():
    for bits in (1, 2, 4, 6, 8, 10):
        points = ideal_points(bits)
        assert len(np.unique(points)) == 2**bits
        assert np.mean(np.abs(points) ** 2) == pytest.approx(1)


def test_pictures_are_those_of_the_link(images):
    view = aeiqa.picture_view(images)
    top = link(images)
    top.connect(top.demapper, view)
    top.run()
    view._draw()
    shown = {name: picture.item.image for name, picture in view._pictures.items()}
    # The first was wanted, and nobody has drawn since.
    np.testing.assert_array_equal(shown["sent"], images[0])
    np.testing.assert_array_equal(shown["received"], shown["sent"])
    assert not shown["difference"].any()


def test_difference_is_that_of_the_pictures(images):
    view = aeiqa.picture_view(images)
    flipped = images ^ 0x21
    top = gr.top_block()
    top.connect(aeiqa.image_source(flipped), view)
    top.run()
    view._draw()
    shown = {name: picture.item.image for name, picture in view._pictures.items()}
    np.testing.assert_array_equal(shown["sent"], images[0])
    np.testing.assert_array_equal(shown["received"], flipped[0])
    np.testing.assert_array_equal(shown["difference"], np.abs(flipped[0].astype(int) - images[0]))


def test_pictures_of_any_shape_and_another_size_are_shown(images):
    for sent in (np.zeros((2, 5, 9, 3), np.uint8), np.zeros((2, 4, 4, 2), np.uint8), images):
        view = aeiqa.picture_view(images)
        top = gr.top_block()
        top.connect(aeiqa.image_source(sent), view)
        top.run()
        view._draw()
        assert view._pictures["received"].item.image.shape[:2] == sent.shape[1:3]


def report(error_pct, phi, images=10):
    return pmt.to_pmt({"batch_images": images, "batch_error_pct": error_pct, "batch_phi": phi})


def test_scores_are_weighted_by_images():
    view = aeiqa.score_view()
    for message in (report(10.0, 0.9), report(40.0, 0.6, images=20), pmt.PMT_NIL, pmt.to_pmt({"images": 3})):
        view._receive(message)
    view._draw()
    (_, errors), (_, phis) = view._error._line.getData(), view._phi._line.getData()
    assert errors.tolist() == pytest.approx([30.0])
    assert phis.tolist() == pytest.approx([0.7])
    view._receive(report(0.0, 1.0, images=30))
    view._draw()
    assert view._error._line.getData()[1][-1] == pytest.approx(15.0)  # within the average's two seconds
    assert view._error._dots.getData()[1].tolist() == pytest.approx([30.0, 0.0])


def test_channel_view_draws_what_the_equalizer_uses(images):
    top = link(images, channel="rayleigh")
    view = aeiqa.channel_view(top.equalizer)
    top.run()
    view._draw()
    carriers, gain_db = view._line.getData()
    assert carriers.tolist() == list(range(-32, 32))
    response = np.fft.fftshift(top.equalizer.response())
    np.testing.assert_allclose(gain_db, 20 * np.log10(np.maximum(np.abs(response), 0.01)), rtol=1e-6)


@pytest.mark.parametrize("missing", ["PyQt5", "pyqtgraph"])
def test_without_qt_only_widgets_are_missing(missing):
    program = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from gnuradio import aeiqa\n"
        "aeiqa.image_sink()\n"
        "try:\n    aeiqa.picture_view()\n"
        "except aeiqa.InputError as error:\n    print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")
    assert missing in run.stdout
    assert "python3-pyqtgraph" in run.stdout
    assert run.stdout.count("\n") == 1


def test_without_application_there_is_one_line():
    program = (
        "from gnuradio import aeiqa\n"
        "try:\n    aeiqa.score_view()\n"
        "except aeiqa.InputError as error:\n    print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")
    assert "QApplication" in run.stdout


def test_importing_the_package_imports_no_qt():
    program = "import sys; from gnuradio import aeiqa; print([m for m in sys.modules if 'qt' in m.lower()])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert run.stdout == "[]\n", run.stdout + run.stderr
