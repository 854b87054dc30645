#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Images over the air: found without side information, counted when damaged, never invented."""

import functools

import numpy as np
import pytest
from gnuradio import blocks, gr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from gnuradio.aeiqa import channel, impairments
from gnuradio.aeiqa.air import AirConfig, AirReceiver, AirTransmitter, FragmentStatus
from gnuradio.aeiqa.bench.air import frame_statistics, noise_statistics


def pictures(rng, shapes):
    return [rng.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]


def run(*chain):
    top = gr.top_block(catch_exceptions=False)
    top.connect(*chain)
    top.run()


def transmitted(config, images):
    sink = blocks.vector_sink_c()
    run(AirTransmitter(config, images), sink)
    return np.array(sink.data(), np.complex64)


def received(config, samples):
    receiver = AirReceiver(config)
    source = blocks.vector_source_c(np.concatenate([samples, np.zeros(2000)]).astype(np.complex64).tolist())
    run(source, receiver)
    return receiver.take(), receiver.stats()


@pytest.mark.parametrize("modulation", ["bpsk", "qpsk", "qam16", "qam64", "qam256", "qam1024"])
@pytest.mark.parametrize("labels", ["gray", "natural"])
def test_images_of_any_shape_arrive_byte_for_byte(modulation, labels):
    images = pictures(np.random.default_rng(1), [(1, 1), (28, 28), (40, 30, 3), (200, 150), (3, 500)])
    config = AirConfig(modulation=modulation, labels=labels)
    receiver = AirReceiver(AirConfig())  # learns modulation and labels from the headers
    run(AirTransmitter(config, images), receiver)
    got = receiver.take()
    assert [image.index for image in got] == list(range(len(images)))
    for image, sent in zip(got, images, strict=True):
        np.testing.assert_array_equal(image.image, sent)
        assert image.modulation == modulation
        assert image.missing == 0
    assert receiver.stats()["images_complete"] == len(images)


def upper_bound(successes, trials):
    """Of the share, exceeded by chance once in 1000 times (Clopper and Pearson)."""
    return beta.ppf(0.999, successes + 1, trials - successes) if successes < trials else 1.0


@functools.cache
def thousand_frames(snr_db):
    return frame_statistics(1000, snr_db)


@pytest.mark.parametrize(("snr_db", "least"), [(20.0, 0.999), (5.0, 0.99)])
def test_frames_are_found_through_fading_offsets_and_levels(snr_db, least):
    found = thousand_frames(snr_db)
    assert upper_bound(found.found, found.sent) >= least
    assert found.found > 0.97 * found.sent
    assert found.mistaken == 0
    assert found.cfo_rms < 0.01


def test_every_payload_is_right_where_the_link_is_free_of_errors():
    found = thousand_frames(20.0)
    assert found.free > 150
    assert found.free_wrong_bits < 0.1
    assert found.free_right == found.free


def test_as_many_payloads_are_right_as_a_receiver_told_everything_would_read():
    found = thousand_frames(20.0)
    assert found.expected.mean > 400
    assert found.loss.low < 0.2  # dB, of which the estimate's noise alone is 0.13
    assert found.loss.high > 0  # nobody does better


def test_noise_alone_is_no_image():
    heard = noise_statistics(5_000_000)
    assert heard.images == 0


def test_a_clock_that_is_off_and_an_oscillator_that_is_off_are_followed():
    rng = np.random.default_rng(2)
    images = pictures(rng, [(28, 28)] * 50)
    receiver = AirReceiver(AirConfig())
    radios = impairments(frequency_offset=1.4 / 64, sampling_offset_ppm=20.0, gain_db=-30.0, delay=12345)
    sender = AirTransmitter(AirConfig(modulation="qam16", stream=7), images)
    run(sender, channel(snr_db=35.0), radios, receiver)
    got = receiver.take()
    assert [image.index for image in got] == list(range(50))
    assert all(np.array_equal(image.image, sent) for image, sent in zip(got, images, strict=True))
    # The samples are turned forward, so the receiver has to turn them back.
    np.testing.assert_allclose([abs(image.cfo) for image in got], 1.4, atol=0.01)


