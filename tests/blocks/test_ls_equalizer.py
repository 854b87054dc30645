#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""ls_equalizer against NumPy: estimates, training again and again, known channel, weights, noise output."""

import numpy as np
import pmt
import pytest
from one_block import make_tag, run

from gnuradio.aeiqa import ls_equalizer

N, CP = 64, 16
rng = np.random.default_rng(23)
TRAINING = np.exp(-1j * np.pi * np.arange(N) ** 2 / N)  # Zadoff-Chu


def gaussian(*shape):
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2)


def response_of(n_taps):
    """A random channel of so many taps, by carrier, of unit mean power."""
    return np.fft.fft(gaussian(n_taps) / np.sqrt(n_taps), N)


def burst(h, training=1, data=3, noise=0.0):
    """Received training and data symbols under a response, and the data sent."""
    sent = gaussian(data, N)
    known = np.tile(TRAINING, (training, 1))
    received = np.concatenate([known, sent]) * h + noise * gaussian(training + data, N)
    return received.astype(np.complex64), sent


def equalize(block, symbols, tags=None, noise_port=False, max_items=None):
    tags = [make_tag(0, index=0)] if tags is None else tags
    outputs = [("complex64", N), ("float32", N)] if noise_port else [("complex64", N)]
    return run(block, (symbols, tags), outputs=outputs, max_items=max_items)


def truncated(h, taps=CP + 1):
    """A prefix of CP samples holds a channel of CP + 1 taps."""
    impulse = np.fft.ifft(h)
    impulse[taps:] = 0
    return np.fft.fft(impulse)


def beyond_prefix(h, training):
    """Noise variance of a carrier, from where a channel within the prefix has no taps."""
    return training * np.mean(np.abs(np.fft.ifft(h, norm="ortho")[CP + 1 :]) ** 2)


@pytest.mark.parametrize("training", [1, 2, 5])
@pytest.mark.parametrize("max_items", [None, 1])
def test_ls_is_the_mean_over_the_training_symbols(training, max_items):
    received, _ = burst(response_of(8), training, noise=0.1)
    block = ls_equalizer(estimation="ls", training_symbols=training)
    (out,) = equalize(block, received, max_items=max_items)
    h = np.mean(received[:training] / TRAINING, axis=0)
    np.testing.assert_allclose(block.response(), h, atol=1e-5)
    np.testing.assert_allclose(out.items, received[training:] / h, rtol=1e-3)
    assert list(out.values()) == [0]


@pytest.mark.parametrize("training", [1, 3])
def test_ls_dft_keeps_the_taps_within_the_prefix(training):
    received, _ = burst(response_of(8), training, noise=0.3)
    block = ls_equalizer(estimation="ls-dft", training_symbols=training)
    (out,) = equalize(block, received)
    h = truncated(np.mean(received[:training] / TRAINING, axis=0))
    np.testing.assert_allclose(block.response(), h, atol=1e-5)
    np.testing.assert_allclose(out.items, received[training:] / h, rtol=1e-3)


@pytest.mark.parametrize("n_taps", [1, CP, CP + 1])
@pytest.mark.parametrize("estimation", ["ls", "ls-dft"])
def test_without_noise_any_channel_within_the_prefix_is_undone(n_taps, estimation):
    received, sent = burst(response_of(n_taps))
    (out,) = equalize(ls_equalizer(estimation=estimation), received)
    np.testing.assert_allclose(out.items, sent, atol=1e-3)


def test_truncation_takes_away_the_noise_of_the_other_taps():
    errors = {"ls": [], "ls-dft": []}
    for _ in range(200):
        h = response_of(8)
        received, _ = burst(h, noise=1.0)
        for estimation, squares in errors.items():
            block = ls_equalizer(estimation=estimation)
            equalize(block, received)
            squares.append(np.mean(np.abs(np.array(block.response()) - h) ** 2))
    # (CP + 1)/N of the noise is left; 200 x 64 and 200 x 17 independent squares.
    assert np.mean(errors["ls"]) == pytest.approx(1, rel=3.3 / np.sqrt(200 * N))
    assert np.mean(errors["ls-dft"]) == pytest.approx((CP + 1) / N, rel=3.3 / np.sqrt(200 * (CP + 1)))


