#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The tests' own radio does to a signal what its settings say."""

import threading

import numpy as np
import pytest

SoapySDR = pytest.importorskip("SoapySDR", reason="no SoapySDR (Debian package python3-soapysdr)")
RX, TX = SoapySDR.SOAPY_SDR_RX, SoapySDR.SOAPY_SDR_TX
RATE = 1e6


class Ends:
    """A transmitter and a receiver."""

    def __init__(self, link, settings):
        self.a = SoapySDR.Device(f"{link},end=a")
        self.b = SoapySDR.Device(f"{link},end=b{settings}")
        for device, direction in ((self.a, TX), (self.b, RX)):
            device.setSampleRate(direction, 0, RATE)
            device.setFrequency(direction, 0, 433e6)
        self.rx = self.b.setupStream(RX, "CF32")
        self.b.activateStream(self.rx)
        self.tx = self.a.setupStream(TX, "CF32")
        self.a.activateStream(self.tx)

    def send(self, x):
        """Send samples, then leave the air; return what came, from the first sample that is not silence."""
        thread = threading.Thread(target=self._write, args=(np.concatenate([x, np.zeros(64, "c8")]),))
        thread.start()
        parts, heard, buffer = [], 0, np.empty(8192, np.complex64)
        while heard < len(x):
            count = max(self.b.readStream(self.rx, [buffer], len(buffer)).ret, 0)
            part = buffer[:count].copy()
            if not heard:
                part = part[np.flatnonzero(part)[0] :] if part.any() else part[:0]
            heard += len(part)
            parts.append(part)
        thread.join()
        return np.concatenate(parts)[: len(x)]

    def _write(self, x):
        # Not before the receiver can take it: what goes into empty air is gone.
        sent = 0
        while sent < len(x):
            sent += max(self.a.writeStream(self.tx, [x[sent:]], min(len(x) - sent, 8192)).ret, 0)
        self.a.deactivateStream(self.tx)


def noise_like(n=20000):
    """Samples within 0.8 of the band, as an OFDM signal's."""
    rng = np.random.default_rng(1)
    spectrum = rng.normal(size=n) + 1j * rng.normal(size=n)
    spectrum[np.abs(np.fft.fftfreq(n)) > 0.4] = 0
    x = np.fft.ifft(spectrum)
    return (x / np.sqrt(np.mean(np.abs(x) ** 2))).astype(np.complex64)


def test_a_clear_path_changes_nothing(virtual_link):
    x = noise_like()
    np.testing.assert_allclose(Ends(virtual_link, "").send(x), x, atol=1e-6)


def test_multipath_gain_and_offset(virtual_link):
    x = noise_like()
    ends = Ends(virtual_link, ",taps=0.8:0.1/0:-0.5/0.2,cfo=1500")
    ends.a.setGain(TX, 0, 6.0)
    ends.b.setGain(RX, 0, -20.0)
    ends.b.setFrequency(RX, 0, 433e6 + 500)
    y = ends.send(x)
    expected = np.convolve(x, [0.8 + 0.1j, -0.5j, 0.2])[: len(x)] * 10 ** (-14 / 20)
    expected *= np.exp(2j * np.pi * 1000 / RATE * np.arange(len(x)))
    turn = np.vdot(expected, y)  # the carrier's phase depends on when it all began
    np.testing.assert_allclose(y * np.abs(turn) / turn, expected, atol=2e-4)


def test_sampling_offset_and_delay(virtual_link):
    n, sro, delay = 6000, 200e-6, 3.5
    x = noise_like(n)
    y = Ends(virtual_link, f",sro={sro * 1e6},delay={delay}").send(x)
    # The band-limited signal at any instant, by its spectrum, x being one period of it.
    spectrum, frequency = np.fft.fft(x), np.fft.fftfreq(n)
    some = np.arange(100, n - 100, 197)

    def error(first):
        instants = (some + first) * (1 - sro) - delay
        return np.abs(y[some] - np.exp(2j * np.pi * np.outer(instants, frequency)) @ spectrum / n).max()

    # The interpolator rings before the first sample, so which output was heard first is to be found.
    assert min(map(error, range(-20, 20))) < 1e-3


def test_fades_last_as_many_samples_of_the_signal_however_long_it_pauses(virtual_link):
    n, period = 6000, 1000
    x = noise_like(n)
    x[500:3000] = 0
    y = Ends(virtual_link, f",fade=20,fade_period={period}").send(x)
    weak = np.cumsum(x != 0) - 1
    np.testing.assert_allclose(y, x * np.where(weak // period % 2 == 1, 0.1, 1.0), atol=1e-6)


def test_noise_has_the_power_that_was_set(virtual_link):
    x = np.zeros(50000, np.complex64)
    x[0] = 1
    y = Ends(virtual_link, ",noise=-20").send(x)
    power = np.mean(np.abs(y[1:]) ** 2)
    # |n|^2 is exponential: its mean over n samples has a relative deviation of 1/sqrt(n).
    assert abs(power / 0.01 - 1) < 5 / np.sqrt(len(y))


def test_both_ways_at_once(virtual_link):
    ends = Ends(virtual_link, "")
    back_rx = ends.a.setupStream(RX, "CF32")
    ends.a.activateStream(back_rx)
    back_tx = ends.b.setupStream(TX, "CF32")
    ends.b.activateStream(back_tx)
    x = noise_like(1000)
    ends.b.writeStream(back_tx, [x], len(x))
    buffer, got = np.empty(8192, np.complex64), []
    while len(got) < 900:
        count = max(ends.a.readStream(back_rx, [buffer], 8192).ret, 0)
        got += list(buffer[:count][buffer[:count] != 0])
    np.testing.assert_allclose(got[:900], x[:900], atol=1e-6)


def test_an_end_is_one_process_s_alone(virtual_link):
    held = SoapySDR.Device(f"{virtual_link},end=a")
    with pytest.raises(RuntimeError, match="busy"):
        SoapySDR.Device(f"{virtual_link},end=a,seed=2")
    assert held.getDriverKey() == "aeiqa_virtual"
