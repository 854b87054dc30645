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
"""Bit error rate; PSNR in dB, inf where nothing has changed; SSIM, nan below 5 pixels."""

FIELDS = [(name, np.float64) for name in MEASURES]
QUALITY = np.dtype([("index", np.int64), ("label", np.int64), *FIELDS])
"""A row of ``quality_sink.results()``: index and label (-1: unknown) of the image, and the measures."""

_SSIM_WINDOW = 5

Images = np.ndarray | Sequence[np.ndarray]


def sent_images(reference: Images | str, frames: list[ImageFrame]) -> list[np.ndarray]:
    """Return the image sent for each that came, uint8 [H, W, C].

    That of index i was number i modulo N; or the one that came by port.

    Raises:
        InputError: one is of another size than what came.
    """
    if isinstance(reference, str):
        return [frame.sent for frame in frames]
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
    large = [i for i, image in enumerate(sent) if min(image.shape[:2]) >= _SSIM_WINDOW]
    rows["ssim"] = np.nan
    if large:
        pairs = ([images[i] for i in large] for images in (sent, received))
        rows["ssim"][large] = ssim(*pairs, window=_SSIM_WINDOW)


def batch_report(rows: np.ndarray) -> dict[str, object]:
    """Return the measures of a batch: their means, and the value of each image as a list.

    The mean of PSNR is over the images that have changed, nan if none has.
    """
    changed = rows["psnr_db"][np.isfinite(rows["psnr_db"])]
    means = {name: float(rows[name].mean()) for name in MEASURES}
    means["psnr_db"] = float(changed.mean()) if changed.size else float("nan")
    return {f"batch_{name}": mean for name, mean in means.items()} | {
        f"image_{name}": rows[name].copy() for name in MEASURES
    }


class quality_sink(BatchSink):
    """Tell bit error rate, PSNR and SSIM of received images against those sent, as they arrive.

    Images of any size; needs no torch. Input, optional: bytes, images by ``img`` tags as ``image_source`` or
    ``image_tagger`` makes them. Message port ``images``: PDUs of images, metadata ``rows``, ``cols`` and, if
    known, ``channels``, ``index``, ``label``. Message port ``report``: a dict per batch. An image that the
    next one cuts short is counted and not measured; a PDU that is no image is logged and counted.

    Args:
        reference: the images sent, uint8 [N, H, W] or [N, H, W, C], or a list of single images; the image of
            index i was ``reference[i % N]``. "port": they come as PDUs on the message port ``sent``, matched
            by their index.
        batch: images per report.
        order: how a stream's pixels travel, "raster" or "column", as in ``image_source``.
        keep: of how many images ``results()`` tells at least, in whole batches, the oldest giving way; -1:
            all, 40 bytes each.

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
        for image in () if by_port else reference:
            if getattr(image, "dtype", None) != np.uint8 or image.ndim not in (2, 3):
                raise InputError(
                    "reference must be uint8 [N, H, W], [N, H, W, C] or a list of single images, got one of "
                    f"{getattr(image, 'dtype', type(image).__name__)} {getattr(image, 'shape', '')}".rstrip()
                )
        self._reference = reference
        self._sums = dict.fromkeys(MEASURES, 0.0)
        self._identical = 0

    def mean(self) -> dict[str, float]:
        """Return the means over all images so far, nan before the first.

        ``ber``, ``ssim``; ``psnr_db`` of the images that have changed; ``identical``, the share of those that
        have not.
        """
        with self._lock:
            return self._mean()

    def _mean(self) -> dict[str, float]:
        count = self._scored or np.nan
        counts = {"ber": count, "psnr_db": (count - self._identical) or np.nan, "ssim": count}
        means = {name: float(total / counts[name]) for name, total in self._sums.items()}
        return means | {"identical": float(self._identical / count)}

    def _check_image(self, frame: ImageFrame) -> None:
        sent_images(self._reference, [frame])  # by port they are compared as they meet

    def _judge(self, frames: list[ImageFrame]) -> tuple[np.ndarray, None]:
        rows = np.empty(len(frames), QUALITY)
        rows["index"] = [frame.index for frame in frames]
        rows["label"] = [frame.label for frame in frames]
        measure(sent_images(self._reference, frames), [frame.image() for frame in frames], rows)
        return rows, None

    def _report(self, rows: np.ndarray, judged: None) -> dict[str, object]:
        changed = np.isfinite(rows["psnr_db"])
        self._identical += int((~changed).sum())
        for name in MEASURES:
            self._sums[name] += float(rows[name][changed if name == "psnr_db" else slice(None)].sum())
        return self._mean() | {"image_index": rows["index"].tolist()} | batch_report(rows)
