#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""GNU Radio block that closes the loop: chooses modulation and copies by the reports on former images."""

from collections.abc import Sequence
from typing import Optional

import pmt
from gnuradio import gr

from ..link.air_config import AirConfig
from ..link.config import BITS_PER_SYMBOL
from . import MODES, AdaptationLoop, AdapterSettings, LinkAdapter, air_modes, load_curves

_IMAGES, _REPORT, _STATUS = (pmt.intern(name) for name in ("images", "report", "status"))


class link_adapter(gr.basic_block):
    """Choose modulation and copies of each image, so that at most a given share is misclassified.

    Message ports. ``images`` in and out: PDUs of images, metadata and u8 vector; those going out tell an
    ``image_queue_source`` in ``bits`` and ``copies`` how to send them. ``report`` in: the receiver's reports,
    as an ``aeiqa_sink`` makes them, dicts with ``index, error`` and perhaps ``snr_db``, and for the SNR PDUs
    of an ``image_sink``. Reports must come in the order of the images; an image without a report was lost.
    ``status`` out: a dict for each image: ``index, modulation, copies, expected_error, blind``.

    Args:
        config: an AirConfig, settings of the frames, for the air time of each mode; with 22 payload symbols
            an MNIST image takes 1 frame at 256-QAM, 2 at 16-QAM, 3 at QPSK.
        modes: modes to choose from: modulations, with x2 to x8 behind them for copies.
        target: the receiver's classifier: paper, lenet, wide, robust.
        error_pct: share of the images that may be misclassified in the long run, more than 0 and less than
            100 (%).
        patience: images without a report after which the most robust mode is taken; from 1 to 1000000
            (images).

    Raises:
        InputError: invalid mode or number, or no error curves.

    Images should be of one size: air times are those of the first.
    """

    def __init__(
        self,
        config: Optional[AirConfig] = None,
        modes: Sequence[str] = MODES,
        target: str = "paper",
        error_pct: float = 5.0,
        patience: int = 32,
    ) -> None:
        gr.basic_block.__init__(self, name="link_adapter", in_sig=None, out_sig=None)
        self._config, self._modes = config or AirConfig(), tuple(modes)
        self._curves = load_curves(target)
        self._settings = AdapterSettings(target_error=error_pct / 100.0, patience=patience)
        self._loop = self._made_for(self._config.frame_bytes)  # tells what is wrong now, not later
        self._size: Optional[int] = None
        self._next_index = 0
        for port in (_IMAGES, _REPORT):
            self.message_port_register_in(port)
        for port in (_IMAGES, _STATUS):
            self.message_port_register_out(port)
        self.set_msg_handler(_IMAGES, self._take_image)
        self.set_msg_handler(_REPORT, self._take_report)

    def sent(self) -> int:
        """Return how many images have passed."""
        return self._loop.sent

    def reported(self) -> int:
        """Return how many of them were reported on."""
        return self._loop.reported

    def lost(self) -> int:
        """Return how many of them never came, as the reports on later ones tell."""
        return self._loop.lost

    def used(self) -> dict[str, int]:
        """Return how many images were sent in each mode, by name."""
        return dict(self._loop.used)

    def blind(self) -> bool:
        """Return whether reports fail to come, and the most robust mode is taken."""
        return self._loop.adapter.blind

    def _made_for(self, nbytes: int) -> AdaptationLoop:
        modes = air_modes(self._config, nbytes, self._modes)
        return AdaptationLoop(LinkAdapter(modes, self._curves, self._settings))

    def _take_image(self, message: object) -> None:
        if pmt.is_eof_object(message):
            self.message_port_pub(_IMAGES, message)
            return
        if not (pmt.is_pair(message) and pmt.is_dict(pmt.car(message)) and pmt.is_u8vector(pmt.cdr(message))):
            self.logger.error("images: a message that is no image, dropped")
            return
        metadata, pixels = pmt.car(message), pmt.cdr(message)
        if self._size is None:
            self._size = pmt.length(pixels)
            self._loop = self._made_for(self._size)
        index = pmt.to_python(pmt.dict_ref(metadata, pmt.intern("index"), pmt.PMT_NIL))
        # Numbers that begin again lower are given anew: each is one image's.
        if not isinstance(index, int) or index < self._next_index:
            index = self._next_index
        self._next_index = index + 1
        mode = self._loop.choose(index)
        for name, value in (
            ("index", index),
            ("bits", BITS_PER_SYMBOL[mode.modulation]),
            ("copies", mode.copies),
        ):
            metadata = pmt.dict_add(metadata, pmt.intern(name), pmt.from_long(value))
        self.message_port_pub(_IMAGES, pmt.cons(metadata, pixels))
        status = {
            "index": index,
            "modulation": mode.modulation,
            "copies": mode.copies,
            "expected_error": self._loop.adapter.expected_of(index),
            "blind": self._loop.adapter.blind,
        }
        self.message_port_pub(_STATUS, pmt.to_pmt(status))

    def _take_report(self, message: object) -> None:
        is_image = pmt.is_pair(message) and pmt.is_u8vector(pmt.cdr(message))
        report = pmt.to_python(pmt.car(message) if is_image else message)
        try:
            if is_image:
                self._loop.note_snr(int(report["index"]), float(report["snr_db"]))
            elif "image_index" in report:
                for index, error in zip(report["image_index"], report["image_score"], strict=True):
                    self._loop.report(int(index), float(error))
            else:
                self._loop.report(int(report["index"]), float(report["error"]), report.get("snr_db"))
        except (KeyError, TypeError, ValueError) as error:
            self.logger.error(f"report not understood: {error}")
