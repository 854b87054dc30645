#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The names in the folders of results: of a sweep, an evaluation, a comparison of link adaptation."""

RUN_FILE = "run.json"  # the configuration the folder is for, versions, digests
UNITS_FOLDER = "units"  # one file per unit, whole or not there

TABLE_FILE = "table.csv"  # made of the units when all are there
IMAGES_FILE = "images.csv.gz"

EVALUATION_FILE = "evaluation.csv"  # a row for each target, score, variant and link
SUMMARY_FILE = "summary.csv"  # a row for each target, score, variant and set of links
WORST_FILE = "worst.csv"  # images that each score got most wrong

ADAPTATION_FILE = "adaptation.csv"  # a row for each condition and policy of link adaptation
FRONTIER_FILE = "frontier.csv"  # the same, told other errors
TRACE_FILE = "trace.csv"  # a row for each image
