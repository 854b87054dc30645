#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""channel: tags and state, known response, changes of SNR while running. Its statistics: tests/link."""

import numpy as np
import pytest
from gnuradio import blocks, gr
from one_block import make_tag, run, run_to_end, source_of, stream_of

from gnuradio.aeiqa import channel

rng = np.random.default_rng(13)
FADING = [("image", 0.0), ("symbol", 0.0), ("jakes", 0.03)]


def gaussian(count):
    return (rng.standard_normal(count) + 1j * rng.standard_normal(count)).astype(np.complex64)


def through(block, samples, tags=(), max_items=None):
    return run(block, (samples, tags), outputs=[("complex64", 1)], max_items=max_items)[0]


def test_a_stream_without_tags_is_image_0():
    samples = gaussian(800)
    untagged = through(channel("rayleigh", 10.0), samples)
    tagged = through(channel("rayleigh", 10.0), samples, [make_tag(0, index=0)])
    np.testing.assert_array_equal(untagged.items, tagged.items)


def test_samples_before_the_first_tag_pass_as_image_0():
    samples = gaussian(480)
    out = through(channel("rayleigh", 10.0), samples, [make_tag(160, index=5)])
    np.testing.assert_array_equal(out.items[:160], through(channel("rayleigh", 10.0), samples[:160]).items)
    alone = through(channel("rayleigh", 10.0), samples[160:], [make_tag(0, index=5)])
    np.testing.assert_array_equal(out.items[160:], alone.items)


@pytest.mark.parametrize(("fading", "doppler"), FADING)
@pytest.mark.parametrize("max_items", [1, 7, 79, 4096])
def test_chunks_make_no_difference(fading, doppler, max_items):
    samples = gaussian(1200)
    tags = [make_tag(0, index=0), make_tag(320, index=1), make_tag(640, index=9)]

    def send(limit):
        block = channel("rayleigh", 5.0, fading=fading, doppler=doppler, tag_csi=True)
        out = through(block, samples, tags, limit)
        return out.items, {offset: h.tolist() for offset, h in out.values("csi").items()}

    items, csi = send(max_items)
    whole_items, whole_csi = send(None)
    np.testing.assert_array_equal(items, whole_items)
    assert csi == whole_csi


def test_a_tag_within_a_symbol_starts_one():
    samples = gaussian(250)
    out = through(
        channel("rayleigh", 5.0, fading="symbol"), samples, [make_tag(0, index=0), make_tag(50, index=3)]
    )
    alone = through(channel("rayleigh", 5.0, fading="symbol"), samples[50:], [make_tag(0, index=3)])
    np.testing.assert_array_equal(out.items[50:], alone.items)


def test_tags_travel_on():
    tags = [make_tag(0, index=0, nbytes=9), make_tag(100, key="other", value=5)]
    out = through(channel("rayleigh"), gaussian(160), tags)
    assert out.values()[0]["nbytes"] == 9
    assert out.values("other") == {100: 5}
    assert not out.values("csi")


@pytest.mark.parametrize(("fading", "doppler"), FADING)
@pytest.mark.parametrize("n_taps", [1, 8])
def test_csi_is_what_the_channel_does_to_each_carrier(fading, doppler, n_taps):
    # Symbols with their prefix through the channel, without noise: Y / X is the tagged response. Under Jakes'
    # fading carriers leak into each other, so there the mean over many symbols X has to be it.
    doppler /= 30
    block = channel("rayleigh", np.inf, n_taps, fading, doppler, tag_csi=True)
    carriers = np.exp(2j * np.pi * rng.random((40, 64)))
    body = np.fft.ifft(carriers, norm="ortho")
    samples = np.concatenate([body[:, -16:], body], axis=1).ravel().astype(np.complex64)
    out = through(block, samples, [make_tag(0, index=0), make_tag(20 * 80, index=1)])
    csi = out.values("csi")
    assert list(csi) == ([0, 1600] if fading == "image" else list(range(0, 3200, 80)))
    measured = np.fft.fft(out.items.reshape(40, 80)[:, 16:], norm="ortho") / carriers
    for symbol in range(40):
        known = csi[max(offset for offset in csi if offset <= symbol * 80)]
        atol = 2e-5 if doppler == 0 else 2e-2
        np.testing.assert_allclose(measured[symbol], known, atol=atol)


def test_csi_under_fast_fading_is_the_diagonal_of_the_channel_matrix():
    # One carrier at a time, same image and so same fading: what stays on that carrier.
    h = []
    for k in range(64):
        body = np.exp(2j * np.pi * k * np.arange(-16, 64) / 64).astype(np.complex64) / 8
        block = channel("rayleigh", np.inf, 8, "jakes", 0.3, tag_csi=True)
        out = through(block, body, [make_tag(0, index=2)])
        h.append(np.fft.fft(out.items[16:], norm="ortho")[k])
    np.testing.assert_allclose(h, out.values("csi")[0], atol=1e-5)


