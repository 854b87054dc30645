#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Link adaptation by what the images are worth to the classifier; see docs/adaptation.md.

adapter = adapt.LinkAdapter(adapt.air_modes(config, image.nbytes), adapt.load_curves("paper"))
mode = adapter.choose(index)                 # how to send the next image
adapter.report(index, error=0.02, snr_db=17)  # what the receiver made of one
"""

from .adapter import AdapterSettings, LinkAdapter, useful_modes
from .curves import ErrorCurves, load_curves, save_curves
from .loop import AdaptationLoop
from .modes import MODES, Mode, air_modes, read_mode

__all__ = [
    "MODES",
    "AdaptationLoop",
    "AdapterSettings",
    "ErrorCurves",
    "LinkAdapter",
    "Mode",
    "air_modes",
    "load_curves",
    "read_mode",
    "save_curves",
    "useful_modes",
]
