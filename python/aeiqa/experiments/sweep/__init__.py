#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Sweeps: a data set over many links, with everything measured on what arrives kept for good."""

from ..experiment import run as run_sweep
from .config import SweepConfig
from .plan import Plan

__all__ = ["Plan", "SweepConfig", "run_sweep"]
