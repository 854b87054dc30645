#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Programs that a test starts."""

import os
import subprocess
import sys

import pytest
from programs import APPS


@pytest.fixture
def programs(tmp_path):
    """Start programs; none is left behind."""
    started = []

    def start(app, *args):
        command = [sys.executable, str(APPS / f"{app}.py"), *map(str, args)]
        with open(tmp_path / f"{len(started)}.err", "w") as errors:
            environment = os.environ | {"OMP_NUM_THREADS": "1"}
            started.append(subprocess.Popen(command, stderr=errors, stdout=errors, env=environment))
        return started[-1], tmp_path / f"{len(started) - 1}.err"

    yield start
    for process in started:
        process.kill()
        process.wait()
