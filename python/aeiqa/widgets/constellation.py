#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Widget: the constellation before and after the equaliser."""

import numpy as np
import pmt
from gnuradio import gr

from ..errors import InputError
from ..link.config import BITS_PER_SYMBOL
from ..sinks.image_deframer import img_tags, tag_fields
from .qt import BLUE, INK, ORANGE, Canvas, QtWidgets, checked_update_time, on_screen, pg, set_title

POINTS = 1024
"""Most points that a drawing takes from the stream."""


class constellation_view(gr.hier_block2):
    """Show the points of the carriers before and after the equaliser.

    Inputs: vectors of ``fft_len`` carriers, from the demodulator and from the equaliser, framed by ``img``
    tags. Only data are shown: training symbols, and the silent carriers that fill up an image's last symbol,
    are left out. Vectors before the first tag are all shown.

    Args:
        fft_len: subcarriers of an OFDM symbol; from 8 to 8192, a multiple of 8.
        modulation: points that a data subcarrier takes: bpsk, qpsk, qam16, qam64, qam256, qam1024.
        training_symbols: known symbols in front of each image; 0 or more (OFDM symbols).
        training_period: data from one training to the next, 0: there is no other; 0 or more (data symbols).
        update_time: time from one drawing to the next, 0.02 or more (s).

    Raises:
        InputError: a wrong argument, no PyQt5 or pyqtgraph, or no QApplication yet.
    """

    def __init__(
        self,
        fft_len: int = 64,
        modulation: str = "qam16",
        training_symbols: int = 1,
        training_period: int = 0,
        update_time: float = 0.1,
    ) -> None:
        if isinstance(fft_len, bool) or not isinstance(fft_len, int) or fft_len not in range(8, 8193, 8):
            raise InputError(f"fft_len must be a multiple of 8 from 8 to 8192, got {fft_len!r}")
        if modulation not in BITS_PER_SYMBOL:
            raise InputError(f"modulation must be one of {', '.join(BITS_PER_SYMBOL)}, got {modulation!r}")
        for name, value in (("training_symbols", training_symbols), ("training_period", training_period)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise InputError(f"{name} must be a whole number from 0 up, got {value!r}")
        if training_period and not training_symbols:
            raise InputError(f"training_period must be 0 without training_symbols, got {training_period}")
        vectors = gr.io_signature(2, 2, gr.sizeof_gr_complex * fft_len)
        gr.hier_block2.__init__(self, "constellation_view", vectors, gr.io_signature(0, 0, 0))
        bits = BITS_PER_SYMBOL[modulation]
        # Two blocks, since one would have to wait for training symbols that only one of its inputs gets.
        self.taps = (point_tap(fft_len, bits, training_symbols, training_period), point_tap(fft_len, bits))
        for port, tap in enumerate(self.taps):
            self.connect((self, port), tap)
        self._ideal = ideal_points(bits)
        self._canvas = Canvas(self._draw, checked_update_time(update_time), (560, 300))
        self._plots = [
            _Scatter(self._canvas, 0, "before equalizer", 2.5, ORANGE),
            _Scatter(self._canvas, 1, "after equalizer", 1.6, BLUE, self._ideal),
        ]

    def widget(self) -> "QtWidgets.QWidget":
        """Return the Qt widget, to be put into a layout."""
        return self._canvas

    def _draw(self) -> None:
        for tap, plot in zip(self.taps, self._plots, strict=True):
            points = tap.take()
            if len(points):
                plot.show(points)


class point_tap(gr.sync_block):
    """Keeps some of a stream's data points, ``POINTS`` for each time they are taken."""

    def __init__(self, fft_len: int, bits: int, training_symbols: int = 0, training_period: int = 0) -> None:
        gr.sync_block.__init__(self, name="point_tap", in_sig=[(np.complex64, fft_len)], out_sig=None)
        self._fft_len, self._bits = fft_len, bits
        self._training, self._period = training_symbols, training_period
        self._kept: list[np.ndarray] = []
        self._room = POINTS
        # OFDM symbols of the current image that have passed, and its data points; None before any tag.
        self._position = 0
        self._in_image: int | None = None

    def start(self) -> bool:
        """Begin a run."""
        self._position, self._in_image = 0, None
        return True

    def work(self, input_items: list[np.ndarray], output_items: list) -> int:
        """Keep what there is room for; the scheduler calls this."""
        vectors = input_items[0]
        tags = img_tags(self, len(vectors))
        starts = [0, *(position for position, _ in tags)]
        ends = [*starts[1:], len(vectors)]
        for tag, start, end in zip([None, *(value for _, value in tags)], starts, ends, strict=True):
            if tag is not None:
                self._position, self._in_image = 0, self._points_announced(tag)
            self._keep(vectors[start:end])
            self._position += end - start
        return len(vectors)

    def take(self) -> np.ndarray:
        """Return the points kept since the last call, complex64, and make room again."""
        kept, self._kept, self._room = self._kept, [], POINTS
        return np.concatenate(kept) if kept else np.empty(0, np.complex64)

    def _points_announced(self, tag: object) -> int | None:
        try:
            nbytes = tag_fields(tag).get("nbytes")
        except InputError:
            return None
        usable = nbytes is not None and pmt.is_integer(nbytes) and pmt.to_long(nbytes) >= 0
        return -(-8 * pmt.to_long(nbytes) // self._bits) if usable else None

    def _keep(self, vectors: np.ndarray) -> None:
        room = self._room
        if room <= 0 or not len(vectors):
            return
        if self._in_image is None:
            points = vectors.ravel()
        else:
            index = self._position + np.arange(len(vectors))
            group = self._training + self._period if self._period else index[-1] + 1 + self._training
            data = index % group >= self._training
            before = index - self._training * (index // group + 1)  # data symbols before a data symbol
            left = self._in_image - self._fft_len * before
            points = vectors[data[:, None] & (np.arange(self._fft_len) < left[:, None])]
        points = points[:room].copy()  # the buffer is the scheduler's
        self._kept.append(points)
        self._room = room - len(points)


def ideal_points(bits: int) -> np.ndarray:
    """Return the points of square QAM with unit mean energy (BPSK: -1 and 1), complex [2^bits]."""
    if bits == 1:
        return np.array([-1, 1], np.complex128)
    levels = np.arange(1 - 2 ** (bits // 2), 2 ** (bits // 2), 2)
    points = (levels[:, None] + 1j * levels).ravel()
    return points / np.sqrt(np.mean(np.abs(points) ** 2))


class _Scatter:
    """A complex plane with the latest points, and the ideal ones as crosses."""

    def __init__(
        self,
        canvas: Canvas,
        column: int,
        title: str,
        reach: float,
        colour: str,
        ideal: np.ndarray | None = None,
    ) -> None:
        self.plot = canvas.add_plot(title, "I", "Q" if column == 0 else "", row=0, col=column)
        self.plot.setAspectLocked(True)
        self.plot.setRange(xRange=(-reach, reach), yRange=(-reach, reach), padding=0)
        tint = pg.mkColor(colour)
        tint.setAlpha(110)
        self._points = pg.ScatterPlotItem(size=3, pen=None, brush=tint, pxMode=True)
        self.plot.addItem(self._points)
        self._title, self._ideal = title, ideal
        if ideal is not None:
            crosses = pg.ScatterPlotItem(symbol="+", size=8, pen=None, brush=INK)
            crosses.setData(**on_screen(ideal))
            self.plot.addItem(crosses)

    def show(self, points: np.ndarray) -> None:
        self._points.setData(**on_screen(points))
        if self._ideal is not None:
            nearest = np.abs(points[:, None] - self._ideal).min(axis=1) if len(self._ideal) <= 64 else None
            if nearest is not None:
                evm = 100 * np.sqrt(np.mean(nearest**2))
                set_title(self.plot, f"{self._title}, EVM {evm:.0f} %")
