#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Data shared by the tests of the networks and the scores."""

import importlib.util

import pytest

from gnuradio.aeiqa.images import load_dataset

if importlib.util.find_spec("torch") is None:  # what then still works is tested in tests/without
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def digits():
    """All 10,000 MNIST test images, background 20."""
    return load_dataset("mnist")


@pytest.fixture(scope="session")
def few_digits(digits):
    """256 images spread over the set; every digit is among them."""
    return digits.take(256)
