#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Programs run as on a machine that lacks something: Python modules, a display."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Python imports this by itself, in every process; the modules then cannot be found, as if never installed.
SITECUSTOMIZE = """
import importlib.machinery
import os
import sys

class Finder(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] in os.environ["AEIQA_TESTS_HIDE"].split():
            return None
        return super().find_spec(name, path, target)

sys.meta_path[:] = [Finder if one is importlib.machinery.PathFinder else one for one in sys.meta_path]
"""
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "MPLBACKEND")


@pytest.fixture
def lacking(tmp_path):
    """Environment of a machine without a display and without the modules named."""
    folder = tmp_path / "sitecustomize"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SITECUSTOMIZE)

    def lacking(*modules):
        environment = {name: value for name, value in os.environ.items() if name not in DISPLAYS}
        path = f"{folder}:{os.environ.get('PYTHONPATH', '')}"
        return environment | {"PYTHONPATH": path, "AEIQA_TESTS_HIDE": " ".join(modules)}

    return lacking


@pytest.fixture
def run(tmp_path):
    """Run Python with these arguments, an app if the first names one, and return what it did."""

    def run(environment, *args):
        app = ROOT / "apps" / f"{args[0]}.py"
        words = [app, *args[1:]] if app.exists() else args
        return subprocess.run(
            [sys.executable, *words],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run
