#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The two sides measured in turn, in one process, on the same payload."""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from ..link.simulated import LinkConfig, transmit
from .gray_qam import expected_ber
from .peer import LARGE_BUFFER, PeerLink

PEER = "GNU Radio's blocks, AWGN"
PEER_TUNED = "GNU Radio's blocks, AWGN, large buffers"


@dataclass
class Measurement:
    """One link's repeated runs. ``expected`` is the exact bit error rate over AWGN, None elsewhere."""

    name: str
    payload_bits: int
    expected: float | None
    wall: list[float] = field(default_factory=list)  # seconds
    cpu: list[float] = field(default_factory=list)  # seconds, all threads
    ber: float = float("nan")

    @property
    def mbit_per_s(self) -> float:
        """Payload bits over the median run's time."""
        return self.payload_bits / median(self.wall) / 1e6

    @property
    def cpu_ns_per_bit(self) -> float:
        """Processor time of all threads in the median run: what does not depend on who else is running."""
        return median(self.cpu) / self.payload_bits * 1e9


@dataclass(frozen=True)
class Speed:
    """All links' measurements, in the order of the table, and what they have in common."""

    modulation: str
    snr_db: float
    repeats: int
    links: tuple[Measurement, ...]

    def ratio(self, link: Measurement, peer: str) -> float:
        """Return the payload bit rate of ``link`` over that of ``peer`` (a link's name)."""
        return link.mbit_per_s / next(m.mbit_per_s for m in self.links if m.name == peer)


def measure_speed(
    images: np.ndarray,
    modulation: str,
    snr_db: float,
    repeats: int,
    progress: Callable[[list[str]], Iterable[str]] = iter,
) -> Speed:
    """Send ``images`` (uint8 [N, H, W]) over each link ``repeats`` times, the links taking turns.

    A link of this project is timed from images to images, flowgraph building and error counting included; of
    the one of GNU Radio's blocks only the run itself is timed. ``progress`` wraps the list of runs.
    """
    links = _links(images, modulation, snr_db)
    payload_bits = images.size * 8
    exact = expected_ber(images.ravel(), modulation, snr_db)
    results = {name: Measurement(name, payload_bits, None if "Rayleigh" in name else exact) for name in links}
    names = list(links)
    # Each round begins with another link, so that none always comes after the same neighbour.
    runs = [names[(turn + i) % len(names)] for turn in range(repeats) for i in range(len(names))]
    for name in progress(runs):
        links[name](results[name])
    return Speed(modulation, snr_db, repeats, tuple(results.values()))


def _links(images: np.ndarray, modulation: str, snr_db: float) -> dict[str, Callable[[Measurement], None]]:
    payload = images.ravel()

    def peer(buffer_items):
        def run(result: Measurement) -> None:
            link = PeerLink(payload, modulation, snr_db, buffer_items)
            _timed(result, link.run)
            wrong = np.bitwise_xor(link.received(), payload)
            result.ber = int(np.unpackbits(wrong).sum()) / result.payload_bits

        return run

    def ours(channel: str):
        config = LinkConfig(
            preset="physical",
            modulation=modulation,
            labels="gray",
            channel=channel,
            snr_db=snr_db,
            estimation="ls",
        )

        def run(result: Measurement) -> None:
            sent = _timed(result, lambda: transmit(images, config))
            result.ber = int(sent.bit_errors.sum()) / int(sent.bits.sum())

        return run

    return {
        PEER: peer(None),
        PEER_TUNED: peer(LARGE_BUFFER),
        "aeiqa, AWGN, LS equaliser": ours("awgn"),
        "aeiqa, Rayleigh, LS equaliser": ours("rayleigh"),
    }


def _timed(result: Measurement, work: Callable):
    cpu, start = _cpu_seconds(), time.perf_counter()
    value = work()
    result.wall.append(time.perf_counter() - start)
    result.cpu.append(_cpu_seconds() - cpu)
    return value


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system
