#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The receiver's program: images from a radio, counted, compared and scored as they come."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional, Union

import numpy as np
from gnuradio import gr

from ..errors import ImageShapeError, InputError
from ..images import Dataset
from ..iqa import Judge, RunningScore
from ..link.air import AirImage, AirReceiver, FragmentStatus
from ..link.air_config import AirConfig
from ..link.config import BITS_PER_SYMBOL
from ..metrics.ber import bit_errors
from . import sigmf
from .endpoints import RadioSettings, open_sink, open_source
from .image_log import ImageLog, StatusLine
from .recording import Recording, recording_source
from .sockets.partner import Partner
from .sockets.reports import Report, ReportSender

_POLL_SECONDS = 0.05


class Receiver(gr.top_block):
    """The flowgraph from a radio to images.

    Args:
        origin: name of the radio, socket or recording, see `open_source`; or a `Recording`.
        settings: how it is tuned.
        config: of the air frames.
        record: name of a recording that the samples go into as well, or None.
        max_image_bytes: frames of larger images are refused and counted; None: as ``config`` says.

    Raises:
        InputError: as `open_source`.
    """

    def __init__(
        self,
        origin: Union[str, Recording],
        settings: RadioSettings,
        config: AirConfig,
        record: Optional[str] = None,
        max_image_bytes: Optional[int] = None,
    ) -> None:
        gr.top_block.__init__(self, "aeiqa receiver")
        self.config, self.settings, self.record = config, settings, record
        is_open = isinstance(origin, Recording)
        self.radio = recording_source(origin) if is_open else open_source(origin, settings)
        self.annotations: list[dict[str, Any]] = []  # of the recording that is made
        self.air = AirReceiver(config, max_image_bytes=max_image_bytes)
        self.connect(self.radio, self.air)
        if record is not None:
            self.recording = open_sink(f"sigmf:{record}", settings)
            self.connect(self.radio, self.recording)

    def note(self, images: Sequence[AirImage]) -> None:
        """Keep of images what the recording's metadata will say of them."""
        if self.record is None:
            return
        hertz = self.settings.rate / self.config.fft_len
        for image in images:
            fields = {"snr_db": round(image.snr_db, 2), "cfo_hz": round(image.cfo * hertz, 2)}
            bits = BITS_PER_SYMBOL[image.modulation]
            note = sigmf.ImageNote(image.start, 0, image.image, image.index, image.label, bits, fields)
            self.annotations.append(note.annotation())

    def write_meta(self) -> None:
        """Complete the recording, if there is one; the graph has ended."""
        if self.record is None:
            return
        self.recording.close()  # with it the samples are written; the graph alone would only let go of it
        fields = sigmf.ofdm_fields(self.config)
        sigmf.write_meta(self.record, self.settings.rate, self.settings.frequency, fields, self.annotations)


@dataclass
class ReceiverStats:
    """Account of the images received and missed, by their numbers.

    Attributes:
        received: images of which anything came.
        perfect: of these, whole and with every checksum right.
        missed: numbers left out between one image and the next, also across restarts of either side.
        restarts: times that numbers began again lower: another transmitter, or one that did not go on.
        next_index: the number expected next; None before the first.
        bits, wrong_bits: of the images that it is known of how they were sent.
        score: what they were scored to be together; None: they are not scored.
        unfit: images that got none, since they are of a shape that is not scored.
        labelled, misclassified: of those scored, the images whose class is known, and that were taken for
            another.
    """

    next_index: Optional[int] = None
    received: int = 0
    perfect: int = 0
    missed: int = 0
    restarts: int = 0
    bits: int = 0
    wrong_bits: int = 0
    score: Optional[RunningScore] = None
    unfit: int = 0
    labelled: int = 0
    misclassified: int = 0

    def record(self, index: int, perfect: bool) -> int:
        """Count an image and return how many before it were missed."""
        gap = 0
        if self.next_index is not None and index >= self.next_index:
            gap = index - self.next_index
        elif self.next_index is not None:
            self.restarts += 1
        self.next_index = index + 1
        self.received += 1
        self.perfect += perfect
        self.missed += gap
        return gap

    def text(self, counters: Mapping[str, float]) -> str:
        """Return the status line; ``counters`` as of `AirReceiver.stats`."""
        parts = [f"received {self.received} images ({self.perfect} perfect), missed {self.missed}"]
        if not self.received:
            parts.append(_what_came(counters))
        elif counters["frames_refused"]:
            parts.append(f"{counters['frames_refused']} frames of larger images refused")
        if np.isfinite(counters["snr_db"]):
            parts.append(f"SNR {counters['snr_db']:.1f} dB")
        if self.bits:
            parts.append(f"BER {self.wrong_bits / self.bits:.2e}")
        if self.score is not None and self.score.count:
            error, (low, high) = self.score.estimate()
            parts.append(f"predicted error {error:.1f} % ({low:.1f} to {high:.1f})")
        if self.labelled:
            true = f"true error {100 * self.misclassified / self.labelled:.1f} %"
            parts.append(true if self.labelled == self.score.count else f"{true} of {self.labelled}")
        if self.unfit:
            parts.append(f"{self.unfit} of another shape not scored")
        return ", ".join(parts)