@pytest.mark.parametrize("max_items", [None, 1, 2])
@pytest.mark.parametrize(("training", "period"), [(1, 1), (1, 2), (2, 3)])
def test_every_group_has_its_own_estimate(training, period, max_items):
    groups = []
    for _ in range(4):
        received, sent = burst(response_of(8), training, period, noise=0.05)
        groups.append((received, sent))
    block = ls_equalizer(estimation="ls", training_symbols=training, training_period=period)
    (out,) = equalize(block, np.concatenate([received for received, _ in groups]), max_items=max_items)
    expected = [r[training:] / np.mean(r[:training] / TRAINING, axis=0) for r, _ in groups]
    np.testing.assert_allclose(out.items, np.concatenate(expected), rtol=2e-3)


def test_each_image_has_its_own_estimate_and_its_tag_on_the_first_data_symbol():
    first, sent_first = burst(response_of(8), data=3)
    second, sent_second = burst(response_of(8), data=2)
    tags = [make_tag(0, index=0, label=7), make_tag(4, index=1, label=8)]
    (out,) = equalize(ls_equalizer(), np.concatenate([first, second]), tags)
    np.testing.assert_allclose(out.items, np.concatenate([sent_first, sent_second]), atol=1e-3)
    assert {offset: tag["label"] for offset, tag in out.values().items()} == {0: 7, 3: 8}


def test_an_image_cut_short_leaves_the_next_intact():
    first, _ = burst(response_of(8), training=2, data=1)
    second, sent_second = burst(response_of(8), training=2, data=2)
    # Only one of the first image's training symbols and no data: its half-made estimate must not leak.
    symbols = np.concatenate([first[:1], second])
    tags = [make_tag(0, index=0), make_tag(1, index=1)]
    (out,) = equalize(ls_equalizer(training_symbols=2), symbols, tags)
    np.testing.assert_allclose(out.items, sent_second, atol=1e-3)


def test_symbols_before_the_first_image_are_dropped():
    received, sent = burst(response_of(8))
    (out,) = equalize(ls_equalizer(), np.concatenate([received, received]), [make_tag(4, index=0)])
    np.testing.assert_allclose(out.items, sent, atol=1e-3)
    (out,) = equalize(ls_equalizer(), received, [])
    assert out.items.size == 0


@pytest.mark.parametrize("max_items", [None, 1])
def test_perfect_takes_the_response_from_tags_and_leaves_out_training(max_items):
    h = [response_of(8) for _ in range(3)]
    received = [burst(h[0], 1, 2), burst(h[1], 0, 2), burst(h[2], 1, 1)]
    tags = [make_tag(0, index=0), make_tag(5, index=1)]
    tags += [make_tag(at, "csi", value=response) for at, response in zip((0, 3, 5), h, strict=True)]
    block = ls_equalizer(estimation="perfect")
    (out,) = equalize(block, np.concatenate([r for r, _ in received]), tags, max_items=max_items)
    np.testing.assert_allclose(out.items, np.concatenate([sent for _, sent in received]), atol=1e-3)
    assert not out.values("csi")
    np.testing.assert_allclose(block.response(), h[2], atol=1e-5)


def test_none_changes_nothing_but_drops_training():
    received, _ = burst(response_of(8), 2, 3)
    block = ls_equalizer(estimation="none", training_symbols=2)
    (out,) = equalize(block, received)
    np.testing.assert_array_equal(out.items, received[2:])
    np.testing.assert_array_equal(block.response(), np.ones(N))


