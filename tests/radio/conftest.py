#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The virtual radio's driver, where SoapySDR finds it; endpoints of a link of our own for each test."""

import os
from pathlib import Path

import pytest

from gnuradio.aeiqa import aeiqa_python

DRIVER = Path(aeiqa_python.__file__).parents[3] / "virtual_radio" / "libaeiqa-virtual-radio.so"

# Read when SoapySDR first looks for drivers; children inherit it.
os.environ["SOAPY_SDR_PLUGIN_PATH"] = str(DRIVER.parent)


@pytest.fixture
def virtual_link(tmp_path):
    """Name a link of two virtual radios, as device arguments without the end."""
    if not DRIVER.exists():
        pytest.skip("the virtual radio was not built: SoapySDR's development files are missing")
    return f"driver=aeiqa_virtual,link={tmp_path}/air"