def _what_came(counters: Mapping[str, float]) -> str:
    """Return what there was instead of images, which may be their format's, the radio's or nobody's fault."""
    if not counters["samples"]:
        return "no samples came"
    samples = f"{counters['samples']} samples"
    if counters["bad_samples"]:
        samples += f", {counters['bad_samples']} of them not finite"
    if counters["headers_ok"]:
        refused = counters["frames_refused"]
        return f"{counters['headers_ok']} frames" + (f", {refused} of images too large" if refused else "")
    if counters["frames_inverted"]:
        return f"{samples} with {counters['frames_inverted']} frames whose spectrum is inverted: swap I and Q"
    if counters["loud_samples"]:
        samples += f" ({counters['loud_samples']} of them loud, mean level {counters['level_db']:.0f} dB)"
    if counters["headers_bad"]:
        return (
            f"{samples} with {counters['headers_bad']} beginnings of frames, no header readable: noise, "
            "interference, or frames of another format (training and payload symbols, carriers)"
        )
    return f"{samples}, no beginning of a frame among them: silence, or frames of another format or spectrum"


def receive_images(
    receiver: Receiver,
    log: ImageLog,
    stop: threading.Event,
    reference: Optional[Dataset] = None,
    judge: Optional[Judge] = None,
    count: Optional[int] = None,
    idle: Optional[float] = None,
    keep: bool = False,
    reports: Optional[ReportSender] = None,
) -> tuple[ReceiverStats, list[AirImage]]:
    """Receive until ``stop`` is set, the samples end, or enough has come.

    Args:
        receiver: not yet started.
        log: gets a line for each image; its last image's number says which is expected first.
        stop: ends it.
        reference: what was sent, image of index i its number i modulo its size; for the bit error rate.
        judge: reads and scores the images.
        count: ends once all images of lower number have come or been missed; None: never.
        idle: seconds without an image after which to end, once one has come; None: never.
        keep: the images.
        reports: where each image's score goes, as its predicted error.

    Returns:
        The statistics, and the images in the order of their arrival, if they are kept.

    Raises:
        InputError: the judge cannot judge, for another reason than an image's shape: images of a shape that
            it does not take are a stranger's, and get no score. Or the source failed; what came before is in
            the log and the recording.
    """
    stats = ReceiverStats(log.next_index or None)
    if judge is not None:
        stats.score = RunningScore(judge.score)
    status, images, latest = StatusLine(), [], time.monotonic()

    def enough() -> bool:
        if count is not None and (stats.next_index or 0) >= count:
            return True
        return idle is not None and stats.received > 0 and time.monotonic() - latest > idle

    with Arrivals("receive", receiver, stop, enough) as arrivals:
        for arrived in arrivals:
            if arrived:
                latest = time.monotonic()
                images += arrived if keep else []
                receiver.note(arrived)
                _enter(arrived, stats, log, reference, judge, reports)
            status.show(stats.text(receiver.air.stats()))
    receiver.write_meta()
    counters = receiver.air.stats()
    log.write(event="end", received=stats.received, missed=stats.missed, **finite(counters))
    status.end(stats.text(counters))
    arrivals.check()
    return stats, images


