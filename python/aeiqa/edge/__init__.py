#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The edge of the paper's Fig. 1: a service that classifies images as they arrive, answers and watches."""
