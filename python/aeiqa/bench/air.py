#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Detection rate and speed of the frame receiver beside GNU Radio's packet OFDM; see docs/benchmark.md."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import Optional

import numpy as np
from gnuradio import blocks, gr

from ..aeiqa_python import channel, impairments
from ..link.air import AirReceiver, AirTransmitter, FragmentStatus
from ..link.air_config import AirConfig
from . import mnist_images
from .air_theory import Count, Loss, data_gains, loss, right_count, wrong_bits
from .packet_peer import PeerPackets

# Short payloads: what is counted are frames.
FRAMES = AirConfig(payload_symbols=10, gap_symbols=0, stream=1)
_BATCH = 250
_TAPS = 4


# Wrong bits expected of a link that counts as free of errors.
FREE_OF_ERRORS = 1e-3


@dataclass
class FrameStatistics:
    """Frames sent at one SNR through fresh channels: counts measured, and expected by theory."""

    snr_db: float
    sent: int = 0
    found: int = 0  # header right
    right: int = 0  # payload's CRC, of those found
    mistaken: int = 0  # CRC right, but not what was sent
    cfo_rms: float = 0.0  # error of the frequency offset, carriers
    free: int = 0  # links of which less than FREE_OF_ERRORS wrong bits are expected
    free_right: int = 0  # payload's CRC, of those
    free_wrong_bits: float = 0.0  # expected in all of those together
    expected: Optional[Count] = None  # payloads right, of a receiver told everything
    loss: Optional[Loss] = None  # against that receiver

    @property
    def found_share(self) -> float:
        """Frames found over frames sent."""
        return self.found / self.sent


def frame_statistics(
    frames: int, snr_db: float, seed: int = 1, progress: Callable[[range], Iterable[int]] = iter
) -> FrameStatistics:
    """Send frames of random bytes, QPSK, each through a channel of its own, and count what arrives.

    For each frame anew: silence of up to 200 samples before it, four Rayleigh taps of equal mean power
    scaled to unit energy, a carrier offset from -1.5 to 1.5 carriers, a level from -15 to 15 dB (noise
    included: Es/N0 is ``snr_db``). The receiver's clock is 20 ppm fast.
    """
    rng = np.random.default_rng(seed)
    result = FrameStatistics(snr_db, frames)
    squares, gains, whole = [], [], []
    for start in progress(range(0, frames, _BATCH)):
        count = min(_BATCH, frames - start)
        images = rng.integers(0, 256, (count, 1, FRAMES.frame_bytes), dtype=np.uint8)
        samples, taps, offsets = _through_channels(images, snr_db, rng)
        receiver = AirReceiver(FRAMES)
        _run(blocks.vector_source_c(samples.tolist()), impairments(sampling_offset_ppm=20.0), receiver)
        right = np.zeros(count, bool)
        for got in receiver.take():
            result.found += 1
            right[got.index] = got.fragments[0] == FragmentStatus.OK
            result.mistaken += int(right[got.index] and not np.array_equal(got.image, images[got.index]))
            squares.append((got.cfo - offsets[got.index]) ** 2)
        gains.append(data_gains(taps, FRAMES))
        whole.append(right)
    result.cfo_rms = float(np.sqrt(np.mean(squares))) if squares else float("nan")
    _set_beside_theory(result, np.concatenate(gains), np.concatenate(whole))
    return result


def _set_beside_theory(result: FrameStatistics, gains: np.ndarray, right: np.ndarray) -> None:
    result.right = int(right.sum())
    wrong = wrong_bits(gains, result.snr_db, FRAMES)
    free = wrong < FREE_OF_ERRORS
    result.free, result.free_right = int(free.sum()), int(right[free].sum())
    result.free_wrong_bits = float(wrong[free].sum())
    result.expected = right_count(gains, result.snr_db, FRAMES)
    result.loss = loss(result.right, gains, result.snr_db, FRAMES)


