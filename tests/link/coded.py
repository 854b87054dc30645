#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Images through a code of gr-fec and our link."""

import numpy as np
from gnuradio import blocks, fec, gr

from gnuradio.aeiqa import channel, image_receiver, image_tagger, ofdm_modulator, qam_mapper

# The code that gr-fec's blocks have by default: K = 7, rate 1/2, generators 171 and 133 octal, bits reversed.
POLYNOMIALS = [79, 109]
LLR_SCALE = 0.3  # gr-fec's Viterbi decoder clips at 2.65


def convolutional(frame_bits):
    """Tail-biting encoder and decoder: twice as many bits, no tail."""
    common = (frame_bits, 7, 2, POLYNOMIALS)
    return (
        fec.cc_encoder_make(*common, 0, fec.CC_TAILBITING, False),
        fec.cc_decoder.make(*common, 0, -1, fec.CC_TAILBITING, False),
    )


def decoded(images, config, code, coded_bytes, scale=LLR_SCALE):
    """Send uint8 [N, ...] images, coded by (encoder, decoder) into ``coded_bytes`` each, and return them."""
    encoder, decoder = code
    top, sink = gr.top_block(), blocks.vector_sink_b()
    top.connect(
        blocks.vector_source_b(images.ravel().tolist()),
        blocks.packed_to_unpacked_bb(1, gr.GR_MSB_FIRST),
        fec.extended_encoder(encoder, None, "11"),
        blocks.unpacked_to_packed_bb(1, gr.GR_MSB_FIRST),
        image_tagger(1, coded_bytes),
        qam_mapper(config.fft_len, config.modulation, config.labels, config.training_symbols),
        ofdm_modulator(config.fft_len, config.cp_len),
        channel(
            config.channel, config.snr_db, fft_len=config.fft_len, cp_len=config.cp_len, seed=config.seed
        ),
        image_receiver(config, soft=True),
        blocks.multiply_const_ff(scale),
        fec.extended_decoder(decoder, None),
        blocks.unpacked_to_packed_bb(1, gr.GR_MSB_FIRST),
        sink,
    )
    top.run()
    return np.array(sink.data(), np.uint8).reshape(images.shape)
