#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The blocks that must have a GRC file and a page; the views among them are Qt widgets."""

VIEWS = ("channel_view", "constellation_view", "picture_view", "score_view")

BLOCKS = (
    *VIEWS,
    "aeiqa_sink",
    "frame_mapper",
    "channel",
    "frame_sync",
    "image_queue_source",
    "image_receiver",
    "image_sink",
    "image_source",
    "image_tagger",
    "image_transmitter",
    "impairments",
    "link_adapter",
    "ls_equalizer",
    "ofdm_demodulator",
    "ofdm_modulator",
    "qam_demapper",
    "qam_mapper",
    "quality_sink",
    "table2_channel",
)

# Blocks of the Companion that make a variable.
VARIABLES = ("air_config", "link_config")

# Former names, which old flowgraphs still have.
RENAMED = {"air_mapper": "frame_mapper", "image_feed": "image_queue_source"}
