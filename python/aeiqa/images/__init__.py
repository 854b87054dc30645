#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Images to send: the named sets, IDX files, folders of pictures, arrays; the paper's background."""

from .dataset import Dataset, fill_background
from .idx import load_idx
from .load import DATASET_HELP, NAMED_SETS, load_dataset

__all__ = ["DATASET_HELP", "NAMED_SETS", "Dataset", "fill_background", "load_dataset", "load_idx"]
