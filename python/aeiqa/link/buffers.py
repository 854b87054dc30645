#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Sizes of the buffers between the link's blocks."""

from gnuradio import gr

# A megabyte between the blocks that make complex numbers: with GNU Radio's default of 64 KiB the threads
# spend their time waking each other up. Bytes stay at the default, since 64 KiB of them are as many OFDM
# symbols, and a source that runs further ahead only drives the rest out of the caches.
_BUFFER_BYTES = 1 << 20


def enlarge_buffer(block: gr.block) -> None:
    """Give a block the output buffer that the link's blocks have."""
    item_bytes = block.output_signature().sizeof_stream_item(0)
    if item_bytes == gr.sizeof_char:
        return
    # The runtime tells of each size at level info, which nobody who sends images wants to read.
    level = block.log_level()
    block.set_log_level("warning")
    block.set_min_output_buffer(_BUFFER_BYTES // item_bytes)
    block.set_log_level(level)
