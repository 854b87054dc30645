#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Qt widgets that show a running link: pictures, scores, constellations, the channel estimate.

Each is a GNU Radio block with a ``widget()``. Blocks keep a copy of what is to be shown next and let the
rest of the stream pass; only the GUI's thread draws, at the widget's own pace, so that no stream waits for a
screen. Importing this package imports PyQt5 and pyqtgraph, which ``gnuradio.aeiqa`` does not do.
"""

from .constellation import constellation_view
from .pictures import picture_view
from .response import channel_view
from .scores import score_view

__all__ = ["channel_view", "constellation_view", "picture_view", "score_view"]
