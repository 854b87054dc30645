#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The one place that imports Qt, and what all widgets have in common: a canvas redrawn by a timer."""

import atexit
import gc
import math
import os
import sys
from collections.abc import Callable

import numpy as np
from gnuradio import gr

from ..errors import InputError

try:
    # Before pyqtgraph, which takes the binding that is there, and GNU Radio's own widgets need this one.
    from PyQt5 import QtCore, QtWidgets, sip  # isort: skip
    import pyqtgraph as pg  # isort: skip
except ImportError as error:
    raise InputError(
        f"the widgets cannot be used: {error} (Debian packages python3-pyqt5 and python3-pyqtgraph); "
        "everything else works without them"
    ) from None

__all__ = ["Canvas", "QtCore", "QtWidgets", "pg"]

# pyqtgraph 0.13.1 cannot draw a thick line of fewer than two points in segments.
pg.setConfigOption("segmentedLineMode", "off")
# At exit it would look at every object there is, torch's deprecated ones too.
pg.setConfigOption("exitCleanup", False)

INK, GREY, BLUE, ORANGE = "#222222", "#777777", "#0072B2", "#D55E00"


def leave_windows_out_without_display() -> None:
    """Without a display Qt would abort the program: let it run without its windows, and say so."""
    if not sys.platform.startswith("linux") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        return
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if "gnuradio.grc.core" not in sys.modules:  # grcc imports what it compiles, and shows nothing anyway
        print("aeiqa: no display (DISPLAY is not set): running without windows", file=sys.stderr)


leave_windows_out_without_display()


def _leave_objects_to_qt() -> None:
    """Let Qt own every object that is still there when the interpreter ends.

    PyQt5 deletes those that Python owns, in the order of their addresses, and reads on in each after its
    deletion: about one exit in forty ends in a segmentation fault. What Qt owns it leaves alone.
    """
    for thing in gc.get_objects():
        kind = type(thing)  # isinstance would run code of objects that pretend to be of another class
        if issubclass(kind, sip.wrapper) and issubclass(kind, QtCore.QObject):
            sip.transferto(thing, None)  # type: ignore[arg-type]  # PyQt5's types forget None


# After PyQt5's own, and so called before it.
atexit.register(_leave_objects_to_qt)


def checked_update_time(update_time: float) -> float:
    """Return seconds from one drawing to the next, 0.02 or more, else raise ``InputError``."""
    is_number = isinstance(update_time, (int, float)) and not isinstance(update_time, bool)
    if not is_number or not 0.02 <= update_time < math.inf:
        raise InputError(f"update_time must be a number of seconds from 0.02 up, got {update_time!r}")
    return float(update_time)


class Canvas(pg.GraphicsLayoutWidget):
    """White canvas that calls ``draw`` every ``update_time`` seconds while it can be seen."""

    def __init__(self, draw: Callable[[], None], update_time: float, size: tuple[int, int]) -> None:
        if QtWidgets.QApplication.instance() is None:
            raise InputError("a widget needs a running Qt application: make a QApplication first")
        super().__init__()
        self.setBackground("w")
        self.ci.layout.setContentsMargins(6, 4, 10, 4)
        self._draw, self._size = draw, size
        self._timer = QtCore.QTimer(self)
        self._timer.timeout.connect(self._redraw)
        self._timer.start(round(1000 * update_time))

    def sizeHint(self) -> "QtCore.QSize":
        """Qt asks for it."""
        return QtCore.QSize(*self._size)

    def minimumSizeHint(self) -> "QtCore.QSize":
        """Qt asks for it."""
        return QtCore.QSize(self._size[0] // 2, self._size[1] // 2)

    def add_plot(self, title: str, x: str, y: str, **place: int) -> "pg.PlotItem":
        """Add a plot with labelled axes, dark on white."""
        plot = self.addPlot(title=title, **place)
        plot.titleLabel.setAttr("color", INK)
        plot.titleLabel.setAttr("size", "10pt")
        set_title(plot, title)
        for side, text in (("bottom", x), ("left", y)):
            axis = plot.getAxis(side)
            axis.setPen(GREY)
            axis.setTextPen(INK)
            axis.enableAutoSIPrefix(False)
            axis.setLabel(text, color=INK)
        plot.showGrid(x=True, y=True, alpha=0.15)
        plot.hideButtons()
        plot.setMenuEnabled(False)
        return plot

    def _redraw(self) -> None:
        if not self.isVisible():
            return
        try:
            self._draw()
        except Exception as error:  # PyQt would abort the program
            self._timer.stop()
            gr.logger("aeiqa").error(f"widget stopped: {type(error).__name__}: {error}")


def set_title(plot: "pg.PlotItem", text: str) -> None:
    """Change a plot's title and nothing about its looks."""
    plot.titleLabel.setText(text, color=INK, size="10pt")


def on_screen(points: np.ndarray) -> dict[str, np.ndarray]:
    """Return complex points as keywords of ``setData``."""
    return {"x": points.real, "y": points.imag}
