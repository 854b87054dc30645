#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""ZeroMQ sockets: samples between two programs, reports back, and who is at the other end."""
