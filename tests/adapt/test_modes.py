#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Modes by name and their air time, and files of error curves."""

import numpy as np
import pytest
from gnuradio import blocks, gr

from gnuradio.aeiqa import InputError
from gnuradio.aeiqa.adapt import MODES, ErrorCurves, air_modes, load_curves, read_mode, save_curves
from gnuradio.aeiqa.air import AirConfig, AirTransmitter
from gnuradio.aeiqa.iqa.classifiers.targets import TARGETS


@pytest.mark.parametrize("name", ["bpsk", "qpskx2", "qam16", "qam256x3"])
@pytest.mark.parametrize("payload", [22, 66])
def test_air_time_is_what_the_transmitter_sends(name, payload):
    modulation, copies = read_mode(name)
    config = AirConfig(modulation=modulation, copies=copies, payload_symbols=payload, training_symbols=3)
    sink, top = blocks.vector_sink_c(), gr.top_block()
    top.connect(AirTransmitter(config, np.zeros((1, 28, 28), np.uint8)), sink)
    top.run()
    (mode,) = air_modes(config, 784, [name])
    assert mode.name == name
    assert mode.air_time * config.symbol_len == len(sink.data())


@pytest.mark.parametrize("name", ["", "qam4", "qpskx", "qpskx0", "qpskx9", "qpsk x2", "qpskxx2"])
def test_names_that_are_none(name):
    with pytest.raises(InputError, match="mode: must be one of bpsk"):
        read_mode(name)


def test_curves_survive_a_file(tmp_path):
    curves = ErrorCurves([0.0, 1.0, 3.0], {"qpsk": [0.5, 0.25, 0.0]}, {"seed": 1})
    save_curves(tmp_path / "curves.json", curves)
    again = load_curves("paper", tmp_path / "curves.json")
    assert again.made == {"seed": 1}
    np.testing.assert_allclose(again.error("qpsk", [-5.0, 0.5, 2.0, 9.0]), [0.5, 0.375, 0.125, 0.0])


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_has_curves_for_every_mode(target):
    curves = load_curves(target)
    assert curves.made["target"] == target
    for mode in MODES:
        assert curves.error(mode, -6.0) > 0.5
        assert curves.error(mode, 36.0) < 0.02


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"snr_db": 1, "curves": {}, "made": {}}', '{"curves": 3']
)
def test_damaged_files_are_told(content, tmp_path):
    path = tmp_path / "curves.json"
    path.write_text(content)
    with pytest.raises(InputError, match=r"curves\.json"):
        load_curves("paper", path)
    with pytest.raises(InputError, match=r"none\.json: no such file .*--calibrate DIR --target paper makes"):
        load_curves("paper", tmp_path / "none.json")


@pytest.mark.parametrize("target", ["nobody", "my_net:net", "my_net.onnx"])
def test_curves_are_of_the_projects_targets(target):
    with pytest.raises(InputError, match=f"^target must be one of paper, .*robust, got '{target}'$"):
        load_curves(target)
