#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The bit error rates in closed form, against textbook formulas, a second implementation and quadrature."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats
from scipy.special import erfc

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.link import theory
from gnuradio.aeiqa.metrics import binomial_interval

SNRS_DB = np.array([-10.0, 0.0, 5.0, 10.0, 15.0, 22.0])
G = 10 ** (SNRS_DB / 10)
ALL = [(m, labels) for m in theory.BITS_PER_SYMBOL for labels in theory.LABELS]


def q(x):
    return erfc(np.asarray(x) / np.sqrt(2)) / 2


def constellation(modulation, labels):
    """The points by label, written from the paper's convention with bit arithmetic (not as sums of axes)."""
    bits = theory.BITS_PER_SYMBOL[modulation]
    if modulation == "bpsk":
        return np.array([1, -1], dtype=complex)
    if modulation == "qpsk" and labels == "natural":
        return np.exp(-1j * (np.pi / 4 + np.arange(4) * np.pi / 2))
    half = bits // 2

    def level(value):
        if labels == "gray":  # decode: every bit is the parity of the bits from the top down to it
            shift = 1
            while shift < half:
                value ^= value >> shift
                shift <<= 1
        return 2 * value - (2**half - 1)

    points = np.array([level(v >> half) + 1j * level(v & (2**half - 1)) for v in range(2**bits)])
    return points / np.sqrt(np.mean(np.abs(points) ** 2))


def count_errors(modulation, labels, gain, noise_std, rng):
    """Bit errors of each symbol, decided for the nearest of all points."""
    points = constellation(modulation, labels)
    sent = rng.integers(0, points.size, gain.size)
    noise = noise_std * (rng.standard_normal(gain.size) + 1j * rng.standard_normal(gain.size)) / np.sqrt(2)
    received = points[sent] + noise / gain
    decided = np.concatenate(
        [np.abs(part[:, None] - points).argmin(axis=1) for part in np.array_split(received, 20)]
    )
    return np.array([bin(x).count("1") for x in sent ^ decided])


def assert_mean_is(counts, expected):
    """Within the 99.9 % interval of the mean of independent symbols."""
    margin = stats.norm.isf(0.0005) * counts.std(ddof=1) / np.sqrt(counts.size)
    assert counts.mean() == pytest.approx(expected, abs=margin)


@pytest.mark.parametrize("labels", theory.LABELS)
def test_bpsk_is_q_of_root_2g(labels):
    assert theory.awgn_ber("bpsk", labels, SNRS_DB) == pytest.approx(q(np.sqrt(2 * G)), rel=1e-12)


def test_gray_qpsk_is_q_of_root_g():
    assert theory.awgn_ber("qpsk", "gray", SNRS_DB) == pytest.approx(q(np.sqrt(G)), rel=1e-12)


def test_natural_qpsk_errs_in_both_signs_for_the_low_bit():
    one = q(np.sqrt(G))
    assert theory.awgn_ber("qpsk", "natural", SNRS_DB) == pytest.approx(
        (one + 2 * one * (1 - one)) / 2, rel=1e-12
    )
    assert theory.awgn_ber("qpsk", "natural", 0.0) == pytest.approx(0.2128, abs=5e-5)  # Table II counts .2124


def test_gray_16qam_is_the_textbook_formula():
    """Cho and Yoon (2002): 3/4 Q(d) + 1/2 Q(3d) - 1/4 Q(5d), d = sqrt(g/5)."""
    d = np.sqrt(G / 5)
    expected = 0.75 * q(d) + 0.5 * q(3 * d) - 0.25 * q(5 * d)
    assert theory.awgn_ber("qam16", "gray", SNRS_DB) == pytest.approx(expected, rel=1e-12)


def test_gray_64qam_tends_to_its_nearest_neighbours():
    """At high SNR only neighbours are confused, one bit of three: 7/12 Q(d), d = sqrt(g/21)."""
    g = 10**2.6
    assert theory.awgn_ber("qam64", "gray", 26.0) == pytest.approx(7 / 12 * q(np.sqrt(g / 21)), rel=1e-3)


@pytest.mark.parametrize("snr_db", [0.0, 7.0, 14.0])
@pytest.mark.parametrize("modulation, labels", ALL)
def test_awgn_against_counted_errors(modulation, labels, snr_db):
    rng = np.random.default_rng([theory.BITS_PER_SYMBOL[modulation], len(labels), int(snr_db)])
    counts = count_errors(modulation, labels, np.ones(12_000), 10 ** (-snr_db / 20), rng)
    expected = theory.BITS_PER_SYMBOL[modulation] * theory.awgn_ber(modulation, labels, snr_db)
    if expected * counts.size < 5:
        assert counts.sum() <= stats.poisson.isf(0.0005, expected * counts.size)
    else:
        assert_mean_is(counts, expected)


@pytest.mark.parametrize("modulation, labels", [("bpsk", "gray"), ("qpsk", "natural"), ("qam64", "natural")])
def test_rayleigh_against_counted_errors(modulation, labels):
    rng = np.random.default_rng(8)
    gain = (rng.standard_normal(30_000) + 1j * rng.standard_normal(30_000)) / np.sqrt(2)
    counts = count_errors(modulation, labels, gain, 10 ** (-8 / 20), rng)
    assert_mean_is(counts, theory.BITS_PER_SYMBOL[modulation] * theory.rayleigh_ber(modulation, labels, 8.0))


