#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Without noise every image arrives byte for byte: each modulation, labelling, transform, prefix, shape."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gnuradio.aeiqa import LinkConfig, transmit
from gnuradio.aeiqa.link.config import BITS_PER_SYMBOL

MODULATIONS = tuple(BITS_PER_SYMBOL)
LABELS = ("natural", "gray")
FFT_LENS = (8, 24, 64, 128, 256, 512, 1024, 2048)
SHAPES = ((1, 1), (1, 1, 3), (28, 28), (7, 5), (33, 17, 3))


def images_of(shapes, seed=1):
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]


def assert_arrives(images, **settings):
    result = transmit(images, LinkConfig(snr_db=np.inf, **settings))
    assert type(result.images) is type(images)
    for sent, received in zip(images, result.images, strict=True):
        assert received.dtype == np.uint8
        np.testing.assert_array_equal(received, sent)
    np.testing.assert_array_equal(result.bit_errors, np.zeros(len(images)))
    np.testing.assert_array_equal(result.bits, [8 * image.size for image in images])


@pytest.mark.parametrize("modulation", MODULATIONS)
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("fft_len", FFT_LENS)
def test_awgn_with_each_prefix_and_a_mix_of_shapes(modulation, labels, fft_len):
    for cp_len in (0, 1, fft_len // 4, fft_len):
        assert_arrives(
            images_of(SHAPES), modulation=modulation, labels=labels, fft_len=fft_len, cp_len=cp_len
        )


@pytest.mark.parametrize("modulation", MODULATIONS)
@pytest.mark.parametrize("labels", LABELS)
def test_a_picture_between_single_pixels(modulation, labels):
    images = images_of([(1, 1), (512, 768, 3), (1, 1, 3)])
    assert_arrives(images, modulation=modulation, labels=labels)
    assert_arrives(images, modulation=modulation, preset="table2", labels=labels)


@pytest.mark.parametrize("shape", [*SHAPES, (1, 300), (300, 1), (2, 2, 1), (3, 3, 4)])
@pytest.mark.parametrize("modulation", MODULATIONS)
def test_an_array_of_images(shape, modulation):
    assert_arrives(np.stack(images_of([shape] * 5)), modulation=modulation)


@pytest.mark.parametrize("estimation", ["ls", "ls-dft", "perfect"])
@pytest.mark.parametrize("equalizer", ["zf", "mmse"])
@pytest.mark.parametrize("modulation", MODULATIONS)
def test_rayleigh_is_undone_by_every_estimator(estimation, equalizer, modulation):
    assert_arrives(
        images_of(SHAPES * 4),
        channel="rayleigh",
        modulation=modulation,
        estimation=estimation,
        equalizer=equalizer,
    )


@pytest.mark.parametrize("estimation", ["ls", "ls-dft", "perfect"])
@pytest.mark.parametrize("equalizer", ["zf", "mmse"])
@pytest.mark.parametrize(
    ("fft_len", "cp_len"), [(8, 0), (8, 7), (64, 0), (64, 1), (64, 4), (64, 16), (256, 20)]
)
def test_the_longest_channel_that_fits_the_prefix(estimation, equalizer, fft_len, cp_len):
    # A prefix of L samples keeps symbols apart for a channel of L + 1 taps.
    assert_arrives(
        images_of(SHAPES * 6),
        channel="rayleigh",
        modulation="qam16",
        estimation=estimation,
        equalizer=equalizer,
        fft_len=fft_len,
        cp_len=cp_len,
        n_taps=cp_len + 1,
    )


@pytest.mark.parametrize("fft_len", FFT_LENS)
@pytest.mark.parametrize("labels", LABELS)
def test_rayleigh_with_each_transform(fft_len, labels):
    for cp_len in (fft_len // 4, fft_len):
        for n_taps in (1, fft_len // 4):
            assert_arrives(
                images_of(SHAPES),
                channel="rayleigh",
                modulation="qam256",
                labels=labels,
                fft_len=fft_len,
                cp_len=cp_len,
                n_taps=n_taps,
            )


@pytest.mark.parametrize("training", [(1, 0), (1, 1), (1, 3), (2, 5), (5, 2), (3, 1000)])
@pytest.mark.parametrize("estimation", ["none", "ls", "ls-dft", "perfect"])
def test_training_symbols_come_and_go(training, estimation):
    symbols, period = training
    settings = {"training_symbols": symbols, "training_period": period, "estimation": estimation}
    assert_arrives(images_of(SHAPES * 2), **settings)
    if estimation != "none":
        assert_arrives(images_of(SHAPES * 2), channel="rayleigh", **settings)


@pytest.mark.parametrize("estimation", ["none", "perfect"])
def test_no_training_symbols_at_all(estimation):
    assert_arrives(images_of(SHAPES), training_symbols=0, estimation=estimation)


def test_fading_that_changes_with_each_symbol():
    assert_arrives(images_of(SHAPES * 3), channel="rayleigh", fading="symbol", estimation="perfect")


def test_jakes_fading_that_stands_still():
    for estimation in ("ls", "perfect"):
        assert_arrives(
            images_of(SHAPES), channel="rayleigh", fading="jakes", doppler=0.0, estimation=estimation
        )


def test_slow_jakes_fading_that_is_known():
    assert_arrives(
        images_of(SHAPES),
        channel="rayleigh",
        modulation="qpsk",
        fading="jakes",
        doppler=1e-4,
        estimation="perfect",
    )


@pytest.mark.parametrize("modulation", MODULATIONS)
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize(("fft_len", "cp_len"), [(64, 16), (8, 0), (128, 128), (2048, 1)])
def test_table2_over_awgn(modulation, labels, fft_len, cp_len):
    assert_arrives(
        images_of(SHAPES),
        preset="table2",
        modulation=modulation,
        labels=labels,
        fft_len=fft_len,
        cp_len=cp_len,
    )


def test_arrays_that_are_not_contiguous():
    image = images_of([(40, 30, 3)])[0]
    assert_arrives([image[::2, ::-1], image[..., 1], np.asfortranarray(image)])
    assert_arrives(np.stack([image] * 4)[::2, :, ::3])


shapes = st.one_of(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(1, 5)),
)


@given(
    shapes=st.lists(shapes, min_size=1, max_size=6),
    modulation=st.sampled_from(MODULATIONS),
    labels=st.sampled_from(LABELS),
    fft_len=st.sampled_from([8, 16, 40, 64, 96, 256]),
    cp_share=st.floats(0, 1),
    training=st.tuples(st.integers(1, 3), st.integers(0, 4)),
    channel=st.sampled_from(["awgn", "rayleigh"]),
    first_index=st.integers(0, 2**40),
    max_noutput_items=st.sampled_from([None, 1, 13, 1000]),
)
def test_any_link(
    shapes, modulation, labels, fft_len, cp_share, training, channel, first_index, max_noutput_items
):
    cp_len = int(cp_share * fft_len)
    config = LinkConfig(
        modulation,
        labels,
        channel,
        snr_db=np.inf,
        fft_len=fft_len,
        cp_len=cp_len,
        n_taps=min(8, cp_len + 1),
        training_symbols=training[0],
        training_period=training[1],
    )
    images = images_of(shapes)
    result = transmit(images, config, first_index, max_noutput_items)
    for sent, received in zip(images, result.images, strict=True):
        np.testing.assert_array_equal(received, sent)
