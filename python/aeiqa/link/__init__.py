#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The image link: its settings, its two ends, the simulated link between them, and theory."""
