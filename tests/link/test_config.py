#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""LinkConfig: each field refuses what cannot be, by name; presets fill in the rest; images are checked."""

import dataclasses
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gnuradio.aeiqa import InputError, LinkConfig, transmit
from gnuradio.aeiqa.link.config import BITS_PER_SYMBOL

# Field, wrong value, what the message has to say is allowed.
WRONG = [
    ("modulation", "qam8", "bpsk, qpsk, qam16, qam64, qam256, qam1024"),
    ("modulation", "QPSK", "qpsk"),
    ("modulation", None, "qpsk"),
    ("modulation", 16, "qam16"),
    ("labels", "grey", "natural, gray"),
    ("channel", "rician", "awgn, rayleigh"),
    ("channel", None, "awgn, rayleigh"),
    ("preset", "table3", "physical, table2"),
    ("fading", "fast", "image, symbol, jakes"),
    ("estimation", "lmmse", "none, ls, ls-dft, perfect"),
    ("equalizer", "ml", "zf, mmse"),
    ("snr_db", math.nan, "number"),
    ("snr_db", -math.inf, "-300 to 300"),
    ("snr_db", 301, "-300 to 300"),
    ("snr_db", "10", "number"),
    ("snr_db", None, "number"),
    ("snr_db", True, "number"),
    ("snr_db", 1j, "number"),
    ("fft_len", 0, "8 to 8192"),
    ("fft_len", 4, "8 to 8192"),
    ("fft_len", 65, "multiple of 8"),
    ("fft_len", 60, "multiple of 8"),
    ("fft_len", 16384, "8 to 8192"),
    ("fft_len", -64, "8 to 8192"),
    ("fft_len", 64.0, "whole number"),
    ("fft_len", "64", "whole number"),
    ("fft_len", None, "whole number"),
    ("fft_len", True, "whole number"),
    ("cp_len", -1, "0 to"),
    ("cp_len", 65, "fft_len = 64"),
    ("cp_len", 1.5, "whole number"),
    ("cp_len", math.nan, "whole number"),
    ("n_taps", 0, "1 to"),
    ("n_taps", 65, "fft_len = 64"),
    ("n_taps", "8", "whole number"),
    ("doppler", -0.1, "from 0 to"),
    ("doppler", 0.5, "from 0 to"),
    ("doppler", math.nan, "number"),
    ("doppler", "0.1", "number"),
    ("doppler", math.inf, "from 0 to"),
    ("doppler", 0.01, "jakes"),
    ("training_symbols", -1, "0 to 1000"),
    ("training_symbols", 1001, "0 to 1000"),
    ("training_symbols", 0, "1 or more"),
    ("training_symbols", 1.0, "whole number"),
    ("training_period", -1, "0 to 1000000"),
    ("training_period", 10**6 + 1, "0 to 1000000"),
    ("training_period", "2", "whole number"),
    ("seed", -1, "0 to 18446744073709551615"),
    ("seed", 2**64, "0 to 18446744073709551615"),
    ("seed", 1.0, "whole number"),
    ("seed", None, "whole number"),
]


@pytest.mark.parametrize(("field", "value", "allowed"), WRONG)
def test_a_wrong_value_is_named_with_what_is_allowed(field, value, allowed):
    with pytest.raises(ValueError) as caught:
        LinkConfig(**{field: value})
    message = str(caught.value)
    assert isinstance(caught.value, InputError)
    assert message.startswith(f"{field}: ")
    assert str(value) in message
    assert allowed in message
    assert "\n" not in message


def test_training_that_comes_again_needs_training():
    with pytest.raises(InputError, match=r"^training_period: .*training_symbols.* got 0"):
        LinkConfig(estimation="none", training_symbols=0, training_period=3)


def test_unknown_fields_are_no_fields():
    with pytest.raises(TypeError):
        LinkConfig(snr=10)


def test_the_physical_preset_fills_in():
    config = LinkConfig()
    assert dataclasses.asdict(config) == {
        "modulation": "qam16",
        "labels": "gray",
        "channel": "awgn",
        "preset": "physical",
        "snr_db": 10.0,
        "fft_len": 64,
        "cp_len": 16,
        "n_taps": 8,
        "doppler": 0.0,
        "fading": "image",
        "estimation": "ls",
        "equalizer": "zf",
        "training_symbols": 1,
        "training_period": 0,
        "images_per_burst": 1,
        "seed": 1,
    }


@pytest.mark.parametrize(("channel", "estimation"), [("awgn", "none"), ("rayleigh", "ls")])
def test_the_table2_preset_fills_in(channel, estimation):
    config = LinkConfig(preset="table2", channel=channel)
    assert (config.labels, config.estimation, config.equalizer) == ("natural", estimation, "zf")
    assert (config.training_symbols, config.training_period, config.n_taps) == (0, 0, 8)
    assert config.images_per_burst == 0
    assert (config.fft_len, config.cp_len) == (64, 16)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n_taps", 4),
        ("fading", "symbol"),
        ("doppler", 0.1),
        ("equalizer", "mmse"),
        ("training_symbols", 1),
        ("training_period", 2),
        ("estimation", "perfect"),
        ("estimation", "ls-dft"),
    ],
)
@pytest.mark.parametrize("channel", ["awgn", "rayleigh"])
def test_table2_refuses_what_it_fixes(field, value, channel):
    with pytest.raises(InputError, match=rf"^{field}: the table2 preset fixes it") as caught:
        LinkConfig(preset="table2", channel=channel, **{field: value})
    assert repr(value) in str(caught.value)


