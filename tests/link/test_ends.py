#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""image_transmitter and image_receiver: the chains they stand for, and what may change while they run."""

import numpy as np
import pytest
from gnuradio import aeiqa, blocks, gr

from gnuradio.aeiqa import AirConfig, LinkConfig, image_receiver, image_sink, image_transmitter
from gnuradio.aeiqa.air import AirReceiver, AirTransmitter

images = np.random.default_rng(4).integers(0, 256, (6, 9, 7, 3), np.uint8)

CONFIGS = [
    LinkConfig(),
    LinkConfig(
        "qpsk", channel="rayleigh", equalizer="mmse", estimation="ls-dft", fft_len=128, training_symbols=2
    ),
    LinkConfig("qam64", channel="rayleigh", estimation="perfect", fading="symbol", training_symbols=0),
    LinkConfig(preset="table2"),
    LinkConfig(preset="table2", channel="rayleigh"),
]


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_the_ends_make_a_link(config):
    """By hand, from single blocks, as the pages tell it."""
    order = "column" if config.preset == "table2" else "raster"
    source = aeiqa.image_source(images, order=order, images_per_burst=config.images_per_burst)
    reveal = config.preset == "table2" and config.channel == "rayleigh"
    ofdm, training = (config.fft_len, config.cp_len), (config.training_symbols, config.training_period)
    mapper = aeiqa.qam_mapper(config.fft_len, config.modulation, config.labels, *training, reveal)
    by_hand, whole = blocks.vector_sink_c(), blocks.vector_sink_c()
    top = gr.top_block()
    top.connect(source, mapper, aeiqa.ofdm_modulator(*ofdm), by_hand)
    top.connect(image_transmitter(images, config), whole)
    top.run()
    np.testing.assert_array_equal(by_hand.data(), whole.data())

    transmission = aeiqa.transmit(images, config)
    transmitter, receiver = image_transmitter(images, config), image_receiver(config)
    points, sink = blocks.vector_sink_c(config.fft_len), image_sink(config.order)
    if config.preset == "table2":
        channel = aeiqa.table2_channel(config.channel, config.snr_db, *ofdm, config.seed)
    else:
        taps = (config.n_taps, config.fading, config.doppler)
        channel = aeiqa.channel(config.channel, config.snr_db, *taps, *ofdm, config.seed, config.tag_csi)
    top = gr.top_block()
    top.connect(transmitter, channel, receiver, sink)
    top.connect((receiver, 1), points)
    top.run()
    assert sink.received() == len(images)
    np.testing.assert_array_equal(sink.take_pixels(), transmission.images.ravel())
    symbols = -(-images[0].size * 8 // (config.bits_per_symbol * config.fft_len))
    assert len(points.data()) == len(images) * symbols * config.fft_len


FRAMES = AirConfig("qam16", stream=7, payload_symbols=20)


def samples_of(block):
    top, sink = gr.top_block(), blocks.vector_sink_c()
    top.connect(block, sink)
    top.run()
    return np.array(sink.data(), np.complex64)


def test_the_ends_make_a_link_in_frames():
    """By hand, from single blocks, as the pages tell it; and under the names of the module air."""
    plan = (FRAMES.fft_len, FRAMES.cp_len, FRAMES.data_carriers, FRAMES.pilot_carriers)
    mapper = aeiqa.frame_mapper(*plan, "qam16", payload_symbols=20, stream=7)
    by_hand, top = blocks.vector_sink_c(), gr.top_block()
    modulator = aeiqa.ofdm_modulator(FRAMES.fft_len, FRAMES.cp_len)
    top.connect(aeiqa.image_source(images), mapper, modulator, blocks.multiply_const_cc(0.25), by_hand)
    top.run()
    whole = samples_of(image_transmitter(images, FRAMES, amplitude=0.25))
    np.testing.assert_array_equal(by_hand.data(), whole)
    np.testing.assert_array_equal(samples_of(AirTransmitter(FRAMES, images, amplitude=0.25)), whole)

    top, receiver, sink = gr.top_block(), image_receiver(FRAMES), image_sink()
    points, under_the_old_name = blocks.vector_sink_c(FRAMES.data_len), AirReceiver(FRAMES)
    stream = np.concatenate([np.zeros(777), whole, np.zeros(4000)])
    source = blocks.vector_source_c(stream.tolist())
    top.connect(source, receiver, sink)
    top.connect(source, under_the_old_name)
    top.connect((receiver, 1), points)
    top.run()
    np.testing.assert_array_equal(sink.take_pixels(), images.ravel())
    arrived = under_the_old_name.take()
    assert [image.index for image in arrived] == list(range(len(images)))
    np.testing.assert_array_equal([image.image for image in arrived], images)
    assert under_the_old_name.stats()["headers_ok"] == receiver.sync.counters().headers_ok > 0
    bits = 8 * images.size
    assert len(points.data()) * FRAMES.bits_per_symbol >= bits  # the last of each image is padded


@pytest.mark.parametrize("config", [FRAMES, LinkConfig(snr_db=30.0)], ids=["frames", "bursts"])
def test_images_may_come_one_by_one(config):
    transmitter = image_transmitter(None, config, max_waiting=len(images))
    for image in images:
        assert transmitter.send(image)
    assert not transmitter.send(images[0])
    assert (transmitter.sent(), transmitter.waiting()) == (0, len(images))
    transmitter.finish()
    np.testing.assert_array_equal(samples_of(transmitter), samples_of(image_transmitter(images, config)))
    assert (transmitter.sent(), transmitter.waiting()) == (len(images), 0)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: image_transmitter(None, LinkConfig(preset="table2")), "images: preset 'table2' needs all"),
        (lambda: image_transmitter(images, FRAMES).send(images[0]), "made with images of its own"),
        (lambda: image_transmitter(None, FRAMES).send(images[0], modulation="qam8"), "modulation: must be"),
        (lambda: image_transmitter(None, FRAMES).send(images[0], copies=9), "copies: must be from 1 to 8"),
        (lambda: image_transmitter(None, LinkConfig()).send(images[0], copies=2), "need an AirConfig"),
        (lambda: image_transmitter(np.zeros((1, 1, 1, 257), np.uint8), FRAMES), "256 channels"),
        (lambda: image_transmitter(images / 1.0, FRAMES), "images: must be uint8, got float64"),
    ],
)
def test_what_cannot_be_sent_is_refused(call, says):
    with pytest.raises(aeiqa.InputError, match=says):
        call()


