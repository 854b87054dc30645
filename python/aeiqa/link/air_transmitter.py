#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Images to samples."""

from collections.abc import Sequence
from typing import Optional

import numpy as np
from gnuradio import blocks, gr

from ..aeiqa_python import frame_mapper, image_queue_source, image_source, ofdm_modulator
from ..errors import InputError
from .air_config import AirConfig
from .config import BITS_PER_SYMBOL
from .simulated import Images, checked_images, enlarge_buffer

_FEED_BYTES = 4096


class AirTransmitter(gr.hier_block2):
    """Images to air frames; output: complex samples, mean power about 0.8 within a frame at amplitude 1.

    With ``images`` they are sent one after the other, and the stream ends behind the last (unless
    ``repeat``). Without, images are sent as they are handed to ``send()``, or arrive as PDUs (metadata
    ``rows, cols`` and, if known, ``channels, label, index, bits, copies``; u8 vector) at the message port
    ``images``, until ``finish()``.

    Args:
        config: settings of the air.
        images: uint8 [N, H, W] or [N, H, W, C], or a list of [H, W] or [H, W, C] of any sizes; at most
            65536 pixels a side, 256 channels and 2^30 bytes each.
        labels: class of each image, if known; 0 to 65534.
        first_index: number of the first image.
        repeat: start again behind the last, numbers going on.
        amplitude: of the samples; radios clip beyond 1, and OFDM peaks at about 4 times its mean.
        max_waiting: images that ``send()`` keeps waiting.

    Raises:
        InputError: the images or a number are not such.
    """

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
        gr.hier_block2.__init__(
            self,
            "aeiqa air transmitter",
            gr.io_signature(0, 0, 0),
            gr.io_signature(1, 1, gr.sizeof_gr_complex),
        )
        self.config = config
        self.feed = None
        if images is None:
            self.source = self.feed = image_queue_source(max_waiting)
            self.message_port_register_hier_in("images")
            self.msg_connect(self, "images", self.feed, "images")
        else:
            self.source = image_source(_airworthy(images), labels, first_index, repeat)
        self.mapper = frame_mapper(
            config.fft_len,
            config.cp_len,
            config.data_carriers,
            config.pilot_carriers,
            config.modulation,
            config.labels,
            config.training_symbols,
            config.payload_symbols,
            config.gap_symbols,
            config.copies,
            stream=config.stream,
        )
        self.modulator = ofdm_modulator(config.fft_len, config.cp_len)
        self.scale = blocks.multiply_const_cc(amplitude)
        chain = [self.source, self.mapper, self.modulator]
        if amplitude != 1.0:
            chain.append(self.scale)
        for block in chain:
            if block is not self.feed:
                enlarge_buffer(block)
        if self.feed is not None:
            self.feed.set_max_output_buffer(_FEED_BYTES)  # images wait in it, not behind it
        self.connect(*chain, self)

    def send(
        self,
        image: np.ndarray,
        label: int = -1,
        index: int = -1,
        modulation: Optional[str] = None,
        copies: Optional[int] = None,
    ) -> bool:
        """Send uint8 [H, W] or [H, W, C]; False if too many images wait already. Any thread may call.

        Args:
            image: as it is.
            label: its class, -1 if unknown.
            index: its number; -1: one more than the last.
            modulation: of this image; None: the configuration's.
            copies: of this image, 1 to 8; None: the configuration's.

        Raises:
            InputError: the transmitter was made for given images, or a value is none of these.
        """
        if self.feed is None:
            raise InputError("send: the transmitter was made with images of its own")
        checked_images([image])
        if modulation is not None and modulation not in BITS_PER_SYMBOL:
            raise InputError(f"modulation: must be one of {', '.join(BITS_PER_SYMBOL)}, got {modulation!r}")
        bits = BITS_PER_SYMBOL[modulation] if modulation else 0
        if copies is not None and not 1 <= copies <= 8:
            raise InputError(f"copies: must be from 1 to 8, got {copies!r}")
        try:
            return self.feed.send(np.ascontiguousarray(image), label, index, bits, copies or 0)
        except ValueError as error:
            raise InputError(str(error)) from error

    def finish(self) -> None:
        """No more images will be sent: the stream ends when all are out."""
        if self.feed is not None:
            self.feed.finish()

    def sent(self) -> int:
        """Images gone out."""
        return self.source.sent()

    def waiting(self) -> int:
        """Images handed to ``send()`` that still have to go out."""
        return 0 if self.feed is None else self.feed.waiting()

    def frames(self) -> int:
        """Frames made so far."""
        return self.mapper.frames()


def _airworthy(images: Images) -> Images:
    for image in (images,) if isinstance(images, np.ndarray) else checked_images(images):
        shape = image.shape[1:] if image is images else image.shape
        if max(shape[:2]) > 1 << 16 or (len(shape) > 2 and shape[2] > 256):
            raise InputError(
                f"images: on air at most 65536 pixels a side and 256 channels, got shape {shape}"
            )
    return checked_images(images)