def test_table2_fixes_the_estimate_by_channel():
    with pytest.raises(InputError, match=r"^estimation: .*'none' on awgn"):
        LinkConfig(preset="table2", channel="awgn", estimation="ls")
    with pytest.raises(InputError, match=r"^estimation: .*'ls' on rayleigh"):
        LinkConfig(preset="table2", channel="rayleigh", estimation="none")


def test_table2_takes_its_own_values_spelt_out():
    spelt_out = LinkConfig(preset="table2", channel="rayleigh", n_taps=8, estimation="ls", training_symbols=0)
    assert spelt_out == LinkConfig(preset="table2", channel="rayleigh")


def test_table2_leaves_labels_lengths_and_seed_free():
    config = LinkConfig(preset="table2", labels="gray", fft_len=128, cp_len=8, seed=5)
    assert (config.labels, config.fft_len, config.cp_len, config.seed) == ("gray", 128, 8, 5)


def test_a_config_is_frozen_comparable_and_hashable():
    config = LinkConfig("qpsk")
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.snr_db = 3.0
    assert config == LinkConfig("qpsk")
    assert config != LinkConfig("qpsk", seed=2)
    assert hash(config) == hash(LinkConfig("qpsk"))
    assert pickle.loads(pickle.dumps(config)) == config


def test_a_config_made_from_its_own_fields_is_the_same():
    for config in (
        LinkConfig(),
        LinkConfig(preset="table2"),
        LinkConfig(preset="table2", channel="rayleigh"),
    ):
        assert LinkConfig(**dataclasses.asdict(config)) == config
        assert dataclasses.replace(config, seed=1) == config


def test_numpy_numbers_will_do():
    config = LinkConfig(fft_len=np.int64(128), snr_db=np.float32(10), seed=np.uint64(2**64 - 1))
    transmit(np.zeros((1, 2, 2), np.uint8), config)


@given(modulation=st.sampled_from(list(BITS_PER_SYMBOL)), snr_db=st.floats(-300, 300))
def test_eb_n0_is_es_n0_shared_by_the_bits(modulation, snr_db):
    config = LinkConfig(modulation, snr_db=snr_db)
    bits = {"bpsk": 1, "qpsk": 2, "qam16": 4, "qam64": 6, "qam256": 8, "qam1024": 10}[modulation]
    assert config.bits_per_symbol == bits
    assert config.eb_n0_db == pytest.approx(snr_db - 10 * math.log10(bits), abs=1e-9)
    assert config.noise_variance == pytest.approx(10 ** (-snr_db / 10), rel=1e-9)


def test_without_noise():
    config = LinkConfig(snr_db=math.inf)
    assert config.noise_variance == 0
    assert config.eb_n0_db == math.inf


def test_each_preset_defines_its_snr():
    assert "Es/N0" in LinkConfig().snr_definition
    assert "time domain" in LinkConfig(preset="table2").snr_definition


@pytest.mark.parametrize(
    ("images", "says"),
    [
        ([], "at least one"),
        (np.zeros((0, 28, 28), np.uint8), "at least one"),
        (np.zeros((28, 28), np.uint8), "(28, 28)"),
        (np.zeros(28, np.uint8), "(28,)"),
        (np.zeros((1, 2, 3, 4, 5), np.uint8), "(1, 2, 3, 4, 5)"),
        (np.zeros((3, 0, 28), np.uint8), "not empty"),
        (np.zeros((2, 4, 4)), "uint8, got float64"),
        (np.zeros((2, 4, 4), np.int8), "uint8, got int8"),
        (np.zeros((2, 4, 4), bool), "uint8, got bool"),
        ([np.zeros((4, 4), np.uint8), np.zeros((4, 4))], "uint8, got float64"),
        ([np.zeros((4, 4), np.uint8), np.zeros(4, np.uint8)], "number 1"),
        ([np.zeros((4, 4), np.uint8), np.zeros((0, 4), np.uint8)], "number 1"),
        ([[[1, 2], [3, 4]]], "number 0"),
        (["picture.png"], "number 0"),
        ([None], "number 0"),
        (None, "images"),
        (5, "images"),
        (np.uint8(5), "images"),
        ([np.zeros((1, 2**20 + 1), np.uint8)], "images"),
    ],
)
def test_bad_images_are_named(images, says):
    with pytest.raises(InputError, match=r"^images: [^\n]*$") as caught:
        transmit(images, LinkConfig())
    assert says in str(caught.value)


@pytest.mark.parametrize("first_index", [-1, 1.5, None, "0", 2**63, 2**64])
def test_a_wrong_first_index_is_named(first_index):
    with pytest.raises(InputError, match=r"^first_index: "):
        transmit(np.zeros((1, 2, 2), np.uint8), LinkConfig(), first_index)


@pytest.mark.parametrize("limit", [0, -1, 1.5])
def test_a_wrong_limit_is_named(limit):
    with pytest.raises(InputError, match=r"^max_noutput_items: "):
        transmit(np.zeros((1, 2, 2), np.uint8), LinkConfig(), max_noutput_items=limit)
