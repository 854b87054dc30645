#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Widget: the equaliser's estimate of the channel."""

import math
from typing import Any

import numpy as np
from gnuradio import gr

from ..errors import InputError
from .qt import BLUE, Canvas, QtWidgets, checked_update_time, pg, set_title

FLOOR_DB = -40.0
"""Weaker carriers are drawn at the lower edge."""


class channel_view(gr.basic_block):
    """Show the channel that the equaliser uses: |H| of every carrier in dB, and the SNR it sees.

    Without ports: it asks the equaliser, at its own pace.

    Args:
        equalizer: the LS Equalizer to ask, in the Companion its ID (block ID).
        update_time: time from one drawing to the next, 0.02 or more (s).

    Raises:
        InputError: a wrong argument, no PyQt5 or pyqtgraph, or no QApplication yet.
    """

    def __init__(self, equalizer: Any, update_time: float = 0.1) -> None:
        gr.basic_block.__init__(self, name="channel_view", in_sig=None, out_sig=None)
        if not all(callable(getattr(equalizer, name, None)) for name in ("response", "snr_db")):
            raise InputError(f"equalizer must be an ls_equalizer, got {type(equalizer).__name__}")
        self._equalizer = equalizer
        self._canvas = Canvas(self._draw, checked_update_time(update_time), (420, 240))
        self._plot = self._canvas.add_plot("channel estimate", "carrier", "|H| (dB)")
        self._plot.setYRange(-30, 12, padding=0)
        self._plot.setMouseEnabled(x=False, y=True)
        self._line = self._plot.plot(
            pen=pg.mkPen(BLUE, width=2), symbol="o", symbolSize=3, symbolPen=None, symbolBrush=BLUE
        )

    def widget(self) -> "QtWidgets.QWidget":
        """Return the Qt widget, to be put into a layout."""
        return self._canvas

    def _draw(self) -> None:
        response = np.abs(np.fft.fftshift(self._equalizer.response()))
        gain_db = 20 * np.log10(np.maximum(response, 10 ** (FLOOR_DB / 20)))
        carriers = np.arange(len(gain_db)) - len(gain_db) // 2
        self._line.setData(carriers, gain_db)
        self._plot.setXRange(carriers[0], carriers[-1], padding=0.02)
        snr_db = self._equalizer.snr_db()
        heard = f", SNR {snr_db:.1f} dB" if math.isfinite(snr_db) else ""
        set_title(self._plot, f"channel estimate{heard}")