def test_csi_of_awgn_is_one():
    out = through(
        channel("awgn", 0.0, tag_csi=True), gaussian(320), [make_tag(0, index=0), make_tag(160, index=1)]
    )
    csi = out.values("csi")
    assert list(csi) == [0, 160]
    assert all(np.all(h == 1) for h in csi.values())


class AtOffset(gr.sync_block):
    """Calls a function when an item has come by."""

    def __init__(self, offset, call):
        gr.sync_block.__init__(self, "at_offset", [np.complex64], [np.complex64])
        self.offset, self.call = offset, call

    def work(self, input_items, output_items):
        count = len(output_items[0])
        if self.nitems_read(0) <= self.offset < self.nitems_read(0) + count:
            self.call()
        output_items[0][:] = input_items[0]
        return count


def power_of_parts(tags, part, parts, call_at):
    """Noise power of stretches of the output; the SNR is raised to 40 dB once `call_at` has come out."""
    block = channel("awgn", 0.0)
    # So the channel is less than this ahead of what has come out.
    block.set_max_output_buffer(2048)
    trigger = AtOffset(call_at, lambda: block.set_snr_db(40.0))
    sink, top = blocks.vector_sink_c(), gr.top_block()
    top.connect(source_of(np.zeros(parts * part, np.complex64), tags), block, trigger, sink)
    run_to_end(top)
    assert block.snr_db() == 40.0
    samples = stream_of(sink, "complex64", 1).items
    return np.mean(np.abs(samples.reshape(parts, part)) ** 2, axis=1)


def test_a_new_snr_waits_for_the_next_image():
    tags = [make_tag(i * 1000, index=i) for i in range(40)]
    power = power_of_parts(tags, 1000, 40, call_at=3500)
    loud, quiet = power > 0.5, power < 2e-4
    # No image has some of both; the one that was under way stays loud, and those far behind are quiet.
    assert np.all(loud | quiet)
    assert np.all(loud[:4])
    assert np.all(quiet[-20:])
    assert np.count_nonzero(np.diff(loud)) == 1


def test_without_tags_a_new_snr_holds_at_once():
    power = power_of_parts((), 1000, 40, call_at=3500)
    assert np.all(power[:3] > 0.5)
    assert np.all(power[-20:] < 2e-4)


def test_a_new_snr_before_the_start_counts():
    block = channel("awgn", 0.0)
    block.set_snr_db(40.0)
    out = through(block, np.zeros(3000, np.complex64), [make_tag(0, index=0)])
    assert np.mean(np.abs(out.items) ** 2) < 2e-4


@pytest.mark.parametrize("snr_db", [np.nan, -np.inf])
def test_no_such_snr(snr_db):
    block = channel("awgn", 7.0)
    with pytest.raises(ValueError, match=r"snr_db must be .*got"):
        block.set_snr_db(snr_db)
    assert block.snr_db() == 7.0
    with pytest.raises(ValueError, match=r"snr_db must be .*got"):
        channel("awgn", snr_db)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_stays_where_it_came(bad):
    samples = gaussian(800)
    samples[100] = bad
    out = through(channel("rayleigh", 20.0), samples, [make_tag(0, index=0), make_tag(400, index=1)])
    clean = through(
        channel("rayleigh", 20.0),
        np.nan_to_num(samples, posinf=0),
        [make_tag(0, index=0), make_tag(400, index=1)],
    )
    spoilt = ~np.isfinite(out.items)
    assert set(np.flatnonzero(spoilt)) <= set(range(100, 108))
    np.testing.assert_array_equal(out.items[~spoilt], clean.items[~spoilt])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"model": "rice"}, "model must be awgn or rayleigh, got 'rice'"),
        ({"n_taps": 0}, "n_taps must be"),
        ({"n_taps": 65}, "n_taps must be from 1 to fft_len = 64, got 65"),
        ({"fading": "slow"}, "fading must be image, symbol or jakes, got 'slow'"),
        ({"fading": "jakes", "doppler": -1.0}, "doppler must be"),
        ({"fading": "jakes", "doppler": np.nan}, "doppler must be"),
        ({"fft_len": 20}, "fft_len must be a multiple of 8 from 8 to 8192, got 20"),
        ({"cp_len": 99}, "cp_len must be from 0 to fft_len = 64, got 99"),
    ],
)
@pytest.mark.parametrize("model", ["rayleigh", "awgn"])
def test_wrong_arguments_are_named(model, arguments, says):
    with pytest.raises(ValueError) as caught:
        channel(**({"model": model} | arguments))
    assert says in str(caught.value)