def test_the_first_data_symbol_known():
    # As in the table2 preset: it is both training and data, and where it is silent H stays 1.
    known = gaussian(N)
    known[50:] = 0
    h = response_of(8)
    received = (np.stack([known, gaussian(N)]) * h).astype(np.complex64)
    received[0, 50:] = 0.3
    block = ls_equalizer(estimation="ls", training_symbols=0)
    (out,) = equalize(block, received, [make_tag(0, index=0, known_symbol=known)])
    expected = np.where(np.arange(N) < 50, h, 1)
    np.testing.assert_allclose(block.response(), expected, rtol=1e-4)
    np.testing.assert_allclose(out.items, received / expected, rtol=1e-3)


def test_mmse_is_unbiased():
    received, _ = burst(response_of(8), noise=0.3)
    block = ls_equalizer(estimation="ls", equalizer="mmse", noise_variance=0.09)
    (out,) = equalize(block, received)
    h = received[0] / TRAINING
    # Its weight leaves the gain's share of each symbol, which comes off again.
    weight = h.conj() / (np.abs(h) ** 2 + 0.09)
    gain = np.abs(h) ** 2 / (np.abs(h) ** 2 + 0.09)
    np.testing.assert_allclose(out.items, received[1:] * weight / gain, rtol=1e-4)


@pytest.mark.parametrize("training", [1, 4])
@pytest.mark.parametrize("equalizer", ["zf", "mmse"])
@pytest.mark.parametrize("given", [0.0, 0.2])
def test_noise_output_is_the_variance_after_equalising(training, equalizer, given):
    received, _ = burst(response_of(8), training, noise=0.4)
    block = ls_equalizer(
        equalizer=equalizer, training_symbols=training, noise_variance=given, estimation="ls"
    )
    _, noise = equalize(block, received, noise_port=True)
    h = np.mean(received[:training] / TRAINING, axis=0)
    variance = given or beyond_prefix(h, training)
    np.testing.assert_allclose(noise.items, np.tile(variance / np.abs(h) ** 2, (3, 1)), rtol=1e-3)
    assert block.snr_db() == pytest.approx(10 * np.log10(np.mean(np.abs(h) ** 2) / variance), abs=1e-3)


@pytest.mark.parametrize("training", [1, 3])
def test_the_noise_estimate_is_unbiased(training):
    estimates = []
    for _ in range(300):
        received, _ = burst(response_of(CP + 1), training, data=1, noise=0.5)
        block = ls_equalizer(training_symbols=training)
        equalize(block, received)
        estimates.append(np.mean(np.abs(block.response()) ** 2) / 10 ** (block.snr_db() / 10))
    # 47 squares an estimate.
    assert np.mean(estimates) == pytest.approx(0.25, rel=3.3 / np.sqrt(300 * (N - CP - 1)))


def test_before_any_estimate():
    block = ls_equalizer()
    np.testing.assert_array_equal(block.response(), np.ones(N))
    assert np.isnan(block.snr_db())
    assert ls_equalizer(noise_variance=0.1).snr_db() == pytest.approx(10)


def test_dead_carriers_come_out_as_nothing():
    h = response_of(8)
    h[5] = 0
    received, sent = burst(h)
    for equalizer in ("zf", "mmse"):
        (out,) = equalize(ls_equalizer(equalizer=equalizer, noise_variance=1e-9), received)
        assert np.all(np.isfinite(out.items))
        np.testing.assert_array_equal(out.items[:, 5], np.zeros(3))
        alive = np.arange(N) != 5
        np.testing.assert_allclose(out.items[:, alive], sent[:, alive], atol=1e-2)


