#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""What was measured of the air, as text."""

from .air import AirSpeed, FrameStatistics, NoiseStatistics


def frames_row(frames: FrameStatistics) -> str:
    """Return how many frames were found, and how many payloads came right."""
    return (
        f"Es/N0 {frames.snr_db:g} dB: {frames.found} of {frames.sent} frames found "
        f"({100 * frames.found_share:.2f} %), frequency off by {frames.cfo_rms:.1e} carriers (rms); "
        f"payload right in {frames.right}, in {frames.clean_right} of the {frames.clean} that a receiver "
        f"knowing the channel reads, "
        f"{frames.mistaken} taken for right that were not"
    )


def noise_row(noise: NoiseStatistics) -> str:
    """Return what noise alone was taken for."""
    return f"noise alone, {noise.samples:.0e} samples: {noise.images} images, {noise.tried} headers refused"


def speed_rows(speed: AirSpeed) -> str:
    """Return the receiver's speed, and both ends' beside GNU Radio's packet OFDM."""
    return "\n".join(
        [
            f"receiver: {speed.receiver_msps:.1f} Msample/s, "
            f"{speed.receiver_cpu_ns:.1f} ns of processor time a sample",
            f"both ends: {speed.mbit_per_s:.1f} Mbit/s, {speed.lost} of {speed.images} images lost",
            f"ofdm_tx and ofdm_rx: {speed.peer_mbit_per_s:.2f} Mbit/s, "
            f"{speed.peer_lost} of {speed.peer_packets} packets lost; ours: {speed.ratio:.0f} times as fast",
        ]
    )
