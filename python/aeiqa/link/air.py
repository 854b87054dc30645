#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The ends on the air under their first names: `AirTransmitter`, and `AirReceiver` with its image sink."""

import enum
from collections.abc import Sequence
from typing import NamedTuple, Optional, Union

import numpy as np
from gnuradio import gr

from ..aeiqa_python import image_sink
from ..errors import InputError
from .air_config import AirConfig
from .config import BITS_PER_SYMBOL
from .ends import image_receiver, image_transmitter
from .sent_images import Images

_MODULATIONS = {bits: name for name, bits in BITS_PER_SYMBOL.items()}


class FragmentStatus(enum.IntEnum):
    """Fate of the part of an image that one frame carries."""

    LOST = 0
    OK = 1
    DAMAGED = 2  # its CRC is wrong: kept as it came


class AirImage(NamedTuple):
    """An image that came over the air.

    Attributes:
        index: its number at the transmitter.
        image: uint8 [H, W] or [H, W, C]; pixels that never came are ``AirConfig.fill``.
        label: its class, as the transmitter said, or -1.
        fragments: uint8 [frames], a `FragmentStatus` of each.
        missing: bytes that never came.
        stream: the transmitter's number.
        modulation: of its frames.
        snr_db: Es/N0 of a carrier in dB, mean over the frames that came.
        cfo: frequency offset in carriers (times sample rate / fft_len: Hz), mean likewise.
        start: sample of the received stream at which the first of its frames that came begins.
    """

    index: int  # type: ignore[assignment]  # hides the method of tuples, which nobody needs here
    image: np.ndarray
    label: int
    fragments: np.ndarray
    missing: int
    stream: int
    modulation: str
    snr_db: float
    cfo: float
    start: int

    def __repr__(self) -> str:
        """Say what came, without printing the pixels."""
        shape = " x ".join(map(str, self.image.shape))
        right = f"{(self.fragments == FragmentStatus.OK).sum()} of {len(self.fragments)} frames right"
        return f"<AirImage {self.index}: {shape}, label {self.label}, {right}, SNR {self.snr_db:.1f} dB>"


class AirTransmitter(image_transmitter):
    """An `image_transmitter` of frames, its configuration first; arguments and errors as there."""

    def __init__(
        self,
        config: AirConfig,
        images: Optional[Images] = None,
        labels: Optional[Sequence[int]] = None,
        first_index: int = 0,
        repeat: bool = False,
        amplitude: float = 1.0,
        max_waiting: int = 64,
    ) -> None:
        super().__init__(images, config, labels, first_index, repeat, amplitude, max_waiting)

    def frames(self) -> int:
        """Frames made so far."""
        return self.mapper.frames()


class AirReceiver(gr.hier_block2):
    """Complex samples, of any level, to images: an `image_receiver` of frames and an ``image_sink``.

    Message port ``images``: a PDU (metadata, u8 vector) for each image. An image is handed over when all
    its fragments have come right, with the last fragment of its last copy, when a frame of another image
    comes, or when the flowgraph stops.

    Args:
        config: settings of the air; ``modulation``, ``labels``, ``copies`` and ``stream`` are the sender's
            business, and its frames tell.
        keep: images that wait for ``take()``, the oldest dropped first; -1: all.
        max_image_bytes: nothing is kept of larger images; None: ``config.max_image_bytes``. Who knows what
            images to expect gives their size, and a transmitter that claims more is refused.
        max_waiting_bytes: memory of the images that wait, the oldest giving way; an image takes what came of
            it, whatever size its frames claim.
    """

    def __init__(
        self,
        config: AirConfig,
        keep: int = -1,
        max_image_bytes: Optional[int] = None,
        max_waiting_bytes: int = 1 << 28,
    ) -> None:
        gr.hier_block2.__init__(
            self, "aeiqa air receiver", gr.io_signature(1, 1, gr.sizeof_gr_complex), gr.io_signature(0, 0, 0)
        )
        self.config = config
        self.receiver = image_receiver(config)
        if self.receiver.sync is None:
            raise InputError(f"config: must be an AirConfig, got {config!r}")
        self.sync, self.demodulator = self.receiver.sync, self.receiver.demodulator
        self.equalizer, self.demapper = self.receiver.equalizer, self.receiver.demapper
        self.sink = image_sink(
            keep=keep,
            fill=config.fill,
            max_image_bytes=config.max_image_bytes if max_image_bytes is None else max_image_bytes,
            max_waiting_bytes=max_waiting_bytes,
        )
        self.connect(self, self.receiver, self.sink)
        self.message_port_register_hier_out("images")
        self.msg_connect(self.sink, "images", self, "images")

    def release(self) -> None:
        """Let go of the blocks once the flowgraph has ended; ``take`` and ``stats`` still work.

        GNU Radio keeps the buffers of a hierarchical block with message ports for ever: a process that makes
        hundreds of receivers would run out of shared memory.
        """
        self.receiver.disconnect_all()
        self.disconnect_all()

    def take(self) -> list[AirImage]:
        """Return the images that have come since the last call. Any thread may call."""
        return [
            AirImage(
                image.index,
                image.pixels,
                image.label,
                image.fragments,
                image.missing,
                image.stream,
                _MODULATIONS[image.bits],
                image.snr_db,
                image.cfo,
                image.start,
            )
            for image in self.sink.take()
        ]

    def stats(self) -> dict[str, Union[int, float]]:
        """Return what was counted since the start.

        The counts are those of `receiver_counters`, under the same names. Besides there are, as floats,
        ``snr_db`` (Es/N0) and ``cfo`` (frequency offset in carriers) of the latest frame, NaN before it; and
        ``level_db`` (mean power of the samples, in dB of 1; NaN before there are some).
        """
        counters = self.sync.counters() + self.sink.counters()
        return {
            **counters.as_dict(),
            "snr_db": self.sync.snr_db(),
            "cfo": self.sync.cfo(),
            "level_db": self.sync.level_db(),
        }
