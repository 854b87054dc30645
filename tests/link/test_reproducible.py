#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Same seed, same bytes: in chunks of any size, in parts, in other processes, without SIMD kernels."""

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from honest import random_images

from gnuradio.aeiqa import Link, LinkConfig, transmit

# One of each kind of randomness, at error rates where every bit of the noise shows.
CONFIGS = {
    "awgn": LinkConfig("qam64", snr_db=8),
    "image fading": LinkConfig("qam16", channel="rayleigh", snr_db=10, estimation="ls-dft", equalizer="mmse"),
    "symbol fading": LinkConfig("qpsk", channel="rayleigh", fading="symbol", snr_db=8, estimation="perfect"),
    "jakes": LinkConfig(
        "qpsk",
        channel="rayleigh",
        fading="jakes",
        doppler=0.05,
        snr_db=8,
        training_symbols=2,
        training_period=3,
    ),
    "jakes, known": LinkConfig(
        "qam256", channel="rayleigh", fading="jakes", doppler=0.01, snr_db=20, estimation="perfect", n_taps=1
    ),
    "table2 awgn": LinkConfig("qam16", preset="table2", snr_db=5, images_per_burst=1),
    "table2 rayleigh": LinkConfig("qpsk", preset="table2", channel="rayleigh", snr_db=5, images_per_burst=1),
}
each_config = pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)

IMAGES = random_images(12, (19, 11))


def blocks_of(link):
    return (
        link.source,
        link.mapper,
        link.modulator,
        link.channel,
        link.demodulator,
        link.equalizer,
        link.demapper,
        link.sink,
    )


def received(images, config, first_index=0):
    return transmit(images, config, first_index).images


@each_config
@pytest.mark.parametrize("items", [1, 7, 97, 4096])
def test_whatever_a_block_may_make_at_once(config, items):
    # Block by block: the limit of a whole flowgraph, top_block.run(n), only reaches its sinks.
    link = Link(IMAGES, config)
    for block in blocks_of(link):
        block.set_max_noutput_items(items)
    link.run()
    np.testing.assert_array_equal(link.sink.take_pixels(), received(IMAGES, config).ravel())


@each_config
def test_blocks_that_work_in_chunks_of_different_sizes(config):
    link = Link(IMAGES, config)
    for block, items in zip(blocks_of(link), (5, 3, 81, 13, 2, 1, 101, 64), strict=True):
        block.set_max_noutput_items(items)
    link.run()
    np.testing.assert_array_equal(link.sink.take_pixels(), received(IMAGES, config).ravel())


@each_config
@pytest.mark.parametrize("items", [1, 7, 4096])
def test_transmit_with_a_limit(config, items):
    result = transmit(IMAGES, config, max_noutput_items=items)
    np.testing.assert_array_equal(result.images, received(IMAGES, config))


@each_config
def test_images_sent_one_by_one(config):
    alone = [received(IMAGES[i : i + 1], config, first_index=i)[0] for i in range(len(IMAGES))]
    np.testing.assert_array_equal(alone, received(IMAGES, config))


@each_config
def test_parts_in_any_order(config):
    whole = transmit(IMAGES, config)
    for start, end in ((7, 12), (0, 3), (3, 7)):
        part = transmit(IMAGES[start:end], config, first_index=start)
        np.testing.assert_array_equal(part.images, whole.images[start:end])
        np.testing.assert_array_equal(part.bit_errors, whole.bit_errors[start:end])


@each_config
def test_an_image_does_not_feel_those_before_it(config):
    # Same index, other neighbours, of other sizes.
    mixed = [random_images(1, (30, 4))[0], random_images(1, (1, 1))[0], IMAGES[2]]
    np.testing.assert_array_equal(received(mixed, config)[2], received(IMAGES, config)[2])


@each_config
def test_an_array_and_a_list_are_the_same(config):
    np.testing.assert_array_equal(received(list(IMAGES), config), received(IMAGES, config))


@each_config
def test_seeds_and_indices_give_other_noise(config):
    settings = {name: getattr(config, name) for name in config.__dataclass_fields__}
    reference = received(IMAGES, config)
    for other in (0, 2, 2**32 + 1, 2**64 - 1):
        changed = received(IMAGES, LinkConfig(**(settings | {"seed": other})))
        assert np.all(np.any(changed != reference, axis=(1, 2)))
    shifted = received(IMAGES, config, first_index=2**32)
    assert np.all(np.any(shifted != reference, axis=(1, 2)))


def test_the_same_pixels_twice_meet_other_noise():
    config = CONFIGS["awgn"]
    twice = received(np.stack([IMAGES[0]] * 2), config)
    assert np.any(twice[0] != twice[1])


def digest(name, start=0, end=None):
    """SHA-256 of what arrives; found by name, as another process is to call it."""
    end = len(IMAGES) if end is None else end
    return hashlib.sha256(received(IMAGES[start:end], CONFIGS[name], first_index=start).tobytes()).hexdigest()


def test_two_processes_send_what_one_does():
    halves = [(name, start, start + 6) for name in CONFIGS for start in (0, 6)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        elsewhere = list(pool.map(digest, *zip(*halves, strict=True)))
    assert elsewhere == [digest(*half) for half in halves]


def test_without_simd_kernels():
    here = os.path.dirname(__file__)
    script = (
        f"import sys; sys.path.insert(0, {here!r}); import test_reproducible as t;"
        "print(*map(t.digest, t.CONFIGS))"
    )
    process = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "VOLK_GENERIC": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.split() == [digest(name) for name in CONFIGS]
