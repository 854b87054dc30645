#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The names in a sweep's folder."""

RUN_FILE = "run.json"  # the configuration the folder is for, versions, digests
UNITS_FOLDER = "units"  # one .npz per unit, whole or not there
TABLE_FILE = "table.csv"  # made of the units when all are there
IMAGES_FILE = "images.csv.gz"
