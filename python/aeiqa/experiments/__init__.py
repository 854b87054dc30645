#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Resumable experiments: what is computed once, kept for good, and made into tables."""
