#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The project's own networks: architectures, model files, inference, and what scores take of images."""
