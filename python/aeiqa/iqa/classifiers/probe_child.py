#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The child process in which ``probe.try_in_child`` tries a classifier."""

import io
import json
import sys

import numpy as np

from ...errors import InputError
from .probe import pictures
from .user_classifier import UserClassifier


def main() -> None:
    """Do what ``try_in_child`` asks on the standard input."""
    request = json.load(sys.stdin)
    found: dict[str, np.ndarray] = {}
    try:
        classifier = UserClassifier(request["source"], request["names"], request["threads"])
        shape = request["shape"] or classifier.fixed_shape
        if shape is not None:
            found["probabilities"] = classifier.probabilities(pictures(tuple(shape)))
            found["shape"] = np.array(shape)
    except InputError as error:
        found = {"error": np.array(str(error))}
    archive = io.BytesIO()
    np.savez(archive, **found)
    with open(int(sys.argv[1]), "wb") as result:
        result.write(archive.getbuffer())