class Arrivals:
    """Runs a receiver, and iterates over lists of the images that have come, empty ones while there are none.

    The last list is of what came up to the end: of the samples, of the source by a fault, or because ``stop``
    is set or ``enough()`` says so. As a context it starts the flowgraph and stops it, however it is left.

    Args:
        program: whose words it tells on standard error what is the matter with the source.
        receiver: not yet started.
        stop: ends it.
        enough: asked before each list, whether to end.
        poll_seconds: time to wait while there are no images.
    """

    def __init__(
        self,
        program: str,
        receiver: Receiver,
        stop: threading.Event,
        enough: Callable[[], bool] = lambda: False,
        poll_seconds: float = _POLL_SECONDS,
    ) -> None:
        self._receiver, self._stop, self._enough, self._poll = receiver, stop, enough, poll_seconds
        self._partner = Partner(program, receiver.radio)
        self._ended = threading.Event()

    def __enter__(self) -> "Arrivals":
        self._receiver.start()
        threading.Thread(target=lambda: (self._receiver.wait(), self._ended.set()), daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        if not self._ended.is_set():
            self._halt()  # the process could not end in peace while the graph runs

    def __iter__(self) -> Iterator[list[AirImage]]:
        last = False
        while not last:
            # What has come when the graph has ended, or is about to be stopped, is still taken.
            stop_now = self._stop.is_set() or self._enough()
            if stop_now:
                self._halt()
            last = stop_now or self._ended.is_set() or self._partner.failed()
            arrived = self._receiver.air.take()
            if not arrived and not last:
                self._ended.wait(self._poll)
                self._partner.look(self._receiver.air.stats()["samples"])
                if self._partner.failed():
                    self._halt()
            yield arrived

    def check(self) -> None:
        """Raise ``InputError`` if the source failed."""
        if self._partner.error() is not None:
            raise InputError(f"the source failed: {self._partner.error()}")

    def _halt(self) -> None:
        self._receiver.stop()
        self._ended.wait(1.0)


def _enter(
    arrived: Sequence[AirImage],
    stats: ReceiverStats,
    log: ImageLog,
    reference: Optional[Dataset],
    judge: Optional[Judge],
    reports: Optional[ReportSender],
) -> None:
    sent = [reference and reference.images[image.index % len(reference)] for image in arrived]
    answers = _judged(arrived, sent, judge, stats)
    for image, original, answer in zip(arrived, sent, answers, strict=True):
        fields = image_fields(image) | {"missed": stats.record(image.index, is_perfect(image))}
        if original is not None and original.shape == image.image.shape:
            fields["bit_errors"] = int(bit_errors(original[None], image.image[None])[0])
            stats.wrong_bits += fields["bit_errors"]
            stats.bits += 8 * original.size
        if answer is not None:
            fields["prediction"], fields["score"] = answer[0], round(answer[1], 6)
            label = image.label if reference is None else reference.label(image.index % len(reference))
            stats.labelled += label >= 0
            stats.misclassified += 0 <= label != answer[0]
            if reports is not None:
                reports.send(Report(image.index, fields["score"], image.snr_db, fields["missed"]))
        log.write(**fields)


def _judged(
    arrived: Sequence[AirImage],
    sent: Sequence[Optional[np.ndarray]],
    judge: Optional[Judge],
    stats: ReceiverStats,
) -> list[Optional[tuple[int, float]]]:
    """Return the target's answer and the score of each image; None where it is of a shape not judged."""
    found: list[Optional[tuple[int, float]]] = [None] * len(arrived)
    if judge is None:
        return found
    groups: dict[tuple, list[int]] = {}
    for i, (image, original) in enumerate(zip(arrived, sent, strict=True)):
        known = original is not None and original.shape == image.image.shape
        if original is not None and not known and "reference" in judge.score.needs:
            stats.unfit += 1  # whatever was sent, it was not this
            continue
        groups.setdefault((image.image.shape, known), []).append(i)
    for (_, known), alike in groups.items():
        received = np.stack([arrived[i].image for i in alike])
        try:
            answers, score = judge(received, np.stack([sent[i] for i in alike]) if known else None)
        except ImageShapeError:
            stats.unfit += len(alike)
            continue
        stats.score.add(score)
        for i, prediction, value in zip(alike, answers.classes, score.per_image, strict=True):
            found[i] = int(prediction), float(value)
    return found


def is_perfect(image: AirImage) -> bool:
    """Return whether an image is whole and every checksum of it right."""
    return bool((image.fragments == FragmentStatus.OK).all())


def image_fields(image: AirImage) -> dict[str, Any]:
    """Return what a line of the log says of an image as it arrived."""
    return {
        "index": image.index,
        "label": image.label,
        "stream": image.stream,
        "modulation": image.modulation,
        "snr_db": round(image.snr_db, 2),
        "cfo": round(image.cfo, 4),
        "frames": len(image.fragments),
        "frames_lost": int((image.fragments == FragmentStatus.LOST).sum()),
        "frames_damaged": int((image.fragments == FragmentStatus.DAMAGED).sum()),
        "sha256": sigmf.image_digest(image.image),
    }


def finite(counters: dict[str, float]) -> dict[str, Optional[float]]:
    """JSON has no NaN."""
    return {name: value if np.isfinite(value) else None for name, value in counters.items()}
