#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Where the programs are, what their logs say, and waiting for it."""

import json
import time
from pathlib import Path

APPS = Path(__file__).parents[1] / "apps"
DEADLINE = 600  # so that a hanging program fails; nothing here is timed


def lines(log):
    """Return the whole lines of a log."""
    texts = log.read_text().splitlines(keepends=True) if log.exists() else []
    return [json.loads(text) for text in texts if text.endswith("\n")]


def image_lines(log):
    return [line for line in lines(log) if "index" in line]


def wait_until(condition):
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
