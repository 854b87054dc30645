#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The air's yardstick: packets through gr-digital's own ofdm_tx and ofdm_rx, without noise."""

import threading
import time

import numpy as np
import pmt
from gnuradio import blocks, digital, gr


class PeerPackets(gr.top_block):
    """``packets`` packets of ``packet_bytes`` random bytes, QPSK, through GNU Radio's packet OFDM.

    CRCs tell which arrive: the receiver drops what fails its own. It waits for each header by a message round
    trip, and the graph does not always end by itself: it is stopped when nothing has arrived for a while.
    """

    _PATIENCE = 3.0  # seconds without a packet

    def __init__(self, packets: int, packet_bytes: int):
        super().__init__("aeiqa_bench_packets", catch_exceptions=False)
        self.packet_bytes = packet_bytes
        rng = np.random.default_rng(1)
        self._payload = rng.integers(0, 256, packets * self.packet_bytes, dtype=np.uint8)
        key, length = "packet_len", pmt.from_long(self.packet_bytes)
        tags = [
            gr.tag_utils.python_to_tag((i * self.packet_bytes, pmt.intern(key), length))
            for i in range(packets)
        ]
        source = blocks.vector_source_b(self._payload.tolist(), False, 1, tags)
        self._sink = blocks.vector_sink_b()
        transmitter = digital.ofdm_tx(packet_length_tag_key=key, bps_payload=2)
        receiver = digital.ofdm_rx(packet_length_tag_key=key, bps_payload=2)
        # On air there are no tags; with the transmitter's the receiver gets nothing right.
        no_tags = blocks.tag_gate(gr.sizeof_gr_complex, False)
        self.connect(source, transmitter, no_tags, receiver, self._sink)
        for block in (transmitter, receiver):
            block.set_log_level("off")  # it logs every header that fails its check

    def run_and_count(self) -> tuple[int, float]:
        """Return packets that arrived, and the seconds until the last of them."""
        begin = time.perf_counter()
        self.start()
        waiter = threading.Thread(target=self.wait, daemon=True)
        waiter.start()
        latest, seen = begin, 0
        while waiter.is_alive() and time.perf_counter() - latest < self._PATIENCE:
            waiter.join(0.02)
            now = len(self._sink.data())
            if now > seen:
                seen, latest = now, time.perf_counter()
        self.stop()
        waiter.join()
        received = np.array(self._sink.data(), np.uint8)
        sent = {packet.tobytes() for packet in self._payload.reshape(-1, self.packet_bytes)}
        whole = received[: len(received) // self.packet_bytes * self.packet_bytes]
        return sum(p.tobytes() in sent for p in whole.reshape(-1, self.packet_bytes)), latest - begin