@pytest.mark.parametrize(("modulation", "snr_db"), [("qpsk", 16.0), ("qam16", 25.0), ("qam64", 32.0)])
def test_an_oscillator_that_wanders_is_followed_from_symbol_to_symbol(modulation, snr_db):
    # Linewidth 1e-5 of the sample rate: 0.07 radians (rms) from one symbol to the next.
    images = pictures(np.random.default_rng(5), [(28, 28)] * 40)
    receiver = AirReceiver(AirConfig())
    radios = impairments(phase_noise=1e-5)
    sender = AirTransmitter(AirConfig(modulation=modulation, stream=7), images)  # one drawn is no seed
    run(sender, channel(snr_db=snr_db), radios, receiver)
    stats = receiver.stats()
    assert stats["payloads_ok"] >= 0.97 * stats["headers_ok"]
    assert stats["headers_ok"] == stats["payloads_ok"] + stats["payloads_bad"] >= 40


def spoil(samples, kind, rng):
    middle = slice(len(samples) // 2 - 40, len(samples) // 2 + 40)
    if kind == "nan":
        samples[middle] = np.nan
    elif kind == "inf":
        samples[middle] = np.inf
    elif kind == "cut":
        samples = np.concatenate([samples[: middle.start], samples[middle.start + 3000 :]])
    elif kind == "clipped":
        samples[middle] = 1e6
    elif kind == "tone":
        samples[middle] += 30 * np.exp(0.3j * np.arange(80))
    else:
        samples[middle] = 5 * (rng.standard_normal(80) + 1j * rng.standard_normal(80))
    return samples


@pytest.mark.parametrize("kind", ["nan", "inf", "cut", "clipped", "tone", "noise"])
def test_what_is_spoilt_is_counted_and_the_next_frames_are_found(kind):
    rng = np.random.default_rng(3)
    images = pictures(rng, [(28, 28)] * 11)
    config = AirConfig(stream=7)
    got, stats = received(config, spoil(transmitted(config, images), kind, rng))
    whole = {image.index for image in got if (image.fragments == FragmentStatus.OK).all()}
    for image in got:
        if image.index in whole:
            np.testing.assert_array_equal(image.image, images[image.index])
    assert len(whole) >= 9
    assert {0, 1, 2, 3, 9, 10} <= whole
    lost = stats["images_damaged"] + stats["images_with_gaps"] + stats["images_missed"]
    assert stats["images_complete"] + lost == 11
    if kind in ("nan", "inf"):
        assert stats["bad_samples"] == 80


def test_lost_fragments_become_the_fill_value_and_nothing_moves():
    rng = np.random.default_rng(4)
    config = AirConfig(stream=7, fill=99, gap_symbols=0)
    image = rng.integers(0, 256, (60, 60), dtype=np.uint8)  # five frames
    samples = transmitted(config, [image])
    frames = config.frames_per_image(image.size)
    length = len(samples) // frames
    samples[2 * length : 3 * length] = 0
    (got,), _ = received(config, samples)
    flat, sent = got.image.ravel(), image.ravel()
    gap = slice(2 * config.frame_bytes, 3 * config.frame_bytes)
    assert (flat[gap] == 99).all()
    assert got.missing == config.frame_bytes
    np.testing.assert_array_equal(np.delete(flat, gap), np.delete(sent, gap))
    expected = [FragmentStatus.OK] * frames
    expected[2] = FragmentStatus.LOST
    assert list(got.fragments) == expected


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-4, 4), st.integers(0, 3000))
def test_garbage_between_frames_invents_nothing(seed, level, length):
    rng = np.random.default_rng(seed)
    config = AirConfig(stream=7)
    images = pictures(rng, [(28, 28)] * 2)
    frame_a, frame_b = (transmitted(config, [image]) for image in images)
    garbage = 10**level * (rng.standard_normal(length) + 1j * rng.standard_normal(length))
    part = frame_b[rng.integers(0, 2000) : rng.integers(2000, 4000)]  # a frame without its beginning
    quiet = np.zeros(500)
    got, _ = received(config, np.concatenate([garbage, frame_a, part, garbage, quiet, frame_a]))
    for image in got:
        if (image.fragments == FragmentStatus.OK).all():
            assert np.array_equal(image.image, images[0])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("modulation", "8psk"),
        ("fft_len", 60),
        ("cp_len", -1),
        ("training_symbols", 0),
        ("payload_symbols", 5000),
        ("stream", 70000),
        ("data_carriers", (1, 2)),
    ],
)
def test_wrong_settings_are_named(field, value):
    with pytest.raises(ValueError, match=field):
        AirConfig(**{field: value})
