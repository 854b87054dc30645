#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The commands that keep results, killed at random, on full disks, with damaged files: right, or refused."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

HERE = Path(__file__).parent
STORES = ("sweep", "evaluate", "adapt", "train")


@pytest.mark.parametrize("store", STORES)
def test_whatever_happens_every_table_is_right_or_not_there(store, tmp_path):
    command = [sys.executable, "-W", "error", HERE / "hostile_runs.py", store, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3000)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    print(done.stdout)
