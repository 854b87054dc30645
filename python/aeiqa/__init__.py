#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Will the neural network at the other end of a wireless link still read the images?

GNU Radio blocks of an OFDM image link (``image_source`` ... ``image_sink``), the whole link as
one call (``transmit``), quality metrics (``metrics``) and the autoencoder-based score (``iqa``).
Importing this package imports neither torch nor any GUI or radio library.
"""

import importlib

from .aeiqa_python import (
    air_mapper,
    channel,
    frame_sync,
    image_feed,
    image_sink,
    image_source,
    image_tagger,
    impairments,
    ls_equalizer,
    ofdm_demodulator,
    ofdm_modulator,
    qam_demapper,
    qam_mapper,
    received_image,
    table2_channel,
)
from .chains import image_receiver, image_transmitter
from .config import LinkConfig
from .errors import InputError
from .link import Link, Transmission, transmit
from .live import try_config, try_setting

__version__ = "0.1.0"

__all__ = [
    "InputError",
    "Link",
    "LinkConfig",
    "Transmission",
    "adapt",
    "aeiqa_sink",
    "air",
    "air_mapper",
    "channel",
    "channel_view",
    "constellation",
    "constellation_view",
    "frame_sync",
    "image_feed",
    "image_receiver",
    "image_sink",
    "image_source",
    "image_tagger",
    "image_transmitter",
    "impairments",
    "iqa",
    "link_adapter",
    "ls_equalizer",
    "metrics",
    "ofdm_demodulator",
    "ofdm_modulator",
    "picture_view",
    "qam_demapper",
    "qam_mapper",
    "quality_sink",
    "received_image",
    "score_view",
    "table2_channel",
    "transmit",
    "try_config",
    "try_setting",
]

# Loaded when first asked for: they bring in scipy, torch, Qt or more of GNU Radio.
_LAZY_MODULES = ("adapt", "air", "images", "iqa", "metrics", "widgets")
# The files are not named like what they hold: importing them would put the module in its place.
_LAZY_NAMES = {
    "aeiqa_sink": "scoring_sink",
    "constellation": "digital_constellation",
    "link_adapter": "adaptation_block",
    "quality_sink": "image_quality",
}
_WIDGETS = ("channel_view", "constellation_view", "picture_view", "score_view")


def __getattr__(name: str) -> object:
    if name in _LAZY_MODULES:
        return importlib.import_module(f".{name}", __name__)
    if name in _LAZY_NAMES:
        return getattr(importlib.import_module(f".{_LAZY_NAMES[name]}", __name__), name)
    if name in _WIDGETS:
        return getattr(importlib.import_module(".widgets", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
