#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Bit error rate, PSNR and SSIM of images as they arrive, and the GNU Radio block that tells them."""

from collections.abc import Sequence

import numpy as np

from ..errors import InputError
from ..metrics import ber, psnr, ssim
from .batch_sink import BatchSink
from .image_deframer import ImageFrame
from .image_pairs import PORT, check_sizes

MEASURES = ("ber", "psnr_db", "ssim")
"""Bit error rate; PSNR in dB, inf where nothing has changed; SSIM with MATLAB's Gaussian window."""

FIELDS = [(name, np.float64) for name in MEASURES]
QUALITY = np.dtype([("index", np.int64), ("label", np.int64), *FIELDS])
"""A row of ``quality_sink.results()``: index and label (-1: unknown) of the image, and the measures."""

Images = np.ndarray | Sequence[np.ndarray]


def sent_images(reference: Images | str, frames: list[ImageFrame]) -> list[np.ndarray]:
    """Return the image sent for each that came, uint8 [H, W, C].

    That of index i was number i modulo N; or the one that came by port.

    Raises:
        InputError: one is of another size than what came.
    """
    if isinstance(reference, str):
        return [frame.sent for frame in frames if frame.sent is not None]  # all have one by port
    sent = []
    for frame in frames:
        image = np.asarray(reference[frame.index % len(reference)])
        image = image.reshape(*image.shape[:2], -1)
        check_sizes(frame, image.shape)
        sent.append(image)
    return sent


def measure(sent: Images, received: Images, rows: np.ndarray) -> None:
    """Fill in the ``MEASURES`` of images of any sizes."""
    rows["ber"], rows["psnr_db"] = ber(sent, received), psnr(sent, received)
    rows["ssim"] = ssim(sent, received)


def batch_report(rows: np.ndarray) -> dict[str, object]:
    """Return the measures of a batch: their means, and the value of each image as a list.

    The mean of PSNR is over the images that have changed, that of SSIM over the ``ssim_images``; nan if there
    are none.
    """
    totals, counts = _sums(rows)
    means: dict[str, object] = {f"batch_{name}": _ratio(totals[name], counts[name]) for name in MEASURES}
    values = {f"image_{name}": rows[name].copy() for name in MEASURES}
    return means | {"batch_ssim_images": counts["ssim"]} | values


def _sums(rows: np.ndarray) -> tuple[dict[str, float], dict[str, int]]:
    """Return the sum of each measure over the images for which it is finite, and how many those are."""
    finite = {name: rows[name][np.isfinite(rows[name])] for name in MEASURES}
    return {name: float(part.sum()) for name, part in finite.items()}, {
        name: part.size for name, part in finite.items()
    }


def _ratio(total: float, count: int) -> float:
    return total / count if count else float("nan")


class quality_sink(BatchSink):
    """Tell bit error rate, PSNR and SSIM of received images against those sent, as they arrive.

    Images of any size; needs no torch. Input, optional: bytes, images by ``img`` tags as ``image_source`` or
    ``image_tagger`` makes them. Message port ``images``: PDUs of images, metadata ``rows``, ``cols`` and, if
    known, ``channels``, ``index``, ``label``. Message port ``report``: a dict per batch. An image that the
    next one cuts short is counted and not measured; a PDU that is no image is logged and counted.

    Args:
        reference: the images sent, uint8 [N, rows, cols] or [N, rows, cols, channels], or a list of single
            images; the tag's index counts in it; "port": they come on the port sent.
        batch: images for each report, 1 or more (images).
        order: order of the pixels in the stream, as in the source: raster, column.
        keep: images that results() keeps, in whole batches, the oldest dropped first; -1: all (images). Give
            a number in flowgraphs without an end.

    Raises:
        InputError: no reference or one that is no set of uint8 images, batch below 1, keep below -1, unknown
            order.

    GNU Radio swallows what is raised while a flowgraph runs: call ``check()`` after ``run()``.
    """

    def __init__(
        self, reference: Images | str, batch: int = 64, order: str = "raster", keep: int = -1
    ) -> None:
        by_port = isinstance(reference, str) and reference == PORT
        BatchSink.__init__(self, "quality_sink", QUALITY, batch, order, keep, by_port)
        if len(reference) == 0:
            raise InputError("reference must hold at least one image, got none")
        if isinstance(reference, str) and not by_port:
            raise InputError(f"reference must be images or {PORT!r}, got {reference!r}")
        for image in () if isinstance(reference, str) else reference:
            if getattr(image, "dtype", None) != np.uint8 or image.ndim not in (2, 3):
                raise InputError(
                    "reference must be uint8 [N, H, W], [N, H, W, C] or a list of single images, got one of "
                    f"{getattr(image, 'dtype', type(image).__name__)} {getattr(image, 'shape', '')}".rstrip()
                )
        self._reference = reference
        self._totals = dict.fromkeys(MEASURES, 0.0)
        self._counts = dict.fromkeys(MEASURES, 0)

    def mean(self) -> dict[str, float]:
        """Return the means over all images so far, nan before the first.

        ``ber``; ``psnr_db`` of the images that have changed; ``ssim`` of the ``ssim_images()``;
        ``identical``, the share of those that have not changed.
        """
        with self._lock:
            return self._mean()

    def ssim_images(self) -> int:
        """Return how many images the mean of SSIM is over: all that came."""
        with self._lock:
            return self._counts["ssim"]

    def _mean(self) -> dict[str, float]:
        means = {name: _ratio(self._totals[name], self._counts[name]) for name in MEASURES}
        return means | {"identical": _ratio(self._scored - self._counts["psnr_db"], self._scored)}

    def _check_image(self, frame: ImageFrame) -> None:
        sent_images(self._reference, [frame])  # by port they are compared as they meet

    def _judge(self, frames: list[ImageFrame]) -> tuple[np.ndarray, None]:
        rows = np.empty(len(frames), QUALITY)
        rows["index"] = [frame.index for frame in frames]
        rows["label"] = [frame.label for frame in frames]
        measure(sent_images(self._reference, frames), [frame.image() for frame in frames], rows)
        return rows, None

    def _report(self, rows: np.ndarray, judged: None) -> dict[str, object]:
        totals, counts = _sums(rows)
        for name in MEASURES:
            self._totals[name] += totals[name]
            self._counts[name] += counts[name]
        far = self._mean() | {"ssim_images": self._counts["ssim"]}
        return far | {"image_index": rows["index"].tolist()} | batch_report(rows)
