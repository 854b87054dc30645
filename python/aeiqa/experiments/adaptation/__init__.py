#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Link adaptation by predicted error compared with fixed modulations and SNR tables."""
