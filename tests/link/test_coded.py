#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""gr-fec's decoders on our soft decisions: the sign they expect, and the gain that theory promises."""

from pathlib import Path

import numpy as np
import pytest
from coded import convolutional, decoded
from gnuradio import fec, gr
from gnuradio.fec import polar
from honest import margin_of_mean, random_images

from gnuradio.aeiqa import LinkConfig, metrics, transmit
from gnuradio.aeiqa.link import theory

ALIST = Path(gr.prefix()) / "share/gnuradio/fec/ldpc/n_0300_k_0152_gap_03.alist"
SIGMA = 0.5  # of the noise that the LDPC decoder of older GNU Radios takes for granted; points at +-1


def takes_sigma():
    """Whether the LDPC decoder divides by a variance of its own; since GNU Radio 3.10.12 it does not."""
    return "sigma" in fec.ldpc_decoder.make.__doc__


def ldpc():
    """A code of 152 bits, 19 bytes, in 300."""
    settings = (SIGMA, 50) if takes_sigma() else (50,)
    return fec.ldpc_par_mtrx_encoder.make(str(ALIST), 3), fec.ldpc_decoder.make(str(ALIST), *settings)


def link(modulation, snr_db):
    return LinkConfig(modulation, snr_db=snr_db, estimation="none", training_symbols=0, seed=4)


# Images of whole code words, and bytes of them when coded.
CODES = {
    "convolutional": (lambda: convolutional(784 * 8), (28, 28), 1568, 0.3),
    "ldpc": (ldpc, (2, 19), 75, SIGMA**2 if takes_sigma() else 1.0),  # two words
}


@pytest.mark.parametrize("name", CODES)
def test_positive_is_one(name):
    code, shape, coded_bytes, scale = CODES[name]
    images = random_images(40, shape)
    config = link("qpsk", 12)
    np.testing.assert_array_equal(decoded(images, config, code(), coded_bytes, scale), images)
    # Each of these codes holds the word of ones alone: the other sign gives each bit inverted.
    inverted = decoded(images, config, code(), coded_bytes, -scale)
    assert metrics.ber(images, inverted).mean() > 0.99


def test_positive_is_one_for_a_polar_code_too():
    size, kept = 128, 64
    bounds = polar.channel_construction_bec.bhattacharyya_bounds(0.0, size)
    frozen = np.sort(np.argsort(-np.array(bounds))[: size - kept]).tolist()
    code = (
        fec.polar_encoder.make(size, kept, frozen, [0] * len(frozen), False),
        fec.polar_decoder_sc.make(size, kept, frozen, [0] * len(frozen)),
    )
    images = random_images(100, (1, 8))
    np.testing.assert_array_equal(decoded(images, link("qpsk", 9), code, 16, 1.0), images)


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize(("modulation", "snr_db"), [("qpsk", 4), ("qam16", 10)])
def test_a_code_mends_what_the_link_breaks(name, modulation, snr_db):
    code, shape, coded_bytes, scale = CODES[name]
    images = random_images(200 if name == "convolutional" else 2000, shape)
    config = link(modulation, snr_db)
    uncoded = metrics.ber(images, transmit(images, config).images).mean()
    coded = metrics.ber(images, decoded(images, config, code(), coded_bytes, scale)).mean()
    assert uncoded > 0.05
    assert coded < uncoded / 20


@pytest.mark.parametrize(("snr_db", "least", "count"), [(3.5, 0.6, 1500), (4.0, 0.65, 4000)])
def test_viterbi_decoding_gains_what_the_union_bound_says(snr_db, least, count):
    # QPSK: Es/N0 of a carrier is Eb/N0 of an image's bit, since the code doubles the bits.
    images = random_images(count, (28, 28))
    received = decoded(images, link("qpsk", snr_db), convolutional(784 * 8), 1568)
    rates = metrics.ber(images, received)
    bound, margin = theory.convolutional_ber_bound(snr_db), margin_of_mean(rates)
    assert margin < 0.35 * bound
    assert least * bound - margin < rates.mean() < bound + margin
