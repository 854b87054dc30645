#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""GNU Radio has no types: all its names are Any."""

from typing import Any

def __getattr__(name: str) -> Any: ...
