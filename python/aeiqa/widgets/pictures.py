#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Widget: the picture sent, the picture received, and their difference."""

import numpy as np
from gnuradio import gr

from ..errors import InputError
from ..metrics.psnr import psnr
from ..sinks.image_deframer import ImageDeframer, ImageFrame, img_tags
from .qt import INK, Canvas, QtWidgets, checked_update_time, pg

# White where nothing has changed; the more, the darker.
_DIFFERENCE_COLOURS = np.linspace((255, 255, 255), (0, 60, 110), 256).astype(np.uint8)


class picture_view(gr.sync_block):
    """Show an image as it was sent, as it arrives, and what the link has changed.

    Input: bytes, images by ``img`` tags as ``image_source`` makes them. Of a fast stream a few images a
    second are shown, whole ones only.

    Args:
        reference: the images sent, uint8 [N, rows, cols] or [N, rows, cols, channels], or a list of single
            images; the tag's index counts in it; None: only what arrives is shown.
        order: order of the pixels in the stream, as in the source: raster, column.
        update_time: time from one picture to the next, 0.02 or more (s).

    Raises:
        InputError: a wrong argument, no PyQt5 or pyqtgraph, or no QApplication yet.
    """

    def __init__(
        self,
        reference: np.ndarray | list[np.ndarray] | None = None,
        order: str = "raster",
        update_time: float = 0.1,
    ) -> None:
        gr.sync_block.__init__(self, name="picture_view", in_sig=[np.uint8], out_sig=None)
        if reference is not None and len(reference) == 0:
            raise InputError("reference must hold at least one image, got none")
        self._reference = reference
        self._framer = ImageDeframer(order)
        self._latest: ImageFrame | None = None
        self._wanted = True
        self.error: Exception | None = None
        self._canvas = Canvas(self._draw, checked_update_time(update_time), (720, 280))
        names = ("received",) if reference is None else ("sent", "received", "difference")
        self._pictures = {name: _Picture(self._canvas, column) for column, name in enumerate(names)}
        for name, picture in self._pictures.items():
            picture.set_title(name)
        if reference is not None:
            self._pictures["difference"].item.setLookupTable(_DIFFERENCE_COLOURS)

    def widget(self) -> "QtWidgets.QWidget":
        """Return the Qt widget, to be put into a layout."""
        return self._canvas

    def start(self) -> bool:
        """Begin a run."""
        self.error, self._wanted = None, True
        self._framer.forget()
        return True

    def work(self, input_items: list[np.ndarray], output_items: list) -> int:
        """Take the next whole image if one is wanted; the scheduler calls this."""
        data = input_items[0]
        if not self._wanted:
            return len(data)
        for frame in self._framer.feed(data, img_tags(self, len(data))):
            self._latest, self._wanted = frame, False
            break
        if self._framer.error is not None and self.error is None:
            self.error = self._framer.error
            self.logger.error(f"image dropped: {self.error} (more like it are not told)")
        if not self._wanted:
            self._framer.forget()
        return len(data)

    def _draw(self) -> None:
        frame, self._latest = self._latest, None
        self._wanted = True
        if frame is None:
            return
        received = frame.image()
        shown = {"received": received}
        caption = "received"
        if self._reference is not None:
            sent = np.asarray(self._reference[frame.index % len(self._reference)])
            sent = sent.reshape(*sent.shape[:2], -1)
            shown["sent"] = sent
            if sent.shape == received.shape:
                change = np.abs(received.astype(np.int16) - sent).max(axis=2)
                shown["difference"] = change.astype(np.uint8)
                caption += f", PSNR {psnr(sent[None], received[None])[0]:.1f} dB"
            else:
                caption += ", of another size"
        for name, pixels in shown.items():
            self._pictures[name].show(pixels)
        if "sent" in shown:
            self._pictures["sent"].set_title(f"sent, image {frame.index}")
        self._pictures["received"].set_title(caption)


class _Picture:
    """An image under a title, its pixels square."""

    def __init__(self, canvas: Canvas, column: int) -> None:
        self._title = canvas.addLabel("", row=0, col=column, color=INK, size="10pt")
        box = canvas.addViewBox(row=1, col=column, lockAspect=True, enableMouse=False, invertY=True)
        box.setBackgroundColor("#DDDDDD")
        self.item = pg.ImageItem(axisOrder="row-major")
        box.addItem(self.item)
        canvas.ci.layout.setColumnPreferredWidth(column, 200)
        self._box = box
        self._shape: tuple[int, ...] | None = None

    def set_title(self, text: str) -> None:
        self._title.setText(text)
        self._title.setMinimumWidth(0)  # else the longest title would get the largest picture

    def show(self, pixels: np.ndarray) -> None:
        """Show uint8 [H, W] or [H, W, C]."""
        if pixels.ndim == 3 and pixels.shape[2] not in (3, 4):
            pixels = pixels[:, :, 0]
        self.item.setImage(pixels, levels=(0, 255))
        if pixels.shape[:2] != self._shape:
            self._shape = pixels.shape[:2]
            self._box.setRange(xRange=(0, pixels.shape[1]), yRange=(0, pixels.shape[0]), padding=0.02)
