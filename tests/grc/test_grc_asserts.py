#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A block in the Companion marks the values that its class rejects, and no others."""

import numpy
import pytest
from gnuradio import aeiqa

FFT_LEN = ("ofdm_modulator", "ofdm_demodulator", "qam_mapper", "qam_demapper", "ls_equalizer", "channel",
           "table2_channel", "constellation_view")  # fmt: skip
CP_LEN = ("ofdm_modulator", "ofdm_demodulator", "ls_equalizer", "channel", "table2_channel")
ORDERED = ("image_source", "image_sink", "aeiqa_sink", "quality_sink", "picture_view")
TRAINED = ("qam_mapper", "ls_equalizer", "constellation_view")
DRAWN = ("channel_view", "constellation_view", "picture_view", "score_view")

IMAGES = "numpy.full((3, 28, 28), 20, numpy.uint8)"
WRONG_TYPE = ("incompatible constructor arguments", "object is not iterable")
REQUIRED = {"image_source": {"images": IMAGES}, "aeiqa_sink": {"reference": IMAGES},
            "quality_sink": {"reference": IMAGES},
            "picture_view": {"reference": IMAGES},
            "image_transmitter": {"images": IMAGES, "config": "aeiqa.LinkConfig()"},
            "image_receiver": {"config": "aeiqa.LinkConfig()"}}  # fmt: skip


def cases(names, *parameters):
    return [(name, chosen) for name in names for chosen in parameters]


PLANNED = ("frame_mapper", "frame_sync")

