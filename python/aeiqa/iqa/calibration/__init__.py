#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Damage that scores are fitted to and judged by; no wireless link is in it."""