@pytest.mark.parametrize("snr_db", [-5.0, 10.0, 25.0])
@pytest.mark.parametrize("modulation, labels", ALL)
def test_rayleigh_is_the_mean_of_awgn_over_exponential_power(modulation, labels, snr_db):
    g = 10 ** (snr_db / 10)
    mean, _ = integrate.quad(
        lambda power: np.exp(-power) * theory.awgn_ber(modulation, labels, 10 * np.log10(power * g)),
        0,
        np.inf,
        epsabs=1e-12,
        epsrel=1e-9,
        limit=400,
    )
    assert theory.rayleigh_ber(modulation, labels, snr_db) == pytest.approx(mean, rel=1e-6)


def test_rayleigh_bpsk_closed_forms():
    assert theory.rayleigh_ber("bpsk", "gray", SNRS_DB) == pytest.approx(
        (1 - np.sqrt(G / (1 + G))) / 2, rel=1e-12
    )
    assert theory.rayleigh_ber("bpsk", "gray", SNRS_DB, "ls") == pytest.approx(1 / (2 * (1 + G)), rel=1e-12)
    # 1/(4g) at high SNR, where the textbook difference would have lost half of its digits
    assert theory.rayleigh_ber("bpsk", "gray", 90.0) == pytest.approx(0.25e-9, rel=1e-8)


def test_rayleigh_ls_against_counted_errors():
    """One noisy training symbol: Re(y conj(h + n)) < 0 is the error of BPSK."""
    rng = np.random.default_rng(4)

    def gaussian(std):
        return std * (rng.standard_normal(100_000) + 1j * rng.standard_normal(100_000)) / np.sqrt(2)

    noise_std = 10 ** (-5 / 20)
    h = gaussian(1.0)
    errors = ((h + gaussian(noise_std)) * np.conj(h + gaussian(noise_std))).real < 0
    low, high = binomial_interval(errors.sum(), errors.size, 0.999)
    assert low <= theory.rayleigh_ber("bpsk", "natural", 5.0, "ls") <= high


@pytest.mark.parametrize(
    "modulation, estimation, expected",
    [
        ("bpsk", "perfect", [0.142, 0.061, 0.022, 0.007]),
        ("qpsk", "perfect", [0.254, 0.135, 0.055, 0.018]),
        ("bpsk", "ls", [0.243, 0.116, 0.043, 0.014]),
    ],
)
def test_rayleigh_near_an_independent_simulation(modulation, estimation, expected):
    """250 constant-20 MNIST images over 8 taps, natural labels: good to about 5 %, given to three decimals.

    Only BPSK and QPSK: from 16-QAM on, the error rate of natural labels depends on which labels occur.
    """
    rates = theory.rayleigh_ber(modulation, "natural", [0, 5, 10, 15], estimation)
    assert np.all(np.abs(rates - expected) < 0.0005 + 0.08 * rates)


@settings(deadline=None, derandomize=True)
@given(st.sampled_from(ALL), st.floats(-30, 40), st.floats(0, 10))
def test_rates_fall_with_snr_and_fading_never_helps_at_high_snr(kind, snr_db, more_db):
    rates = theory.awgn_ber(*kind, [snr_db, snr_db + more_db])
    assert 0 <= rates[1] <= rates[0] + 1e-12 and rates[0] <= 0.55
    assert 0 < theory.rayleigh_ber(*kind, snr_db) <= 0.55
    if snr_db > 30:
        assert theory.rayleigh_ber(*kind, snr_db) > theory.awgn_ber(*kind, snr_db)


def test_a_number_in_gives_a_number_back():
    assert isinstance(theory.awgn_ber("qam16", "gray", 3), float)
    assert theory.awgn_ber("qam16", "gray", np.zeros((2, 3))).shape == (2, 3)
    assert isinstance(theory.rayleigh_ber("bpsk", "gray", 3, "ls"), float)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: theory.awgn_ber("qam32", "gray", 0), "modulation .*qam32"),
        (lambda: theory.awgn_ber("bpsk", "grey", 0), "labels .*grey"),
        (lambda: theory.rayleigh_ber("qam16", "gray", 0, "ls"), "qam16"),
        (lambda: theory.rayleigh_ber("bpsk", "gray", 0, "magic"), "estimation .*magic"),
    ],
)
def test_wrong_values_are_named(call, words):
    with pytest.raises(InputError, match=words):
        call()


def detours(generators, memory, heaviest):
    """{Hamming distance: wrong bits} of all paths that leave state 0 and come back, by going through them."""
    found = {}
    # A path: its state, its distance from the path of zeros, its wrong bits; and how many such paths.
    paths = {(1, sum(g & 1 for g in generators), 1): 1}
    while paths:
        longer = {}
        for (state, distance, wrong), count in paths.items():
            for bit in (0, 1):
                register = (state << 1 | bit) & ((1 << (memory + 1)) - 1)
                d = distance + sum(bin(register & g).count("1") & 1 for g in generators)
                after = register & ((1 << memory) - 1)
                if d > heaviest:
                    continue
                if after == 0:
                    found[d] = found.get(d, 0) + count * (wrong + bit)
                else:
                    key = (after, d, wrong + bit)
                    longer[key] = longer.get(key, 0) + count
        paths = longer
    return found


def test_the_codes_spectrum_is_that_of_its_trellis():
    found = detours((0o171, 0o133), memory=6, heaviest=20)
    assert found == {d: n for d, n in theory._K7_SPECTRUM.items() if d <= 20}


def test_union_bound_of_the_code():
    # Where nothing but the shortest detours counts.
    assert theory.convolutional_ber_bound(9.0) == pytest.approx(36 * q(np.sqrt(10 * 10**0.9)), rel=1e-3)
    assert theory.convolutional_ber_bound(np.array([-20.0, 4.0])).tolist() == [
        0.5,
        theory.convolutional_ber_bound(4.0),
    ]
    assert 0.5e-5 < theory.convolutional_ber_bound(4.2) < 1.5e-5
