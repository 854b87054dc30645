#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Images over GNU Radio's own channels, which move samples against their tags: followed, or marked."""

import numpy as np
import pytest
from gnuradio import aeiqa, channels, filter, gr

from gnuradio.aeiqa import AirConfig, LinkConfig, image_receiver, image_sink, image_transmitter

IMAGES = np.random.default_rng(6).integers(0, 256, (60, 12, 12), np.uint8)
NOISE_V = 0.1  # of channel_model; Es/N0 20 dB


def receive(link, *between, receiver=None):
    """What comes of the images; the last may be cut off, since such blocks lose samples at the end."""
    receiver, sink, top = receiver or image_receiver(link), image_sink(), gr.top_block()
    top.connect(image_transmitter(IMAGES, link), *between, receiver, sink)
    top.run()
    images = sink.take()
    assert [image.index for image in images] == list(range(len(images)))
    assert len(images) >= len(IMAGES) - 1
    return images, receiver, sink


def wrong_bits(images):
    whole = [image for image in images if not image.missing]
    assert len(whole) >= len(IMAGES) - 1
    sent = IMAGES[[image.index for image in whole]]
    return int(np.unpackbits(sent ^ np.stack([image.pixels for image in whole])).sum())


def taps_of(count):
    taps = np.exp(-np.arange(count)) * np.exp(2j * np.pi * np.random.default_rng(count).random(count))
    return taps / np.linalg.norm(taps)


@pytest.mark.parametrize("estimation", ["ls", "ls-dft"])
@pytest.mark.parametrize("epsilon", [1.0, 1 - 20e-6, 1 + 20e-6])
@pytest.mark.parametrize("taps", [1, 2, 8])
def test_bursts_pass_the_channel_model(estimation, epsilon, taps):
    link = LinkConfig("qpsk", estimation=estimation)
    model = channels.channel_model(NOISE_V, epsilon=epsilon, taps=taps_of(taps), noise_seed=3)
    images, receiver, sink = receive(link, model)
    assert -5 <= receiver.demodulator.offset() <= 0  # its resampler is 3 samples early
    assert sink.misaligned() == receiver.equalizer.misaligned() == 0
    # Of 69,000 bits; half a sample off its interpolator damages the carriers at the band's edges.
    assert wrong_bits(images) <= (20 if epsilon == 1 else 690)


@pytest.mark.parametrize(
    ("epsilon", "slip"), [(1 - 20e-6, "1 sample(s) too many"), (1 + 20e-6, "1 sample(s) too few"), (1.0, "")]
)
def test_a_clock_that_differs_is_said_once(epsilon, slip, capfd):
    model = channels.channel_model(NOISE_V, epsilon=epsilon, noise_seed=3)
    receive(LinkConfig("qpsk"), model)
    output = capfd.readouterr()
    lines = [line for line in (output.out + output.err).splitlines() if "between img tags" in line]
    assert len(lines) == (1 if slip else 0)
    if lines:
        assert slip in lines[0]
        most_ppm = int(lines[0].split("at most ")[1].split(" ppm")[0])
        assert 20 <= most_ppm <= 100


def delayed(samples):
    """A filter that delays the samples and leaves the tags where they are; Delay moves both."""
    return filter.fir_filter_ccc(1, [0.0] * samples + [1.0])


@pytest.mark.parametrize("samples", [1, 16, 17, 40, 45])
def test_a_delay_is_followed(samples):
    link = LinkConfig("qpsk")
    images, receiver, _ = receive(link, delayed(samples))
    assert receiver.demodulator.offset() == (0 if samples <= link.cp_len else samples)
    assert wrong_bits(images) == 0


def test_it_is_said_once(capfd):
    receive(LinkConfig("qpsk"), channels.channel_model(NOISE_V, noise_seed=3))
    said = capfd.readouterr()
    assert (said.out + said.err).count("earlier than their img tags") == 1


@pytest.mark.parametrize(("offset", "said"), [(0.0, 0), (0.01, 1), (0.3, 1), (-0.1, 1)])
def test_a_frequency_offset_is_said(offset, said, capfd):
    model = channels.channel_model(NOISE_V, frequency_offset=offset / 64, noise_seed=3)
    receive(LinkConfig("qpsk"), model)
    output = capfd.readouterr()
    lines = (output.out + output.err).splitlines()
    found = [line for line in lines if f"frequency offset of {offset:.2f}" in line]
    assert len(found) == len([line for line in lines if "frequency offset" in line]) == said


def test_bursts_that_are_not_followed_are_marked(capfd):
    link = LinkConfig("qpsk")
    demodulator, equalizer = aeiqa.ofdm_demodulator(), aeiqa.ls_equalizer()
    sink, top = image_sink(), gr.top_block()
    model = channels.channel_model(NOISE_V, noise_seed=3)
    demapper = aeiqa.qam_demapper(modulation="qpsk")
    top.connect(image_transmitter(IMAGES, link), model, demodulator, equalizer, demapper, sink)
    top.run()
    images = sink.take()
    assert images
    assert all(image.misaligned for image in images)
    assert sink.misaligned() == equalizer.misaligned() == len(images)
    said = capfd.readouterr()
    assert (said.out + said.err).count("self-synchronising frames (AirConfig)") == 1


@pytest.mark.parametrize("channel", ["awgn", "rayleigh"])
@pytest.mark.parametrize("fading", ["image", "jakes"])
@pytest.mark.parametrize("snr_db", [-5.0, 10.0, np.inf])
def test_our_own_channels_are_left_alone(channel, fading, snr_db):
    images = np.resize(IMAGES[:, :8, :8], (2000, 8, 8))
    doppler = 0.3 if fading == "jakes" else 0.0
    config = LinkConfig("qpsk", channel=channel, fading=fading, doppler=doppler, snr_db=snr_db)
    link = aeiqa.Link(images, config)
    link.run()
    assert link.sink.received() == len(images)
    assert link.sink.misaligned() == link.sink.truncated() == link.demodulator.offset() == 0


@pytest.mark.parametrize("max_items", [1, 100])
def test_buffers_change_nothing(max_items):
    link = LinkConfig("qpsk")
    results = []
    for most in (None, max_items):
        receiver = image_receiver(link)
        if most is not None:
            receiver.demodulator.set_max_noutput_items(most)
        images, _, _ = receive(link, aeiqa.channel(snr_db=6.0), delayed(37), receiver=receiver)
        results.append([image.pixels for image in images])
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("offset", [0.0, 0.3])
@pytest.mark.parametrize("epsilon", [1 - 20e-6, 1 + 20e-6])
@pytest.mark.parametrize("taps", [1, 8])
def test_frames_pass_the_channel_model(offset, epsilon, taps):
    link = AirConfig("qpsk", payload_symbols=12)
    model = channels.channel_model(
        NOISE_V, frequency_offset=offset / link.fft_len, epsilon=epsilon, taps=taps_of(taps), noise_seed=3
    )
    images, _, _ = receive(link, model)
    assert wrong_bits(images) < 20