WRONG = [
    *cases(PLANNED, {"fft_len": "63"}, {"cp_len": "65"}),
    *cases(PLANNED, *({"data_carriers": k} for k in ("[]", "[1, 2, 3]", "[*range(1, 40)]"))),
    *cases(PLANNED, *({"pilot_carriers": k} for k in ("[]", "[7]", "[-7, 2]", "[-7, 40]"))),
    *cases(
        PLANNED,
        *({"training_symbols": n} for n in ("0", "17")),
        *({"payload_symbols": n} for n in ("0", "4097")),
    ),
    *cases(("frame_mapper",), {"modulation": '"qam8"'}, {"labels": '"grey"'}, {"order": '"diagonal"'}),
    *cases(
        ("frame_mapper",), *({"gap_symbols": n} for n in ("-1", "1001")), *({"copies": n} for n in ("0", "9"))
    ),
    *cases(("frame_mapper",), *({"stream": n} for n in ("-2", "65536"))),
    *cases(("ls_equalizer",), *({"data_carriers": k} for k in ("[1, 2]", "[*range(28, 36)]"))),
    ("ls_equalizer", {"data_carriers": "[]", "pilot_carriers": "[-7, 7]"}),
    ("image_queue_source", {"max_waiting": "0"}),
    *cases(
        ("image_sink",),
        {"fill": "256"},
        {"fill": "-1"},
        {"max_image_bytes": "0"},
        {"max_image_bytes": "2**31"},
    ),
    *cases(FFT_LEN, *({"fft_len": n} for n in ("0", "7", "60", "-64", "8200", "64.0", '"64"'))),
    *cases(CP_LEN, *({"cp_len": n} for n in ("-1", "65", "16.0"))),
    *cases(ORDERED, {"order": '"diagonal"'}, {"order": '""'}),
    *cases(
        ("qam_mapper", "qam_demapper", "constellation_view"),
        {"modulation": '"qam8"'},
        {"modulation": '"QPSK"'},
    ),
    *cases(("qam_mapper", "qam_demapper"), {"labels": '"grey"'}),
    *cases(TRAINED, {"training_symbols": "-1"}, {"training_symbols": "0.5"}),
    *cases(TRAINED, {"training_period": "-1"}),
    *cases(TRAINED, {"training_period": "5", "training_symbols": "0"}),
    ("qam_mapper", {"reveal_first_symbol": "True"}),
    ("ls_equalizer", {"estimation": '"lms"'}),
    ("ls_equalizer", {"equalizer": '"dfe"'}),
    *cases(("ls_equalizer",), *({"noise_variance": n} for n in ("-0.1", "numpy.nan", "numpy.inf"))),
    *cases(("qam_demapper",), *({"noise_variance": n} for n in ("0.0", "-1.0", "numpy.nan", "numpy.inf"))),
    *cases(("channel", "table2_channel"), {"model": '"rician"'}),
    *cases(
        ("channel", "table2_channel"), {"snr_db": "-numpy.inf"}, {"snr_db": "numpy.nan"}, {"snr_db": '"high"'}
    ),
    *cases(("channel", "table2_channel"), {"seed": "-1"}, {"seed": "2**64"}, {"seed": "1.5"}),
    *cases(("channel",), *({"model": '"rayleigh"', "n_taps": n} for n in ("0", "-1", "65", "8.0"))),
    ("channel", {"model": '"rayleigh"', "fading": '"fast"'}),
    *cases(
        ("channel",), *({"model": '"rayleigh"', "doppler": f} for f in ("-0.1", "numpy.nan", "numpy.inf"))
    ),
    *cases(("impairments",), *({"frequency_offset": f} for f in ("-0.51", "0.51", "numpy.nan"))),
    *cases(("impairments",), *({"sampling_offset_ppm": x} for x in ("-10001", "10001", "numpy.nan"))),
    *cases(("impairments",), *({"phase_noise": x} for x in ("-1e-6", "0.11", "numpy.nan"))),
    *cases(("impairments",), *({"iq_gain_db": x} for x in ("-20.1", "20.1", "numpy.inf"))),
    *cases(("impairments",), *({"iq_phase_deg": x} for x in ("-46", "46", "numpy.nan"))),
    *cases(("impairments",), *({"clip": x} for x in ("0.0", "-1.0", "numpy.nan"))),
    *cases(("impairments",), *({"delay": n} for n in ("-1", "1000001", "0.5"))),
    *cases(("impairments",), *({"gain_db": x} for x in ("-201", "201", "numpy.nan"))),
    *cases(("impairments",), {"seed": "-1"}, {"seed": "2**64"}),
    ("image_sink", {"keep": "-2"}),
    ("image_sink", {"keep": "1.5"}),
    ("image_source", {"images": "[]"}),
    ("image_source", {"images": "numpy.zeros((0, 28, 28), numpy.uint8)"}),
    ("image_source", {"images": "numpy.zeros((3, 0, 28), numpy.uint8)"}),
    ("image_source", {"images": "numpy.zeros((28, 28), numpy.uint8)"}),
    ("image_source", {"images": "numpy.zeros((3, 28, 28, 3, 1), numpy.uint8)"}),
    ("image_source", {"images": "numpy.zeros((3, 28, 28))"}),
    ("image_source", {"images": "[numpy.zeros((8, 8), numpy.int8)]"}),
    ("image_source", {"images": "[numpy.zeros(8, numpy.uint8)]"}),
    ("image_source", {"images": "[[[1, 2], [3, 4]]]"}),
    ("image_source", {"images": "7"}),
    ("image_source", {"images": IMAGES, "labels": "[1, 2]"}),
    ("image_source", {"images": IMAGES, "first_index": "-1"}),
    ("image_source", {"images": IMAGES, "first_index": "2**62 + 1"}),
    *cases(("image_tagger",), *({side: n} for side in ("rows", "cols") for n in ("0", "2**20 + 1", "2.5"))),
    *cases(("image_tagger",), {"channels": "0"}, {"rows": "2**20", "cols": "2**20"}, {"first_index": "-1"}),
    ("image_transmitter", {"config": "None"}),
    ("image_transmitter", {"config": '"awgn"'}),
    ("image_transmitter", {"images": "numpy.zeros((3, 28, 28))"}),
    ("image_transmitter", {"labels": "[1, 2]"}),
    ("image_transmitter", {"first_index": "-1"}),
    ("image_receiver", {"config": "None"}),
    ("image_receiver", {"config": '"awgn"'}),
    ("aeiqa_sink", {"target": '"mine"'}),
    ("aeiqa_sink", {"score": '"mine"'}),
    ("aeiqa_sink", {"score": '"frechet"'}),
    *cases(("aeiqa_sink",), *({"reference": "None", "score": n} for n in ('"paper"', '"psnr"', '"ber"'))),
    ("aeiqa_sink", {"dataset": '"cifar"'}),
    ("picture_view", {"reference": "[]"}),
    *cases(DRAWN, *({"update_time": n} for n in ("0.0", "-1.0", "0.01", "numpy.nan", "numpy.inf", '"soon"'))),
    *cases(("score_view",), *({key: n} for key in ("span", "average") for n in ("0.0", "-1.0", "numpy.inf"))),
    ("channel_view", {"equalizer": "nobody"}),
    *cases(("aeiqa_sink", "quality_sink"), *({"keep": n} for n in ("-2", "1.5"))),
    *cases(("aeiqa_sink", "quality_sink"), *({"batch": n} for n in ("0", "-1", "1.5"))),
    *cases(("quality_sink",), *({"reference": r} for r in ("[]", "numpy.zeros((3, 8, 8))", "[7]", '"a"'))),
    ("aeiqa_sink", {"reference": '"a"'}),
    *cases(("aeiqa_sink",), *({"threads": n} for n in ("0", "1.5"))),
]

