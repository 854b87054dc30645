#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Settings changed while a flowgraph runs: from which image on, the tag that says so, and wrong values.

A changed block must give, image by image, the very bytes of one that was made with the settings.
"""

import threading
import time

import numpy as np
import pmt
import pytest
from gnuradio import blocks, gr
from one_block import HANGS_AFTER_S, make_tag, run_to_end, source_of, stream_of

from gnuradio.aeiqa import channel, ls_equalizer, table2_channel, try_setting

IMAGES, SYMBOLS, FFT_LEN, CP_LEN = 12, 6, 64, 16
SAMPLES = SYMBOLS * (FFT_LEN + CP_LEN)
CHUNKS = [None, 1, 7, 333]

rng = np.random.default_rng(20)
samples = (rng.standard_normal((IMAGES, SAMPLES)) + 1j * rng.standard_normal((IMAGES, SAMPLES))).astype("c8")
carriers = samples[:, : SYMBOLS * FFT_LEN].reshape(IMAGES * SYMBOLS, FFT_LEN)

RAYLEIGH = {"model": "rayleigh", "tag_csi": True}
CHANGES = [
    (channel, RAYLEIGH, {"snr_db": 25.0}),
    (channel, RAYLEIGH | {"snr_db": np.inf}, {"snr_db": 3.0}),
    (channel, RAYLEIGH, {"fading": "symbol"}),
    (channel, RAYLEIGH | {"fading": "symbol"}, {"fading": "image"}),
    (channel, RAYLEIGH, {"fading": "jakes", "doppler": 0.05}),
    (channel, RAYLEIGH | {"fading": "jakes", "doppler": 0.05}, {"doppler": 0.2}),
    (channel, RAYLEIGH | {"fading": "jakes", "doppler": 0.05}, {"doppler": 0.0}),
    (channel, RAYLEIGH | {"fading": "jakes", "doppler": 0.05}, {"fading": "image", "snr_db": 0.0}),
    (channel, {"model": "awgn"}, {"fading": "jakes", "doppler": 0.1}),
    (table2_channel, {"model": "rayleigh"}, {"snr_db": 25.0}),
    (ls_equalizer, {}, {"estimation": "ls-dft"}),
    (ls_equalizer, {"estimation": "ls-dft"}, {"estimation": "ls"}),
    (ls_equalizer, {}, {"estimation": "none"}),
    (ls_equalizer, {"equalizer": "mmse"}, {"estimation": "none"}),
    (ls_equalizer, {}, {"estimation": "perfect"}),
    (ls_equalizer, {"estimation": "perfect"}, {"estimation": "ls", "equalizer": "mmse"}),
    (ls_equalizer, {"equalizer": "mmse"}, {"noise_variance": 0.5}),
]


class Gate(gr.sync_block):
    """Lets items before an offset pass, then calls a function once all of them have gone through it.

    What the function sets is then known to come when the block behind has seen nothing of the item there.
    """

    def __init__(self, dtype, offset, call):
        gr.sync_block.__init__(self, "gate", [dtype], [dtype])
        self.offset, self.call = offset, call

    def work(self, input_items, output_items):
        here = self.nitems_written(0)
        if here == self.offset:
            self.call()
        count = min(len(output_items[0]), self.offset - here if here < self.offset else 2**31)
        output_items[0][:count] = input_items[0][:count]
        return count


def stream_for(make):
    """Items of all images, tags, and items an image, as the block takes them."""
    if make is ls_equalizer:
        tags = [make_tag(i * SYMBOLS, index=i) for i in range(IMAGES)]
        for i in range(IMAGES * SYMBOLS):
            tags.append(make_tag(i, key="csi", value=1 + carriers[i] / 4))
        return carriers, tags, SYMBOLS
    tags = [make_tag(i * SAMPLES, index=i, symbols=SYMBOLS) for i in range(IMAGES)]
    return samples.ravel(), tags, SAMPLES


def send(block, make, chunk=None, before=None, call=None):
    """Output of the block for all images, one row an image, and {image: setting}; and its csi tags.

    ``call`` is called before the last item of image ``before`` - 1 has reached the block, so that the change
    is there in time for image ``before`` and too late for those in front of it.
    """
    items, tags, per_image = stream_for(make)
    source = source_of(items, tags)
    vlen = FFT_LEN if make is ls_equalizer else 1
    per_output = (SYMBOLS - 1 if make is ls_equalizer else SAMPLES) * vlen
    top, sink = gr.top_block(), blocks.vector_sink_c(vlen)
    if chunk:
        block.set_max_noutput_items(chunk)
    chain = [source, block, sink]
    if call:
        dtype = (np.complex64, vlen) if vlen > 1 else np.complex64

        def once_there():
            # The block has taken in all in front of the gate's offset, the start of image before - 1 with it.
            deadline = time.monotonic() + HANGS_AFTER_S
            while block.nitems_read(0) < before * per_image - 1 and time.monotonic() < deadline:
                time.sleep(0.001)
            call()

        chain.insert(1, Gate(dtype, before * per_image - 1, once_there))
    top.connect(*chain)
    run_to_end(top)
    stream = stream_of(sink, "complex64", vlen)
    step = per_output // vlen
    settings = {offset / step: value for offset, value in stream.values("setting").items()}
    csi = {offset: list(value) for offset, value in stream.values("csi").items()}
    return stream.items.reshape(IMAGES, per_output), settings, csi


def change(block, changes):
    for name, value in changes.items():
        getattr(block, f"set_{name}")(value)


def described(case):
    make, first, changes = case
    return f"{make.__name__}-{first}-{changes}".replace(" ", "")


@pytest.mark.parametrize("chunk", CHUNKS)
@pytest.mark.parametrize("case", CHANGES, ids=described)
def test_a_change_holds_from_the_next_image_on(case, chunk):
    make, first, changes = case
    before = 5
    block = make(**first)
    got, settings, csi = send(block, make, chunk, before, lambda: change(block, changes))
    old, none, old_csi = send(make(**first), make)
    new, _, new_csi = send(make(**(first | changes)), make)
    np.testing.assert_array_equal(got[:before], old[:before])
    np.testing.assert_array_equal(got[before:], new[before:])
    assert none == {}
    assert settings == {before: changes}
    boundary = before * SAMPLES
    assert {at: h for at, h in csi.items() if at < boundary} == {
        at: h for at, h in old_csi.items() if at < boundary
    }
    assert {at: h for at, h in csi.items() if at >= boundary} == {
        at: h for at, h in new_csi.items() if at >= boundary
    }
    # Nothing shown if the change changes nothing; only the model without fading has none of it.
    assert first.get("model") == "awgn" or not np.array_equal(old, new)


@pytest.mark.parametrize("case", CHANGES, ids=described)
def test_a_message_does_the_same(case):
    make, first, changes = case
    block = make(**first)
    message = pmt.to_pmt(changes) if len(changes) > 1 else pmt.cons(*map(pmt.to_pmt, *changes.items()))
    # Before the start, so that it is known when it is taken: at the first call.
    block.to_basic_block()._post(pmt.intern("cmd"), message)
    got, settings, _ = send(block, make)
    new, _, _ = send(make(**(first | changes)), make)
    np.testing.assert_array_equal(got, new)
    assert settings == {0: changes}
    assert {name: getattr(block, name)() for name in changes} == changes


def test_another_thread_may_change_settings_all_the_time():
    """Each image is as a block with the settings of the tags so far makes it: no mixture of two."""
    values = [float(snr_db) for snr_db in range(-10, 30)]
    expected = {snr_db: send(channel("rayleigh", snr_db), channel)[0] for snr_db in values}
    block, done = channel("rayleigh", 10.0), threading.Event()
    # Slowly enough that there are changes in between.
    block.set_max_output_buffer(512)

    def turn():
        i = 0
        while not done.is_set():
            block.set_snr_db(values[i % len(values)])
            block.snr_db(), block.fading()
            i += 1

    turner = threading.Thread(target=turn)
    turner.start()
    try:
        got, settings, _ = send(block, channel)
    finally:
        done.set()
        turner.join()
    now = 10.0
    for i in range(IMAGES):
        now = settings.get(i, {"snr_db": now})["snr_db"]
        np.testing.assert_array_equal(got[i], expected[now][i])
    assert settings.keys() <= set(range(IMAGES))


def test_without_tags_fading_starts_afresh_with_the_change():
    block = channel("rayleigh", 10.0)
    change(block, {"fading": "jakes", "doppler": 0.1})
    top, sink = gr.top_block(), blocks.vector_sink_c()
    top.connect(source_of(samples[0]), block, sink)
    run_to_end(top)
    expected = send(channel("rayleigh", 10.0, fading="jakes", doppler=0.1), channel)[0][0]
    np.testing.assert_array_equal(np.array(sink.data(), np.complex64), expected)


WRONG = [
    (channel, "snr_db", np.nan, "channel: snr_db must be"),
    (channel, "snr_db", -301.0, "channel: snr_db must be"),
    (channel, "fading", "slow", "channel: fading must be image, symbol or jakes, got 'slow'"),
    (channel, "doppler", -0.1, "channel: doppler must be"),
    (channel, "doppler", np.inf, "channel: doppler must be"),
    (table2_channel, "snr_db", np.nan, "table2_channel: snr_db must be"),
    (ls_equalizer, "estimation", "lms", "ls_equalizer: estimation must be none, ls, ls-dft or perfect, got"),
    (ls_equalizer, "equalizer", "dfe", "ls_equalizer: equalizer must be zf or mmse, got 'dfe'"),
    (ls_equalizer, "noise_variance", -1.0, "ls_equalizer: noise_variance must be"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "name", "value", "says"), WRONG)
def test_a_wrong_value_is_refused_and_nothing_changes(make, name, value, says, capfd):
    with pytest.raises(ValueError) as from_constructor:
        make(**{name: value})
    block = make()
    before = getattr(block, name)()
    with pytest.raises(ValueError, match=says.split(",")[0]) as raised:
        getattr(block, f"set_{name}")(value)
    assert str(raised.value).startswith(says)
    assert str(raised.value) == str(from_constructor.value)
    capfd.readouterr()
    try_setting(getattr(block, f"set_{name}"), value)
    said = capfd.readouterr()
    assert (said.out + said.err).strip().endswith(str(raised.value))
    # By message: one line in the log, and the run goes on.
    block.to_basic_block()._post(pmt.intern("cmd"), pmt.to_pmt({name: value}))
    got, settings, _ = send(block, make)
    np.testing.assert_array_equal(got, send(make(), make)[0])
    assert settings == {}
    assert getattr(block, name)() == before
    said = capfd.readouterr()
    assert (said.out + said.err).count(f"message on cmd not followed: {raised.value}") == 1


@pytest.mark.parametrize(
    ("message", "says"),
    [
        (pmt.to_pmt({"gain": 3.0}), "setting must be snr_db, fading or doppler, got 'gain'"),
        (pmt.to_pmt({"snr_db": "high"}), "snr_db must be a number, got high"),
        (pmt.to_pmt({"fading": 3}), "fading must be a word, got 3"),
        (pmt.intern("snr_db"), "cmd must be a dict or a pair of a setting's name and value, got snr_db"),
        (pmt.to_pmt({3: 4.0}), "cmd must be a dict or a pair"),
        # All or nothing.
        (pmt.to_pmt({"snr_db": 20.0, "doppler": -1.0}), "doppler must be 0 or more"),
    ],
)
def test_a_message_that_cannot_be_followed(message, says, capfd):
    block = channel("rayleigh")
    block.to_basic_block()._post(pmt.intern("cmd"), message)
    got, settings, _ = send(block, channel)
    np.testing.assert_array_equal(got, send(channel("rayleigh"), channel)[0])
    assert settings == {}
    said = capfd.readouterr()
    (line,) = [line for line in (said.out + said.err).splitlines() if "cmd" in line]
    assert says in line


def test_a_type_that_no_setter_takes_is_one_line(capfd):
    try_setting(channel().set_snr_db, "high")
    said = capfd.readouterr()
    assert (said.out + said.err).strip().endswith("set_snr_db: does not take 'high'")