def test_in_frames_the_receiver_follows_as_well():
    receiver = image_receiver(AirConfig())
    receiver.set_config(AirConfig(equalizer="mmse", estimation="ls"))
    assert (receiver.equalizer.equalizer(), receiver.equalizer.estimation()) == ("mmse", "ls")
    with pytest.raises(ValueError, match="payload_symbols: cannot change"):
        receiver.set_config(AirConfig(payload_symbols=10))
    with pytest.raises(ValueError, match="from a AirConfig to a LinkConfig"):
        receiver.set_config(LinkConfig())


def test_soft_decisions_have_the_sign_of_the_bits():
    config = LinkConfig("qam16", channel="rayleigh", snr_db=25.0)
    received = {}
    for soft in (False, True):
        sink = blocks.vector_sink_f() if soft else blocks.vector_sink_b()
        top = gr.top_block()
        channel = aeiqa.channel("rayleigh", 25.0)
        top.connect(image_transmitter(images, config), channel, image_receiver(config, soft), sink)
        top.run()
        received[soft] = np.array(sink.data(), np.float32 if soft else np.uint8)
    np.testing.assert_array_equal(received[True] > 0, np.unpackbits(received[False]).astype(bool))


def test_the_receiver_follows_what_is_its_own():
    receiver = image_receiver(LinkConfig())
    receiver.set_config(LinkConfig(equalizer="mmse", estimation="none", snr_db=3.0, seed=5))
    equalizer = receiver.equalizer
    assert (equalizer.equalizer(), equalizer.estimation()) == ("mmse", "none")
    assert equalizer.noise_variance() == pytest.approx(10**-0.3)
    receiver.set_config(LinkConfig(channel="rayleigh"))
    assert (equalizer.equalizer(), equalizer.estimation(), equalizer.noise_variance()) == ("zf", "ls", 0.0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"modulation": "qpsk"}, "modulation: cannot change while the link runs, from 'qam16' to 'qpsk'"),
        ({"labels": "natural"}, "labels: cannot"),
        ({"fft_len": 128}, "fft_len: cannot"),
        ({"cp_len": 8}, "cp_len: cannot"),
        ({"training_symbols": 2}, "training_symbols: cannot"),
        ({"training_period": 2}, "training_period: cannot"),
        ({"preset": "table2", "training_symbols": 0, "labels": "gray"}, "preset: cannot"),
    ],
)
def test_the_signal_cannot_change(change, says):
    transmitter, receiver = image_transmitter(images, LinkConfig()), image_receiver(LinkConfig())
    for end in (transmitter, receiver):
        with pytest.raises(ValueError, match=says):
            end.set_config(LinkConfig(**change))
        assert end.config == LinkConfig()
        end.set_config(LinkConfig(snr_db=-5.0, channel="rayleigh", fading="jakes", doppler=0.1))
        end.set_config(LinkConfig())


@pytest.mark.parametrize("config", [None, "awgn", {}])
def test_it_must_be_a_configuration(config):
    for make in (image_receiver, lambda config: image_transmitter(images, config)):
        with pytest.raises(ValueError, match="config: must be a LinkConfig or an AirConfig, got"):
            make(config)