RIGHT = [
    *cases(PLANNED, {"cp_len": "0"}, {"training_symbols": "1", "payload_symbols": "1"}),
    *cases(PLANNED, {"data_carriers": "[*range(-12, -4), *range(4, 12)]", "pilot_carriers": "[-3, 3]"}),
    ("frame_mapper", {"stream": "65535", "gap_symbols": "0", "copies": "8"}),
    ("ls_equalizer", {"data_carriers": "[*range(1, 9)]", "pilot_carriers": "[-1, 9]"}),
    ("image_queue_source", {"max_waiting": "1"}),
    ("image_sink", {"fill": "255", "max_image_bytes": "2**30"}),
    *cases(FFT_LEN, {"fft_len": "16"}, {"fft_len": "8192"}),
    *cases(CP_LEN, {"cp_len": "0"}, {"cp_len": "64"}),
    *cases(TRAINED, {"training_symbols": "0"}, {"training_period": "5"}),
    ("qam_mapper", {"reveal_first_symbol": "True", "training_symbols": "0"}),
    ("ls_equalizer", {"noise_variance": "1e-9"}),
    ("qam_demapper", {"noise_variance": "1e-9"}),
    *cases(("channel", "table2_channel"), {"snr_db": "numpy.inf"}, {"snr_db": "-300"}, {"snr_db": "300.0"}),
    *cases(("channel", "table2_channel"), {"seed": "0"}, {"seed": "2**64 - 1"}),
    *cases(("channel",), *({"model": '"rayleigh"', "n_taps": n} for n in ("1", "64"))),
    ("channel", {"model": '"rayleigh"', "fading": '"jakes"', "doppler": "0.1"}),
    *cases(("impairments",), {"frequency_offset": "-0.5"}, {"frequency_offset": "0.5", "clip": "1e-9"}),
    *cases(("impairments",), *({"sampling_offset_ppm": x} for x in ("-1e4", "1e4")), {"phase_noise": "0.1"}),
    ("impairments", {"iq_gain_db": "-20", "iq_phase_deg": "45", "gain_db": "-200"}),
    ("impairments", {"iq_gain_db": "20", "iq_phase_deg": "-45", "gain_db": "200"}),
    ("impairments", {"delay": "10**6", "seed": "2**64 - 1"}),
    *cases(("image_sink",), *({"keep": n} for n in ("-1", "0", "7"))),
    ("image_source", {"images": "numpy.zeros((2, 8, 9, 3), numpy.uint8)", "labels": "numpy.arange(2)"}),
    ("image_source", {"images": "[numpy.zeros((8, 9), numpy.uint8), numpy.zeros((5, 4, 3), numpy.uint8)]"}),
    ("image_source", {"images": IMAGES, "first_index": "2**62"}),
    ("image_tagger", {"rows": "1", "cols": "2**20", "channels": "2**10", "first_index": "2**62"}),
    ("image_transmitter", {"config": 'aeiqa.LinkConfig(preset="table2")', "labels": "[1, 2, 3]"}),
    ("image_receiver", {"config": "aeiqa.LinkConfig(fft_len=128)"}),
    ("aeiqa_sink", {"batch": "1", "threads": "2", "keep": "0"}),
    ("quality_sink", {"reference": "[numpy.zeros((8, 9, 3), numpy.uint8)]", "batch": "1", "keep": "0"}),
    *cases(("aeiqa_sink",), *({"reference": "None", "score": n} for n in ('"blind"', '"piqe"'))),
    *cases(("aeiqa_sink", "quality_sink"), {"reference": '"port"'}),
    ("picture_view", {"reference": "None"}),
    *cases(DRAWN, {"update_time": "0.02"}, {"update_time": "3"}),
    ("score_view", {"span": "5", "average": "0.5"}),
]


def with_required(name, chosen):
    return REQUIRED.get(name, {}) | chosen


def make(name, chosen):
    if name == "aeiqa_sink":
        pytest.importorskip("torch")
    names = {"aeiqa": aeiqa, "numpy": numpy, "nobody": None}
    values = {key: eval(text, names) for key, text in with_required(name, chosen).items()}
    if name == "channel_view":
        values.setdefault("equalizer", aeiqa.ls_equalizer())
    return getattr(aeiqa, name)(**values)


def described(case):
    name, chosen = case
    return f"{name}-" + ",".join(f"{key}={text}" for key, text in chosen.items())


@pytest.mark.parametrize("case", WRONG, ids=described)
def test_what_the_class_refuses_is_marked(add, errors_of, case):
    name, chosen = case
    with pytest.raises((ValueError, TypeError)) as refusal:
        make(name, chosen)
    # pybind11 refuses values of another type before the class sees them.
    reasons = [key.removesuffix("s") for key in chosen] if refusal.type is not TypeError else WRONG_TYPE
    assert any(reason in str(refusal.value) for reason in reasons)
    assert errors_of(add(name, **with_required(name, chosen)))


@pytest.mark.parametrize("case", RIGHT, ids=described)
def test_what_the_class_takes_is_not_marked(add, errors_of, case):
    name, chosen = case
    assert make(name, chosen) is not None
    assert errors_of(add(name, **with_required(name, chosen))) == []
