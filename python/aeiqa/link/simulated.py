#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The whole link as a flowgraph, and as one call."""

from dataclasses import dataclass
from typing import Optional

import numpy as np
from gnuradio import gr

from ..aeiqa_python import channel, image_sink, table2_channel
from ..errors import InputError
from ..metrics.ber import bit_errors
from .buffers import enlarge_buffer
from .config import LinkConfig
from .ends import image_receiver, image_transmitter
from .sent_images import Images, checked_images, shapes_text


@dataclass(frozen=True)
class Transmission:
    """Result of a transmission over a link.

    Attributes:
        images: the received images, in the shape, type and order of those sent.
        bit_errors: int64 [N], wrong bits of each image.
        bits: int64 [N], bits sent for each image.
    """

    images: Images
    bit_errors: np.ndarray
    bits: np.ndarray

    def __repr__(self) -> str:
        """Say how many images came with how many wrong bits, without printing any."""
        errors = f"{self.bit_errors.sum()} of {self.bits.sum()} bits wrong"
        return f"<Transmission: {shapes_text(self.images)}, {errors}>"


class Link(gr.top_block):
    """The flowgraph image source ... image sink under one configuration.

    The blocks are attributes (``source, mapper, modulator, channel, demodulator, equalizer, demapper,
    sink``), for their getters and for wiring more onto them before ``run()``.

    Args:
        images: uint8 [N, H, W] or [N, H, W, C], or a list of [H, W] or [H, W, C] of any sizes.
        config: what the link is like.
        first_index: index of the first image; noise and fading are keyed by (seed, index, position), so
            parts of a data set sent one by one arrive like the whole.
        max_noutput_items: the most items a block may make at once (the OFDM modulator: at least a symbol);
            changes nothing in the result.

    Raises:
        InputError: the images or a number are not such.
    """

    def __init__(
        self,
        images: Images,
        config: LinkConfig,
        first_index: int = 0,
        max_noutput_items: Optional[int] = None,
    ) -> None:
        gr.top_block.__init__(self, "aeiqa link")
        self.config = config
        _check_count("first_index", first_index, 0, 2**62)
        ofdm = (config.fft_len, config.cp_len)
        self.transmitter = image_transmitter(checked_images(images), config, first_index=first_index)
        self.receiver = image_receiver(config)
        self.source, self.mapper = self.transmitter.source, self.transmitter.mapper
        self.modulator = self.transmitter.modulator
        self.channel: channel | table2_channel
        if config.preset == "table2":
            self.channel = table2_channel(config.channel, config.snr_db, *ofdm, config.seed)
        else:
            self.channel = channel(
                config.channel,
                config.snr_db,
                config.n_taps,
                config.fading,
                config.doppler,
                *ofdm,
                config.seed,
                tag_csi=config.tag_csi,
            )
        self.demodulator, self.equalizer = self.receiver.demodulator, self.receiver.equalizer
        self.demapper = self.receiver.demapper
        # All that is sent is in memory already, so what comes of it may be as well.
        self.sink = image_sink(config.order, max_waiting_bytes=2**62)

        chain: list[gr.block] = [self.source, self.mapper, self.modulator, self.channel]
        chain += [self.demodulator, self.equalizer, self.demapper, self.sink]
        for block in chain[:-1]:
            enlarge_buffer(block)
        if max_noutput_items is not None:
            _check_count("max_noutput_items", max_noutput_items, 1, 2**31 - 1)
            # On each block, since run(max_noutput_items) bounds the sink alone.
            for block in chain:
                block.set_max_noutput_items(max_noutput_items)
        self.connect(self.transmitter, self.channel, self.receiver, self.sink)


def transmit(
    images: Images, config: LinkConfig, first_index: int = 0, max_noutput_items: Optional[int] = None
) -> Transmission:
    """Send images over a link and return what arrives.

    Args:
        images: as for `Link`.
        config: as for `Link`.
        first_index: as for `Link`.
        max_noutput_items: as for `Link`.

    Raises:
        InputError: as for `Link`.
        RuntimeError: the flowgraph lost an image.

    Example:
        >>> from gnuradio import aeiqa
        >>> images = aeiqa.images.load_dataset("mnist").images[:20]
        >>> aeiqa.transmit(images, aeiqa.LinkConfig(modulation="qpsk", snr_db=30.0))
        <Transmission: 20 images of 28 x 28, 0 of 125440 bits wrong>
        >>> arrived = aeiqa.transmit(images, aeiqa.LinkConfig(channel="rayleigh", snr_db=10.0))
        >>> arrived.images.shape, bool(0.01 < arrived.bit_errors.sum() / arrived.bits.sum() < 0.2)
        ((20, 28, 28), True)
    """
    link = Link(images, config, first_index, max_noutput_items)
    link.run()
    if link.sink.received() != len(images) or link.sink.truncated():
        raise RuntimeError(
            f"the link lost data: {len(images)} images sent, {link.sink.received()} arrived, "
            f"{link.sink.truncated()} of them incomplete"
        )
    received = _shaped_like(images, link.sink.take_pixels())
    return Transmission(received, bit_errors(images, received), _bits(images))


def _bits(images: Images) -> np.ndarray:
    if isinstance(images, np.ndarray):
        return np.full(len(images), 8 * images[0].size, dtype=np.int64)
    return np.array([8 * image.size for image in images], dtype=np.int64)


def _shaped_like(images: Images, pixels: np.ndarray) -> Images:
    if isinstance(images, np.ndarray):
        return pixels.reshape(images.shape)
    ends = np.cumsum([image.size for image in images])
    return [
        part.reshape(image.shape) for part, image in zip(np.split(pixels, ends[:-1]), images, strict=True)
    ]


def _check_count(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not low <= value <= high:
        raise InputError(f"{name}: must be a whole number from {low} to {high}, got {value!r}")
