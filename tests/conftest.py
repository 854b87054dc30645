#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""What holds for every test: repeatable examples, no screen."""

import os

from hypothesis import settings

# Before any test imports matplotlib.
os.environ["MPLBACKEND"] = "Agg"

# The same examples each time, whatever the machine's speed, and nothing left behind in the tree.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")
