#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Soundings of the channel block, between GNU Radio's own source and sink."""

import numpy as np
import pmt
from gnuradio import blocks, gr

from gnuradio.aeiqa import channel


def img_tags(indices, spacing: int) -> list:
    """An `img` tag every `spacing` samples, with the given indices."""
    tags = []
    for i, index in enumerate(indices):
        tag = gr.tag_t()
        tag.offset, tag.key = i * spacing, pmt.intern("img")
        tag.value = pmt.dict_add(pmt.make_dict(), pmt.intern("index"), pmt.from_long(int(index)))
        tags.append(tag)
    return tags


def send(samples: np.ndarray, tags=(), **settings) -> np.ndarray:
    """Samples through a channel block, complex64 in and out; settings are the block's."""
    source = blocks.vector_source_c(np.asarray(samples, np.complex64), False, 1, list(tags))
    sink, block = blocks.vector_sink_c(), channel(**settings)
    top = gr.top_block()
    top.connect(source, block, sink)
    top.run()
    return np.array(sink.data(), np.complex64)


def taps_of_symbols(symbols: int, n_taps: int, indices=None, **settings) -> np.ndarray:
    """Impulse response at the start of each OFDM symbol of 8 samples, complex [symbols, n_taps].

    indices: of images of one symbol each; without them the stream is one image.
    """
    assert n_taps <= 8
    impulses = np.zeros((symbols, 8), np.complex64)
    impulses[:, 0] = 1
    tags = () if indices is None else img_tags(indices, 8)
    settings = {"model": "rayleigh", "snr_db": np.inf, "fft_len": 8, "cp_len": 0, "n_taps": n_taps} | settings
    return send(impulses.ravel(), tags, **settings).reshape(symbols, 8)[:, :n_taps]
