#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The chain's soft bits mean what they say: a log-likelihood ratio predicts how often its sign is wrong.

For BPSK and Gray QPSK max-log is exact, so the mean of 1/(1 + exp(|LLR|)) is the bit error rate. Larger
constellations are a little too sure, max-log being an approximation.
"""

import numpy as np
import pytest
from gnuradio import blocks, gr
from honest import margin_of_mean, random_images

from gnuradio.aeiqa import (
    channel,
    image_source,
    ls_equalizer,
    ofdm_demodulator,
    ofdm_modulator,
    qam_demapper,
    qam_mapper,
)

IMAGES = random_images(1500, (4, 16))


def llrs(modulation, snr_db, equalizer, estimation="perfect", model="rayleigh"):
    """LLR of each bit, [image, bit], with each carrier's noise variance by the equaliser's second output."""
    noise_variance = 10 ** (-snr_db / 10) if estimation == "perfect" else 0.0
    equaliser = ls_equalizer(estimation=estimation, equalizer=equalizer, noise_variance=noise_variance)
    demapper, sink, top = (
        qam_demapper(64, modulation, "gray", soft=True),
        blocks.vector_sink_f(),
        gr.top_block(),
    )
    front = [image_source(IMAGES), qam_mapper(64, modulation, "gray"), ofdm_modulator()]
    air = channel(model, snr_db, tag_csi=estimation == "perfect", seed=12)
    top.connect(*front, air, ofdm_demodulator(), equaliser, demapper, sink)
    top.connect((equaliser, 1), (demapper, 1))
    top.run()
    return np.array(sink.data()).reshape(len(IMAGES), -1)


def predicted_minus_counted(soft):
    """Bit error rate that the magnitudes predict, less what the signs give; a value an image."""
    sent = np.unpackbits(IMAGES.reshape(len(IMAGES), -1), axis=1)
    predicted = 1 / (1 + np.exp(np.minimum(np.abs(soft), 500)))
    return predicted.mean(axis=1) - ((soft > 0) != sent).mean(axis=1)


@pytest.mark.parametrize("equalizer", ["zf", "mmse"])
@pytest.mark.parametrize("modulation", ["bpsk", "qpsk"])
@pytest.mark.parametrize("snr_db", [0, 8])
def test_llrs_are_calibrated(modulation, equalizer, snr_db):
    difference = predicted_minus_counted(llrs(modulation, snr_db, equalizer))
    assert difference.mean() == pytest.approx(0, abs=margin_of_mean(difference))


@pytest.mark.parametrize("modulation", ["bpsk", "qpsk", "qam16", "qam64"])
def test_mmse_gives_the_llrs_of_zero_forcing(modulation):
    zf, mmse = (llrs(modulation, 6, equalizer) for equalizer in ("zf", "mmse"))
    np.testing.assert_allclose(mmse, zf, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("equalizer", ["zf", "mmse"])
@pytest.mark.parametrize("modulation", ["qam16", "qam64"])
def test_larger_constellations_are_nearly_calibrated(modulation, equalizer):
    soft = llrs(modulation, 15, equalizer)
    counted = -predicted_minus_counted(soft).mean() + (1 / (1 + np.exp(np.minimum(np.abs(soft), 500)))).mean()
    assert predicted_minus_counted(soft).mean() == pytest.approx(0, abs=0.1 * counted)


def test_estimated_noise_is_nearly_as_good_as_known_noise():
    # Over AWGN with a truncated estimate; the noise estimate of 47 squares costs little.
    difference = predicted_minus_counted(llrs("qpsk", 5, "zf", estimation="ls-dft", model="awgn"))
    assert abs(difference.mean()) < 0.02
