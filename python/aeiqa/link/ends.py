#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The two ends of a link, each as one block.

With a `LinkConfig` they send and receive bursts, which the tag ``img`` frames, as over the simulated
channels; with an `AirConfig`, frames that the receiver finds by itself, as over a radio.
"""

import dataclasses
from collections.abc import Sequence
from typing import Optional, Union

import numpy as np
from gnuradio import blocks, gr

from ..aeiqa_python import (
    frame_mapper,
    frame_sync,
    image_queue_source,
    image_source,
    ls_equalizer,
    ofdm_demodulator,
    ofdm_modulator,
    qam_demapper,
    qam_mapper,
)
from ..errors import InputError
from .air_config import AirConfig
from .buffers import enlarge_buffer
from .config import BITS_PER_SYMBOL, LinkConfig
from .sent_images import Images, checked_frame_images, checked_images

Config = Union[LinkConfig, AirConfig]

# What the receiver may change from image to image; all else of a link is in its signal or its channel.
_RECEIVER_SETTINGS = ("estimation", "equalizer", "noise_variance")
_CHANNEL_FIELDS = ("channel", "snr_db", "n_taps", "doppler", "fading", "seed")
# Images wait in the queue, where they are counted, not in the buffer behind it.
_QUEUE_BYTES = 4096


class image_transmitter(gr.hier_block2):
    """Images to samples: a source, a mapper and an OFDM modulator under one configuration.

    Output: complex samples. Under a `LinkConfig` of unit mean power, the first of each image with the tag
    ``img``; under an `AirConfig` frames of mean power 0.8 or so.

    With ``images`` these are sent one after the other, and the stream ends behind the last (unless
    ``repeat``). Without, images are sent as they are handed to ``send()``, or arrive as PDUs (metadata
    ``rows, cols`` and, if known, ``channels, label, index, bits, copies``; u8 vector) at the message port
    ``images``, until ``finish()``. The blocks are attributes: ``source, mapper, modulator``.

    Args:
        images: uint8 [N, rows, cols] or [N, rows, cols, channels], or a list of single images of any sizes,
            in frames at most 65536 pixels a side and 256 channels; None: as they come, in messages or by
            send().
        config: a LinkConfig or an AirConfig; in the Companion the name of a block Link Settings or Frame
            Settings.
        labels: class of each image, whole numbers; None: unknown.
        first_index: index of the first image, by which noise and fading are keyed; 0 to 2^62.
        repeat: start again after the last image, the index going on, instead of ending there.
        amplitude: factor of the samples; radios clip beyond 1, and OFDM peaks at about 4 times its mean.
        max_waiting: without images: images that may wait to be sent, 1 or more; further ones are rejected and
            counted.

    Raises:
        InputError: config is neither, or the images or a number are not as above.
    """

    def __init__(
        self,
        images: Optional[Images],
        config: Config,
        labels: Optional[Sequence[int]] = None,
        first_index: int = 0,
        repeat: bool = False,
        amplitude: float = 1.0,
        max_waiting: int = 64,
    ) -> None:
        gr.hier_block2.__init__(
            self, "image_transmitter", gr.io_signature(0, 0, 0), gr.io_signature(1, 1, gr.sizeof_gr_complex)
        )
        self.config = _checked(config)
        in_frames = isinstance(config, AirConfig)
        order = "raster" if isinstance(config, AirConfig) else config.order
        self.source: image_source | image_queue_source
        self.feed: Optional[image_queue_source] = None
        if images is not None:
            checked = checked_frame_images(images) if in_frames else checked_images(images)
            per_burst = config.images_per_burst if isinstance(config, LinkConfig) else 1
            self.source = _source(checked, labels, first_index, repeat, order, per_burst)
        elif isinstance(config, LinkConfig) and order != "raster":
            raise InputError(f"images: preset {config.preset!r} needs all of them at the start, got None")
        elif isinstance(config, LinkConfig) and config.images_per_burst != 1:
            raise InputError(
                f"images: images_per_burst {config.images_per_burst} needs all of them at the start, got None"
            )
        else:
            self.source = self.feed = image_queue_source(max_waiting)
            self.feed.set_max_output_buffer(_QUEUE_BYTES)
            self.message_port_register_hier_in("images")
            self.msg_connect(self, "images", self.feed, "images")
        self.mapper = _mapper(config)
        self.modulator = ofdm_modulator(config.fft_len, config.cp_len)
        self.scale = blocks.multiply_const_cc(amplitude)
        chain: list[gr.block] = [self.source, self.mapper, self.modulator]
        if amplitude != 1.0:
            chain.append(self.scale)
        for block in chain if in_frames else ():
            if block is not self.feed:
                enlarge_buffer(block)
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
            modulation: of this image's frames; None: the configuration's.
            copies: of this image's frames, 1 to 8; None: the configuration's.

        Raises:
            InputError: the transmitter was made for given images, or an invalid value.
        """
        if self.feed is None:
            raise InputError("send: the transmitter was made with images of its own")
        checked_images([image])
        if not isinstance(self.config, AirConfig) and (modulation, copies) != (None, None):
            raise InputError("send: modulation and copies of single images need an AirConfig")
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

    def set_config(self, config: Config) -> None:
        """Take the settings of a running link, which may differ in what the channel and the receiver do.

        Raises:
            InputError: they differ in the signal, which cannot change while it is sent.
        """
        _check_same_signal(self.config, config)
        self.config = config


