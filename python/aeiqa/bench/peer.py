#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The yardstick: a QAM-OFDM link over AWGN made of nothing but GNU Radio's own blocks."""

import numpy as np
from gnuradio import analog, blocks, digital, fft, gr

from .gray_qam import AXIS_BITS, gray_qam

FFT_LEN = 64
CP_LEN = 16
# Items an output buffer holds at least. GNU Radio's default is 64 KiB, 128 OFDM symbols, filled halfway at a
# time; with this many items the same blocks run faster, and with more hardly.
LARGE_BUFFER = 65536


class PeerLink(gr.top_block):
    """Bytes in, bytes out, over OFDM and AWGN, as someone who knows GNU Radio well would connect it.

    ``payload`` (uint8, one dimension) is sent as Gray-labelled square QAM on all 64 subcarriers, prefix 16.
    ``snr_db`` is Es/N0 per subcarrier. There is no training symbol and no equaliser, so it does less than
    this project's link. ``buffer_items`` enlarges the blocks' output buffers; None leaves the default.

    The choices are for speed: the mapper's table holds the points scaled by 1/FFT_LEN, which saves a
    multiplication per sample (neither of GNU Radio's FFTs is normalised); the noise comes from a pool; and
    decisions are looked up by sector, not searched.
    """

    def __init__(self, payload: np.ndarray, modulation: str, snr_db: float, buffer_items: int | None = None):
        super().__init__("aeiqa_bench_peer", catch_exceptions=False)
        points = gray_qam(modulation)
        bits, side = 2 * AXIS_BITS[modulation], 1 << AXIS_BITS[modulation]
        spacing = float(np.diff(np.unique(points.real.round(9)))[0])
        self._n_bytes = len(payload)
        # Whole OFDM symbols only: stream_to_vector drops a partial last vector.
        padded = np.pad(payload, (0, -len(payload) % (FFT_LEN * bits // 8)))
        # After the unnormalised inverse FFT of points/64 a sample's power is 1/64, and the forward FFT
        # multiplies the noise's variance by 64: this amplitude leaves N0 = 10^(-snr/10) to unit energy.
        amplitude = float(np.sqrt(10 ** (-snr_db / 10) / FFT_LEN))

        self._sink = blocks.vector_sink_b(1, len(padded))
        constellation = digital.constellation_rect(
            points.tolist(), [], 1, side, side, spacing, spacing, digital.constellation.NO_NORMALIZATION
        )
        noise = analog.fastnoise_source_c(analog.GR_GAUSSIAN, amplitude, 1)
        add = blocks.add_cc()
        chain = [
            blocks.vector_source_b(padded.tolist(), False),
            blocks.packed_to_unpacked_bb(bits, gr.GR_MSB_FIRST),
            digital.chunks_to_symbols_bc((points / FFT_LEN).tolist()),
            blocks.stream_to_vector(gr.sizeof_gr_complex, FFT_LEN),
            fft.fft_vcc(FFT_LEN, False, [], False),
            digital.ofdm_cyclic_prefixer(FFT_LEN, FFT_LEN + CP_LEN),
            add,
            blocks.keep_m_in_n(gr.sizeof_gr_complex, FFT_LEN, FFT_LEN + CP_LEN, CP_LEN),
            blocks.stream_to_vector(gr.sizeof_gr_complex, FFT_LEN),
            fft.fft_vcc(FFT_LEN, True, [], False),
            blocks.vector_to_stream(gr.sizeof_gr_complex, FFT_LEN),
            digital.constellation_decoder_cb(constellation.base()),
            blocks.unpacked_to_packed_bb(bits, gr.GR_MSB_FIRST),
            self._sink,
        ]
        self.connect(*chain)
        self.connect(noise, (add, 1))
        if buffer_items:
            for block in (noise, *chain[:-1]):
                block.set_log_level("warn")  # or each would announce its buffer
                vector = block.output_signature().sizeof_stream_item(0) // gr.sizeof_gr_complex
                block.set_min_output_buffer(buffer_items // max(1, vector))

    def received(self) -> np.ndarray:
        """Return what ``run()`` brought: uint8, as many bytes as the payload has."""
        return np.array(self._sink.data(), np.uint8)[: self._n_bytes]
