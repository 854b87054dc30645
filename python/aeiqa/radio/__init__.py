#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Images over real radios: where samples go to and come from, and their recordings.

Importing it imports no radio library; an endpoint's own is imported when it is opened.
"""

from .discover import find_radios
from .endpoints import SCHEMES, RadioSettings, open_sink, open_source

__all__ = ["SCHEMES", "RadioSettings", "find_radios", "open_sink", "open_source"]