class image_receiver(gr.hier_block2):
    """Samples to images' bytes: an OFDM demodulator, LS equalizer and QAM demapper under one configuration.

    Input: under a `LinkConfig` samples framed by ``img`` tags; under an `AirConfig` any samples, in which a
    ``frame_sync`` finds the frames. Output 0: bytes of the images or, soft, ln(P(1)/P(0)) of each bit, for an
    ``image_sink``, an ``aeiqa_sink`` or a decoder. Output 1, which may be left open: the points in between,
    vectors of ``config.data_len``. The blocks are attributes: ``demodulator, equalizer, demapper``, and
    ``sync``, which is None under a `LinkConfig`.

    Args:
        config: a LinkConfig or an AirConfig; in the Companion the name of a block Link Settings or Frame
            Settings.
        soft: max-log likelihood ratios instead of bytes.

    Raises:
        InputError: config is neither.
    """

    def __init__(self, config: Config, soft: bool = False) -> None:
        vector = gr.sizeof_gr_complex * _checked(config).data_len
        gr.hier_block2.__init__(
            self,
            "image_receiver",
            gr.io_signature(1, 1, gr.sizeof_gr_complex),
            gr.io_signature.make2(2, 2, gr.sizeof_float if soft else gr.sizeof_char, vector),
        )
        self.config = config
        self.sync = _frame_sync(config) if isinstance(config, AirConfig) else None
        self.demodulator = ofdm_demodulator(config.fft_len, config.cp_len, _is_aligned(config))
        self.equalizer = _equalizer(config)
        self.demapper = qam_demapper(config.data_len, config.modulation, config.labels, soft)
        chain: list[gr.block] = [self.demodulator, self.equalizer, self.demapper]
        if self.sync is not None:
            chain.insert(0, self.sync)
            for block in chain:
                enlarge_buffer(block)
        self.connect(self, *chain, self)
        self.connect(self.equalizer, (self, 1))
        if soft:
            self.connect((self.equalizer, 1), (self.demapper, 1))

    def set_config(self, config: Config) -> None:
        """Take other settings of the receiver from the next image on; from any thread.

        Raises:
            InputError: they differ in the signal, which cannot change while it is received.
        """
        _check_same_signal(self.config, config)
        self.config = config
        wanted = (config.estimation, config.equalizer, config.given_noise_variance)
        for name, value in zip(_RECEIVER_SETTINGS, wanted, strict=True):
            if value != getattr(self.equalizer, name)():
                getattr(self.equalizer, f"set_{name}")(value)


def _source(
    images: Images, labels: Optional[Sequence[int]], first_index: int, repeat: bool, order: str, burst: int
) -> image_source:
    try:
        return image_source(images, labels, first_index, repeat, order, burst)
    except ValueError as error:
        raise InputError(str(error)) from error


def _mapper(config: Config) -> frame_mapper | qam_mapper:
    if isinstance(config, AirConfig):
        return _frame_mapper(config)
    return qam_mapper(
        config.fft_len,
        config.modulation,
        config.labels,
        config.training_symbols,
        config.training_period,
        config.reveal_first_symbol,
    )


def _equalizer(config: Config) -> ls_equalizer:
    if isinstance(config, AirConfig):
        return _frame_equalizer(config)
    return ls_equalizer(
        config.fft_len,
        config.cp_len,
        config.estimation,
        config.equalizer,
        config.training_symbols,
        config.training_period,
        config.given_noise_variance,
    )


def _is_aligned(config: Config) -> bool:
    """Tell whether bursts are found by their training, should samples move against their tags."""
    return (
        isinstance(config, LinkConfig)
        and config.estimation in ("ls", "ls-dft")
        and config.training_symbols > 0
    )


def _frame_mapper(config: AirConfig) -> frame_mapper:
    return frame_mapper(
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


def _frame_sync(config: AirConfig) -> frame_sync:
    return frame_sync(
        config.fft_len,
        config.cp_len,
        config.data_carriers,
        config.pilot_carriers,
        config.training_symbols,
        config.payload_symbols,
    )


def _frame_equalizer(config: AirConfig) -> ls_equalizer:
    return ls_equalizer(
        config.fft_len,
        config.cp_len,
        config.estimation,
        config.equalizer,
        data_carriers=config.data_carriers,
        pilot_carriers=config.pilot_carriers,
    )


def _checked(config: Config) -> Config:
    if not isinstance(config, (LinkConfig, AirConfig)):
        raise InputError(f"config: must be a LinkConfig or an AirConfig, got {config!r}")
    return config


def _check_same_signal(old: Config, new: Config) -> None:
    if type(_checked(new)) is not type(old):
        raise InputError(
            f"config: cannot change while the link runs, from a {type(old).__name__} to a "
            f"{type(new).__name__}; stop it and start again"
        )
    for field in dataclasses.fields(new):
        name = field.name
        if name in _CHANNEL_FIELDS or name in _RECEIVER_SETTINGS:
            continue
        if getattr(old, name) != getattr(new, name):
            raise InputError(
                f"{name}: cannot change while the link runs, from {getattr(old, name)!r} "
                f"to {getattr(new, name)!r}; stop it and start again"
            )
