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
import warnings

from .aeiqa_python import (
    channel,
    frame_mapper,
    frame_sync,
    image_queue_source,
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
from .errors import InputError
from .link.air_config import AirConfig
from .link.config import LinkConfig
from .link.ends import image_receiver, image_transmitter
from .link.runtime_settings import try_config, try_setting
from .link.simulated import Link, Transmission, transmit

__version__ = "0.1.0"

__all__ = [
    "AirConfig",
    "InputError",
    "Link",
    "LinkConfig",
    "Transmission",
    "adapt",
    "aeiqa_sink",
    "air",
    "channel",
    "channel_view",
    "constellation",
    "constellation_view",
    "frame_mapper",
    "frame_sync",
    "image_queue_source",
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
_LAZY_NAMES = {
    "aeiqa_sink": "sinks.aeiqa_sink",
    "constellation": "link.constellation",
    "link_adapter": "adapt.link_adapter",
    "quality_sink": "sinks.quality_sink",
}
# Old names of blocks, for flowgraphs that still use them.
_RENAMED = {"air_mapper": "frame_mapper", "image_feed": "image_queue_source"}
_WIDGETS = ("channel_view", "constellation_view", "picture_view", "score_view")


def __getattr__(name: str) -> object:
    if name in _LAZY_MODULES:
        return importlib.import_module(f".{name}", __name__)
    if name in _LAZY_NAMES:
        return getattr(importlib.import_module(f".{_LAZY_NAMES[name]}", __name__), name)
    if name in _WIDGETS:
        return getattr(importlib.import_module(".widgets", __name__), name)
    if name in _RENAMED:
        new = _RENAMED[name]
        warnings.warn(f"aeiqa.{name} is now aeiqa.{new}", DeprecationWarning, stacklevel=2)
        return globals()[new]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
