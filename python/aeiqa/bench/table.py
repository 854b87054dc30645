#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The measurements as text and as JSON."""

import dataclasses
import os
import platform
from statistics import median

import numpy as np
from gnuradio import gr

from .memory import Peak, growth
from .speed import PEER, PEER_TUNED, Measurement, Speed

_ROW = "{:<42}{:>8}{:>16}{:>12}{:>10}{:>10}{:>8}{:>9}"
_HEAD = ("link", "Mbit/s", "(min - max)", "CPU ns/bit", "BER", "exact", "x peer", "x large")


def speed_table(speed: Speed) -> str:
    """Return the table of payload bit rates; the last two columns are ratios to GNU Radio's own blocks."""
    lines = [
        f"{speed.modulation}, Gray labels, FFT 64, prefix 16, Es/N0 {speed.snr_db:g} dB; median of "
        f"{speed.repeats}; payload {speed.links[0].payload_bits / 8e6:.1f} MB; {os.cpu_count()} processors",
        "",
        _ROW.format(*_HEAD),
    ]
    for link in speed.links:
        rates = [link.payload_bits / seconds / 1e6 for seconds in link.wall]
        exact = "" if link.expected is None else f"{link.expected:.5f}"
        cells = (
            link.name,
            f"{link.mbit_per_s:.1f}",
            f"({min(rates):.0f} - {max(rates):.0f})",
            f"{link.cpu_ns_per_bit:.2f}",
            f"{link.ber:.5f}",
            exact,
            f"{speed.ratio(link, PEER):.2f}",
            f"{speed.ratio(link, PEER_TUNED):.2f}",
        )
        lines.append(_ROW.format(*cells))
    return "\n".join(lines)


def memory_table(peaks: tuple[Peak, Peak]) -> str:
    """Return the peaks, one a line, and how they grow."""
    small, large = peaks
    lines = [
        f"{peak.images:>6} images ({peak.image_bytes / 1e6:.1f} MB): peak {peak.peak_bytes / 1e6:.0f} MB"
        for peak in peaks
    ]
    times = f"{growth(small, large):.2f}"
    lines.append(f"without its images, the larger run needs {times} times the memory of the smaller")
    return "\n".join(lines)


def as_json(speed: Speed, peaks: tuple[Peak, Peak] | None) -> dict:
    """Return everything measured, for ``json.dump``; times in seconds, sizes in bytes."""
    return machine_as_json() | {
        "modulation": speed.modulation,
        "snr_db": speed.snr_db,
        "repeats": speed.repeats,
        "links": [_link_as_json(link, speed) for link in speed.links],
        "memory": None if peaks is None else {"peaks": [vars(p) for p in peaks], "growth": growth(*peaks)},
    }


def machine_as_json() -> dict:
    """Return the machine and versions that figures hold for."""
    return {
        "machine": {"processors": os.cpu_count(), "architecture": platform.machine()},
        "versions": {"gnuradio": gr.version(), "numpy": np.__version__, "python": platform.python_version()},
    }


def _link_as_json(link: Measurement, speed: Speed) -> dict:
    return dataclasses.asdict(link) | {
        "median_wall": median(link.wall),
        "mbit_per_s": link.mbit_per_s,
        "cpu_ns_per_bit": link.cpu_ns_per_bit,
        "ratio_to_peer": speed.ratio(link, PEER),
        "ratio_to_peer_large_buffers": speed.ratio(link, PEER_TUNED),
    }
