#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The two ends of the link, each as one block."""

import dataclasses
from collections.abc import Sequence
from typing import Optional, Union

import numpy as np
from gnuradio import gr

from ..aeiqa_python import (
    image_source,
    ls_equalizer,
    ofdm_demodulator,
    ofdm_modulator,
    qam_demapper,
    qam_mapper,
)
from ..errors import InputError
from .config import LinkConfig

# What the receiver may change from image to image; all else of a link is in its signal or its channel.
_RECEIVER_SETTINGS = ("estimation", "equalizer", "noise_variance")
_CHANNEL_FIELDS = ("channel", "snr_db", "n_taps", "doppler", "fading", "seed")


class image_transmitter(gr.hier_block2):
    """Image source, QAM mapper and OFDM modulator under one configuration.

    Output: samples of unit mean power, the first of each image with the tag ``img``. The blocks are
    attributes: ``source, mapper, modulator``.

    Args:
        images: as for ``image_source``.
        config: the link's settings.
        labels: class of each image, if known.
        first_index: index of the first image, by which noise and fading are keyed.
        repeat: start again after the last, the index going on.

    Raises:
        InputError: config is no LinkConfig.
        ValueError: as ``image_source``.
    """

    def __init__(
        self,
        images: Union[np.ndarray, Sequence[np.ndarray]],
        config: LinkConfig,
        labels: Optional[Sequence[int]] = None,
        first_index: int = 0,
        repeat: bool = False,
    ) -> None:
        gr.hier_block2.__init__(
            self, "image_transmitter", gr.io_signature(0, 0, 0), gr.io_signature(1, 1, gr.sizeof_gr_complex)
        )
        self.config = _checked(config)
        self.source = image_source(images, labels, first_index, repeat, config.order)
        self.mapper = qam_mapper(
            config.fft_len,
            config.modulation,
            config.labels,
            config.training_symbols,
            config.training_period,
            config.reveal_first_symbol,
        )
        self.modulator = ofdm_modulator(config.fft_len, config.cp_len)
        self.connect(self.source, self.mapper, self.modulator, self)

    def set_config(self, config: LinkConfig) -> None:
        """Take the settings of a running link, which may differ in what the channel and the receiver do.

        Raises:
            InputError: they differ in the signal, which cannot change while it is sent.
        """
        _check_same_signal(self.config, config)
        self.config = config


class image_receiver(gr.hier_block2):
    """OFDM demodulator, LS equalizer and QAM demapper under one configuration.

    Input: samples, framed by ``img`` tags. Output 0: bytes of the images or, soft, ln(P(1)/P(0)) of each bit,
    for an ``image_sink``, an ``aeiqa_sink`` or a decoder. Output 1, which may be left open: the points in
    between, vectors of fft_len. The blocks are attributes: ``demodulator, equalizer, demapper``.

    Args:
        config: the link's settings; where it gives the receiver the channel (``perfect``, ``none``), it gives
            it the noise as well.
        soft: soft decisions instead of bytes.

    Raises:
        InputError: config is no LinkConfig.
    """

    def __init__(self, config: LinkConfig, soft: bool = False) -> None:
        vector = gr.sizeof_gr_complex * _checked(config).fft_len
        gr.hier_block2.__init__(
            self,
            "image_receiver",
            gr.io_signature(1, 1, gr.sizeof_gr_complex),
            gr.io_signature.make2(2, 2, gr.sizeof_float if soft else gr.sizeof_char, vector),
        )
        self.config = config
        self.demodulator = ofdm_demodulator(config.fft_len, config.cp_len)
        self.equalizer = ls_equalizer(
            config.fft_len,
            config.cp_len,
            config.estimation,
            config.equalizer,
            config.training_symbols,
            config.training_period,
            config.given_noise_variance,
        )
        self.demapper = qam_demapper(config.fft_len, config.modulation, config.labels, soft)
        self.connect(self, self.demodulator, self.equalizer, self.demapper, self)
        self.connect(self.equalizer, (self, 1))
        if soft:
            self.connect((self.equalizer, 1), (self.demapper, 1))

    def set_config(self, config: LinkConfig) -> None:
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


def _checked(config: LinkConfig) -> LinkConfig:
    if not isinstance(config, LinkConfig):
        raise InputError(f"config: must be a LinkConfig, got {config!r}")
    return config


def _check_same_signal(old: LinkConfig, new: LinkConfig) -> None:
    for field in dataclasses.fields(_checked(new)):
        name = field.name
        if name in _CHANNEL_FIELDS or name in _RECEIVER_SETTINGS:
            continue
        if getattr(old, name) != getattr(new, name):
            raise InputError(
                f"{name}: cannot change while the link runs, from {getattr(old, name)!r} "
                f"to {getattr(new, name)!r}; stop it and start again"
            )
