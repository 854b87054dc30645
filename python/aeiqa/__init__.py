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
from typing import TYPE_CHECKING

from . import errors, link
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
    receiver_counters,
    table2_channel,
)
from .errors import InputError
from .link.air_config import AirConfig
from .link.config import LinkConfig
from .link.ends import image_receiver, image_transmitter
from .link.runtime_settings import try_config, try_setting
from .link.simulated import Link, Transmission, transmit

if TYPE_CHECKING:  # type checkers and editors see what is loaded when first asked for
    from . import adapt, air, images, iqa, metrics, radio, study, widgets
    from .adapt.link_adapter import link_adapter
    from .link.constellation import constellation
    from .sinks.aeiqa_sink import aeiqa_sink
    from .sinks.quality_sink import quality_sink
    from .study import evaluate, sweep
    from .widgets import channel_view, constellation_view, picture_view, score_view

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
    "errors",
    "evaluate",
    "frame_mapper",
    "frame_sync",
    "image_queue_source",
    "image_receiver",
    "image_sink",
    "image_source",
    "image_tagger",
    "image_transmitter",
    "images",
    "impairments",
    "iqa",
    "link",
    "link_adapter",
    "ls_equalizer",
    "metrics",
    "ofdm_demodulator",
    "ofdm_modulator",
    "picture_view",
    "qam_demapper",
    "qam_mapper",
    "quality_sink",
    "radio",
    "received_image",
    "receiver_counters",
    "score_view",
    "study",
    "sweep",
    "table2_channel",
    "transmit",
    "try_config",
    "try_setting",
    "widgets",
]

# Loaded when first asked for, since they bring in scipy, torch, Qt or more of GNU Radio: each name and the
# module that holds it, or nothing for a module of that name.
_LAZY = {
    "adapt": "",
    "aeiqa_sink": "sinks.aeiqa_sink",
    "air": "",
    "channel_view": "widgets",
    "constellation": "link.constellation",
    "constellation_view": "widgets",
    "evaluate": "study",
    "images": "",
    "iqa": "",
    "link_adapter": "adapt.link_adapter",
    "metrics": "",
    "picture_view": "widgets",
    "quality_sink": "sinks.quality_sink",
    "radio": "",
    "score_view": "widgets",
    "study": "",
    "sweep": "study",
    "widgets": "",
}
# Old names of blocks, for flowgraphs that still use them.
_RENAMED = {"air_mapper": "frame_mapper", "image_feed": "image_queue_source"}


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


if not TYPE_CHECKING:  # to a type checker it would make every name one of ours

    def __getattr__(name: str) -> object:
        if name in _LAZY:
            module = importlib.import_module(f".{_LAZY[name] or name}", __name__)
            return getattr(module, name) if _LAZY[name] else module
        if name in _RENAMED:
            new = _RENAMED[name]
            warnings.warn(f"aeiqa.{name} is now aeiqa.{new}", DeprecationWarning, stacklevel=2)
            return globals()[new]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
