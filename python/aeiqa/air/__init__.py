#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Images on the air: a transmitter and a receiver that share nothing but the frame format (docs/air.md).

config = air.AirConfig(modulation="qpsk")
transmitter = air.AirTransmitter(config, images)   # -> complex samples
receiver = air.AirReceiver(config)                 # complex samples ->
receiver.take(); receiver.stats()
"""

from ..link.air import AirImage, AirReceiver, AirTransmitter, FragmentStatus
from ..link.air_config import AirConfig

__all__ = ["AirConfig", "AirImage", "AirReceiver", "AirTransmitter", "FragmentStatus"]
