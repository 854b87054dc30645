#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""What tests of commands share."""

import subprocess

import pytest
from locale_names import LOCALES


@pytest.fixture(scope="session")
def locales(tmp_path_factory):
    """A folder for LOCPATH with the locales whose definitions are installed."""
    folder = tmp_path_factory.mktemp("locales")
    for name in LOCALES:
        # Status 1: warnings of a definition that glibc itself ships.
        subprocess.run(
            ["localedef", "--no-archive", "-c", "-i", name, "-f", "UTF-8", folder / f"{name}.UTF-8"],
            capture_output=True,
            timeout=120,
        )
    return folder
