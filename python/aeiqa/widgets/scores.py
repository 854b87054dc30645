#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Widget: predicted error and Phi over time."""

import time
from collections import deque

import numpy as np
import pmt
from gnuradio import gr

from ..errors import InputError
from .qt import BLUE, ORANGE, Canvas, QtWidgets, checked_update_time, pg, set_title

IN_PORT = pmt.intern("report")
_FIELDS = ("batch_images", "batch_error_pct", "batch_phi")


class score_view(gr.basic_block):
    """Show what ``aeiqa_sink`` reports: predicted error and mean Phi of the images, over time.

    Message port ``report``: the sink's reports. Dots are reports, lines the mean of all images of the last
    ``average`` seconds.

    Args:
        span: time that is shown, more than 0 (s).
        average: time that the lines average over, all images alike; more than 0 (s).
        update_time: time from one drawing to the next, 0.02 or more (s).

    Raises:
        InputError: a wrong argument, no PyQt5 or pyqtgraph, or no QApplication yet.
    """

    def __init__(self, span: float = 60.0, average: float = 2.0, update_time: float = 0.1) -> None:
        gr.basic_block.__init__(self, name="score_view", in_sig=None, out_sig=None)
        for name, value in (("span", span), ("average", average)):
            if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value < np.inf:
                raise InputError(f"{name} must be a number of seconds above 0, got {value!r}")
        self._span, self._average = span, average
        self._start = time.monotonic()
        # Handed over from the block's thread to the GUI's; bounded, should nobody look.
        self._arrived: deque[tuple[float, ...]] = deque(maxlen=1024)
        # Time, images, error and Phi, the last two times images; one row a drawing at most.
        self._points: deque[np.ndarray] = deque(maxlen=4096)
        self.message_port_register_in(IN_PORT)
        self.set_msg_handler(IN_PORT, self._receive)
        self._canvas = Canvas(self._draw, checked_update_time(update_time), (560, 280))
        self._error = _Curve(self._canvas, 0, "predicted error (%)", 100, ORANGE)
        self._phi = _Curve(self._canvas, 1, "Φ", 1, BLUE)

    def widget(self) -> "QtWidgets.QWidget":
        """Return the Qt widget, to be put into a layout."""
        return self._canvas

    def _receive(self, message: object) -> None:
        try:
            report = pmt.to_python(message)
            row = tuple(float(report[name]) for name in _FIELDS)
        except (TypeError, KeyError, ValueError):
            self.logger.error(f"report without {', '.join(_FIELDS)}, not shown")
            return
        self._arrived.append((time.monotonic() - self._start, *row))

    def _draw(self) -> None:
        rows = np.array([self._arrived.popleft() for _ in range(len(self._arrived))]).reshape(-1, 4)
        now = time.monotonic() - self._start
        if len(rows):
            weighted = rows[:, 1:] * np.maximum(rows[:, 1:2], 1) ** [0, 1, 1]
            self._points.append(np.concatenate([rows[-1:, 0], weighted.sum(axis=0)]))
        while self._points and self._points[0][0] < now - self._span:
            self._points.popleft()
        for curve in (self._error, self._phi):
            curve.plot.setXRange(max(0.0, now - self._span), max(now, self._span), padding=0)
        if not self._points:
            return
        when, images, *sums = np.array(self._points).T
        first = np.searchsorted(when, when - self._average)
        counted = _running(images, first)
        for curve, total in zip((self._error, self._phi), sums, strict=True):
            curve.show(when, total / images, _running(total, first) / counted)


class _Curve:
    """A plot of one quantity from 0 to ``top``: dots and their running mean."""

    def __init__(self, canvas: Canvas, row: int, name: str, top: float, colour: str) -> None:
        self.plot = canvas.add_plot(name, "time (s)" if row else "", "", row=row, col=0)
        self.plot.setYRange(0, top, padding=0.12)
        axis = self.plot.getAxis("left")
        axis.setWidth(38)
        axis.setTicks([[(top * part, f"{top * part:g}") for part in (0, 0.5, 1)]])
        self.plot.getAxis("bottom").setStyle(showValues=row > 0)
        self.plot.setMouseEnabled(x=False, y=False)
        self._name, self._digits = name.partition(" (")[0], 0 if top > 1 else 2
        self._unit = " %" if "%" in name else ""
        faint = pg.mkColor(colour)
        faint.setAlpha(70)
        self._dots = self.plot.plot(pen=None, symbol="o", symbolSize=4, symbolPen=None, symbolBrush=faint)
        self._line = self.plot.plot(pen=pg.mkPen(colour, width=2))

    def show(self, when: np.ndarray, dots: np.ndarray, line: np.ndarray) -> None:
        self._dots.setData(when, dots)
        self._line.setData(when, line)
        set_title(self.plot, f"{self._name} {line[-1]:.{self._digits}f}{self._unit}")


def _running(values: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the sum of ``values[first[i] : i + 1]`` for every i."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return sums[1:] - sums[first]