def _through_channels(
    images: np.ndarray, snr_db: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the samples, and each frame's taps and frequency offset."""
    sent = _transmitted(images).reshape(len(images), -1)
    offsets = rng.uniform(-1.5, 1.5, len(images))
    channels = _normal(rng, len(images) * _TAPS).reshape(-1, _TAPS)
    channels /= np.linalg.norm(channels, axis=1, keepdims=True)
    pieces = []
    for frame, taps, offset in zip(sent, channels, offsets, strict=True):
        silence = rng.integers(0, 200)
        faded = np.convolve(np.pad(frame, (silence, FRAMES.symbol_len - _TAPS + 1)), taps)
        turn = np.exp(2j * np.pi * offset / FRAMES.fft_len * np.arange(len(faded)))
        noise = 10 ** (-snr_db / 20) * _normal(rng, len(faded))
        pieces.append(10 ** (rng.uniform(-15, 15) / 20) * turn * (faded + noise))
    return np.concatenate(pieces), channels, offsets


def _normal(rng: np.random.Generator, n: int) -> np.ndarray:
    return (rng.standard_normal(n) + 1j * rng.standard_normal(n)) / np.sqrt(2)


def _transmitted(images: np.ndarray, config: AirConfig = FRAMES) -> np.ndarray:
    sink = blocks.vector_sink_c()
    _run(AirTransmitter(config, images), sink)
    return np.array(sink.data(), np.complex64)


def _run(*chain: gr.basic_block) -> float:
    top = gr.top_block(catch_exceptions=False)
    top.connect(*chain)
    begin = time.perf_counter()
    top.run()
    seconds = time.perf_counter() - begin
    for block in chain:
        if isinstance(block, AirReceiver):
            block.release()
    return seconds


@dataclass(frozen=True)
class ToneStatistics:
    """Counts of images sent beside a tone."""

    level_db: float  # of the signal's mean power
    carrier: float
    pauses: bool
    sent: int
    error_free: int
    wrong_headers: int


def tone_statistics(
    frames: int, level_db: float, carrier: float, pauses: bool, seed: int = 1
) -> ToneStatistics:
    """Send images of random pixels, one a frame, beside a steady tone, at 30 dB of signal over noise.

    Args:
        frames: images to send.
        level_db: power of the tone, in dB of the signal's mean power while a frame is on.
        carrier: its frequency in carriers, as the receiver sees it.
        pauses: whether up to 2000 samples without a signal come before each frame.
        seed: of pixels, pauses and noise, and of the carriers' offset to the tone: 0 to 0.5 carriers, one
            for each ten frames.
    """
    rng = np.random.default_rng(seed)
    config = AirConfig(stream=1)
    images = rng.integers(0, 256, (frames, 28, 28), dtype=np.uint8)
    sent = _transmitted(images, config).reshape(frames, -1)
    power = (len(config.data_carriers) + len(config.pilot_carriers)) / config.fft_len
    error_free = wrong_headers = 0
    for start in range(0, frames, 10):
        some = slice(start, min(start + 10, frames))
        pieces = [np.pad(frame, (rng.integers(0, 2000) if pauses else 0, 0)) for frame in sent[some]]
        signal = np.concatenate([*pieces, np.zeros(config.symbol_len)])
        turn = 2j * np.pi / config.fft_len * np.arange(len(signal))
        signal = signal * np.exp(turn * rng.uniform(0, 0.5))
        tone = np.exp(turn * carrier + 2j * np.pi * rng.uniform())
        signal += np.sqrt(power * 10 ** (level_db / 10)) * tone
        signal += np.sqrt(power * 1e-3) * _normal(rng, len(signal))
        receiver = AirReceiver(config)
        _run(blocks.vector_source_c(signal.tolist()), receiver)
        error_free += sum(np.array_equal(got.image, images[got.index]) for got in receiver.take())
        wrong_headers += receiver.stats()["headers_bad"]
    return ToneStatistics(level_db, carrier, pauses, frames, error_free, wrong_headers)


@dataclass(frozen=True)
class NoiseStatistics:
    """False detections of a receiver that hears noise alone."""

    samples: int
    tried: int  # beginnings of frames that failed the header's CRC
    images: int
    seconds: float


def noise_statistics(samples: int, seed: int = 1) -> NoiseStatistics:
    """Let the receiver listen to ``samples`` samples of circular Gaussian noise."""
    receiver = AirReceiver(AirConfig())
    silence = blocks.head(gr.sizeof_gr_complex, samples)
    noise = channel(snr_db=0.0, seed=seed)
    seconds = _run(blocks.null_source(gr.sizeof_gr_complex), silence, noise, receiver)
    return NoiseStatistics(samples, receiver.stats()["headers_bad"], len(receiver.take()), seconds)


# Sizes of packets, bytes; much larger ones stop GNU Radio's receiver, some with the whole process.
PACKET_BYTES = (96, 192, 300, 400)


@dataclass(frozen=True)
class PacketSpeed:
    """gr-digital's ofdm_tx and ofdm_rx, with packets of one size."""

    packet_bytes: int
    mbit_per_s: float  # of packets that arrived
    lost: int
    packets: int


@dataclass(frozen=True)
class AirSpeed:
    """Bytes in, bytes out without noise, beside gr-digital's ofdm_tx and ofdm_rx."""

    receiver_msps: float  # samples a second that the receiver takes from a file
    receiver_cpu_ns: float  # processor time of all its threads, per sample
    mbit_per_s: float  # transmitter and receiver in one flowgraph
    lost: int
    images: int
    peers: tuple[PacketSpeed, ...]  # one for each size of packets

    @property
    def best_peer(self) -> PacketSpeed:
        """The peer with packets of the size that suits it best."""
        return max(self.peers, key=lambda peer: peer.mbit_per_s)

    @property
    def ratio(self) -> float:
        """Our rate over the best peer's, of bits that arrived."""
        return self.mbit_per_s / self.best_peer.mbit_per_s


def air_speed(images: int, packets: int, repeats: int, path: Optional[str] = None) -> AirSpeed:
    """Measure ours and the peer with each of ``PACKET_BYTES`` in turn, ``repeats`` times each; medians.

    ``path``: file for samples (8 bytes each).
    """
    config = AirConfig(modulation="qpsk", stream=1)
    pictures = mnist_images(images)
    _transmitted(pictures, config).tofile(path)
    count = images * config.symbol_len * config.frame_symbols
    walls, cpus, rates, lost = [], [], [], 0
    peer_rates: dict[int, list[float]] = {size: [] for size in PACKET_BYTES}
    peer_lost = dict.fromkeys(PACKET_BYTES, 0)
    for _ in range(repeats):
        receiver = AirReceiver(config)
        cpu = time.process_time()
        walls.append(_run(blocks.file_source(gr.sizeof_gr_complex, path, False), receiver))
        cpus.append(time.process_time() - cpu)
        lost += images - receiver.stats()["images_complete"]
        receiver = AirReceiver(config)
        seconds = _run(AirTransmitter(config, pictures), receiver)
        received = receiver.take()
        wrong = sum(not np.array_equal(got.image, pictures[got.index]) for got in received)
        lost += images - len(received) + wrong
        rates.append((len(received) - wrong) * pictures[0].size * 8 / seconds / 1e6)
        for size in PACKET_BYTES:
            arrived, seconds = PeerPackets(packets, size).run_and_count()
            peer_lost[size] += packets - arrived
            peer_rates[size].append(arrived * size * 8 / seconds / 1e6 if arrived else 0.0)
    return AirSpeed(
        count / median(walls) / 1e6,
        median(cpus) / count * 1e9,
        median(rates),
        lost,
        2 * repeats * images,
        tuple(
            PacketSpeed(size, median(peer_rates[size]), peer_lost[size], repeats * packets)
            for size in PACKET_BYTES
        ),
    )
