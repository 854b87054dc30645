#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A screen that nobody sees, with a window manager, and a program to show on it."""

import pytest
from virtual_screen import ROOT, missing_packages, program_of, virtual_screen


@pytest.fixture(scope="session")
def display(tmp_path_factory):
    """The display, once for all tests."""
    missing = missing_packages()
    if missing:
        pytest.skip(f"no virtual display: install {' '.join(missing)}")
    with virtual_screen(tmp_path_factory.mktemp("home")) as screen:
        yield screen


@pytest.fixture
def screen(display, tmp_path):
    """The display; what a test starts on it ends with it."""
    already, display._running = display._running, []
    yield display
    if any(process.poll() is None for process in display._running):
        display.keep("left", tmp_path)
    display.end_all()
    display._running = already


@pytest.fixture(scope="session")
def dashboard(tmp_path_factory):
    """The dashboard's program, as the Companion writes it."""
    return program_of(ROOT / "examples" / "simulated" / "dashboard.grc", tmp_path_factory.mktemp("dashboard"))


@pytest.fixture(scope="session")
def first_link(tmp_path_factory):
    """The program of the guide's flowgraph."""
    return program_of(ROOT / "examples" / "simulated" / "first_link.grc", tmp_path_factory.mktemp("first"))