@pytest.mark.parametrize("equalizer", ["zf", "mmse"])
def test_a_dead_carrier_is_not_called_noiseless(equalizer):
    # Nothing is known of what it bore: a soft decision that took its noise for 0 would be certain.
    h = response_of(8)
    h[5] = 0
    received, _ = burst(h)
    _, noise = equalize(ls_equalizer(equalizer=equalizer, noise_variance=0.1), received, noise_port=True)
    assert np.all(noise.items[:, 5] > 1e6)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_broken_symbol_spoils_only_its_image(bad):
    first, _ = burst(response_of(8))
    second, sent = burst(response_of(8))
    first[0, 3] = bad
    tags = [make_tag(0, index=0), make_tag(4, index=1)]
    for estimation in ("ls", "ls-dft"):
        (out,) = equalize(ls_equalizer(estimation=estimation), np.concatenate([first, second]), tags)
        np.testing.assert_allclose(out.items[3:], sent, atol=1e-3)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"fft_len": 10}, "fft_len must be a multiple of 8 from 8 to 8192, got 10"),
        ({"cp_len": 65}, "cp_len must be from 0 to fft_len = 64, got 65"),
        ({"estimation": "lmmse"}, "estimation must be none, ls, ls-dft or perfect, got 'lmmse'"),
        ({"equalizer": "dfe"}, "equalizer must be zf or mmse, got 'dfe'"),
        ({"training_symbols": -1}, "training_symbols must be 0 or more, got -1"),
        (
            {"training_symbols": 0, "training_period": 1},
            "training_period needs training_symbols of 1 or more",
        ),
        ({"noise_variance": -1.0}, "noise_variance must be 0 (estimate it) or more, got -1"),
        ({"noise_variance": np.nan}, "noise_variance must be 0 (estimate it) or more, got nan"),
        ({"noise_variance": np.inf}, "noise_variance must be 0 (estimate it) or more, got inf"),
    ],
)
def test_wrong_arguments_are_named(arguments, says):
    with pytest.raises(ValueError) as caught:
        ls_equalizer(**arguments)
    assert says in str(caught.value)


@pytest.mark.parametrize("set_to", [0, 1, 9])
@pytest.mark.parametrize("max_items", [None, 1])
def test_a_tag_that_tells_the_number_of_training_symbols_is_obeyed(set_to, max_items):
    h = response_of(8)
    images = [(3, 4), (5, 2), (None, 3)]  # (training told, data)
    pieces, sent, tags = [], [], []
    for index, (told, data) in enumerate(images):
        received, points = burst(h, set_to if told is None else told, data)
        more = {} if told is None else {"training": told}
        tags.append(make_tag(sum(map(len, pieces)), index=index, **more))
        pieces.append(received)
        sent.append(points)
    block = ls_equalizer(estimation="ls" if set_to else "none", training_symbols=set_to)
    (out,) = equalize(block, np.concatenate(pieces), tags, max_items=max_items)
    assert list(out.values()) == [0, 4, 6]
    expected = np.concatenate(sent) * (1 if set_to else h)
    np.testing.assert_allclose(out.items, expected, rtol=1e-3)


def signs(n):
    """1 - 2 b of the first n pseudo-random bits in docs/air.md."""
    bits = [0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1]  # the register, oldest first
    for i in range(15, 15 + n):
        bits.append(bits[i - 14] ^ bits[i - 15])
    return 1 - 2 * np.array(bits[15:])


@pytest.mark.parametrize("told", [True, False])
def test_a_tag_that_tells_the_clocks_drift_leaves_nothing_to_derotator(told):
    pilots, drift = [-21, -7, 7, 21], 1e-3
    data = [k for k in range(-26, 27) if k and k not in pilots]
    carriers = np.zeros((5, N), complex)  # one training symbol, four of data
    carriers[0, sorted(data + pilots)] = signs(1052)[1000:]
    carriers[1:, data] = sent = gaussian(4, 48)
    carriers[1:, pilots] = signs(16).reshape(4, 4)
    turned = carriers * np.exp(1j * drift * np.fft.fftfreq(N, 1 / N) * np.arange(5)[:, None])
    block = ls_equalizer(estimation="ls", data_carriers=data, pilot_carriers=pilots)
    tag = make_tag(0, index=0, **({"drift": pmt.from_double(drift)} if told else {}))
    (out,) = run(block, (turned.astype(np.complex64), [tag]), outputs=[("complex64", 48)])
    error = np.abs(out.items - sent).max()
    assert error < 1e-5 if told else error > 1e-3
