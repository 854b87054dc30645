#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Helpers of the sweep's tests: small plans, and an engine that runs in this process."""

import pytest

from gnuradio.aeiqa.experiments.sweep import Plan, SweepConfig, unit
from gnuradio.aeiqa.files import data_dir


@pytest.fixture
def paper_folder():
    """The folder of the paper's tables."""
    return data_dir() / "paper"


@pytest.fixture
def small_plan(monkeypatch):
    """Make a plan of 12 images in three units a condition, bursts of 4, without torch unless asked for."""
    monkeypatch.setattr(unit, "UNIT_IMAGES", 5)
    monkeypatch.setattr(unit, "BURST_BYTES", 5 * 28 * 28)

    def make(**changes):
        defaults = {"images": 12, "modulations": ("bpsk", "qam16"), "snr_db": (5.0,), "target": None}
        return Plan(SweepConfig(**(defaults | changes)))

    return make


@pytest.fixture
def serial_engine():
    """An engine in this process, that stops after some units as if it had been interrupted."""

    def make(stop_after=None):
        def engine(work, units):
            for done, item in enumerate(units):
                if done == stop_after:
                    raise KeyboardInterrupt
                yield item, work(item)

        return engine

    return make
