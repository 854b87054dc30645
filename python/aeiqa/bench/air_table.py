#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Measurements of the frame receiver as text."""

import dataclasses

from .air import FREE_OF_ERRORS, AirSpeed, FrameStatistics, NoiseStatistics, ToneStatistics
from .table import machine_as_json


def frames_rows(frames: FrameStatistics) -> str:
    """Return how many frames were found, how many payloads came right, and how many should have."""
    rows = [
        f"Es/N0 {frames.snr_db:g} dB: {frames.found} of {frames.sent} frames found "
        f"({100 * frames.found_share:.2f} %), frequency off by {frames.cfo_rms:.1e} carriers (rms); "
        f"{frames.mistaken} payloads taken for right that were not"
    ]
    if frames.free:
        rows.append(
            f"  links free of errors (less than {FREE_OF_ERRORS:g} wrong bits expected, "
            f"{frames.free_wrong_bits:.2f} in all together): payload right in {frames.free_right} "
            f"of {frames.free}"
        )
    if frames.expected.mean >= 1:
        rows.append(
            f"  all links: payload right in {frames.right}; of a receiver told time, frequency and channel "
            f"{frames.expected.mean:.0f} +- {1.96 * frames.expected.deviation:.0f} expected; loss "
            f"{_decibels(frames.loss.db)} dB ({_decibels(frames.loss.low)} to {_decibels(frames.loss.high)})"
        )
    return "\n".join(rows)


def _decibels(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}"  # no -0.00


def tone_row(tone: ToneStatistics) -> str:
    """Return how many images came error-free beside a tone."""
    pauses = "with pauses" if tone.pauses else "no pauses"
    return (
        f"tone of {tone.level_db:g} dB at carrier {tone.carrier:g}, {pauses}: "
        f"{tone.error_free} of {tone.sent} images error-free, {tone.wrong_headers} headers refused"
    )


def noise_row(noise: NoiseStatistics) -> str:
    """Return the false detections in noise alone."""
    return f"noise alone, {noise.samples:.0e} samples: {noise.images} images, {noise.tried} headers refused"


def speed_rows(speed: AirSpeed) -> str:
    """Return the receiver's speed, and both ends' beside GNU Radio's packet OFDM."""
    best = speed.best_peer
    peers = ", ".join(
        f"{peer.packet_bytes} bytes {peer.mbit_per_s:.2f} ({peer.lost} of {peer.packets} lost)"
        for peer in speed.peers
    )
    return "\n".join(
        [
            f"receiver: {speed.receiver_msps:.1f} Msample/s, "
            f"{speed.receiver_cpu_ns:.1f} ns of processor time a sample",
            f"both ends: {speed.mbit_per_s:.1f} Mbit/s, {speed.lost} of {speed.images} images lost",
            f"ofdm_tx and ofdm_rx, Mbit/s with packets of {peers}",
            f"ours: {speed.ratio:.1f} times as fast as these with {best.packet_bytes} bytes, their best",
        ]
    )


def air_as_json(
    frames: list[FrameStatistics], tones: list[ToneStatistics], noise: NoiseStatistics, speed: AirSpeed
) -> dict:
    """Return everything measured, for ``json.dump``; times in seconds, sizes in bytes."""
    return machine_as_json() | {
        "frames": [dataclasses.asdict(row) | {"found_share": row.found_share} for row in frames],
        "tones": [dataclasses.asdict(row) for row in tones],
        "noise": dataclasses.asdict(noise),
        "speed": dataclasses.asdict(speed)
        | {"ratio": speed.ratio, "best_packet_bytes": speed.best_peer.packet_bytes},
    }
