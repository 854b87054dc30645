#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A block's parameters are described once, in its GRC file, and a link's settings once, in their class."""

import ast
import importlib.util

import pytest
from block_names import BLOCKS, VARIABLES, VIEWS
from gnuradio import aeiqa

from gnuradio.aeiqa.adapt import AdapterSettings
from gnuradio.aeiqa.air import AirConfig
from gnuradio.aeiqa.fields import settings

IN_PYTHON = ("aeiqa_sink", "image_receiver", "image_transmitter", "link_adapter", "quality_sink", *VIEWS)

# Blocks that take single settings, and the class that these come from.
SETTINGS_OF = {
    **dict.fromkeys(
        (
            "channel",
            "constellation_view",
            "link_config",
            "ls_equalizer",
            "ofdm_demodulator",
            "ofdm_modulator",
            "qam_demapper",
            "qam_mapper",
            "table2_channel",
        ),
        aeiqa.LinkConfig,
    ),
    "air_config": AirConfig,
    "frame_mapper": AirConfig,
    "frame_sync": AirConfig,
    "image_sink": AirConfig,
    "link_adapter": AdapterSettings,
}
# Another quantity of the same name.
ANOTHER = {("table2_channel", "snr_db"), ("table2_channel", "seed")}
# A block alone takes more than a link does.
WIDER = {
    ("channel", "snr_db"),
    ("channel", "doppler"),
    *((name, "training_symbols") for name in ("qam_mapper", "ls_equalizer", "constellation_view")),
    *((name, "training_period") for name in ("qam_mapper", "ls_equalizer", "constellation_view")),
}

# What a bound goes with.
TOGETHER = {
    "fft_len": {"cp_len": "0", "n_taps": "1"},
    "n_taps": {"model": '"rayleigh"'},
    "training_symbols": {"estimation": '"none"'},
}


def load_script(root):
    spec = importlib.util.spec_from_file_location("block_manuals", root / "docs" / "block_manuals.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def script(root):
    return load_script(root)


def shared(blocks):
    """Each parameter that is a setting, with it."""
    for name, config in SETTINGS_OF.items():
        for parameter in blocks[name]:
            setting = settings(config).get(parameter.name)
            if setting is not None and (name, parameter.name) not in ANOTHER:
                yield name, parameter, setting


def test_what_is_made_of_the_grc_files_is_up_to_date(root, script):
    stale = [
        str(path.relative_to(root)) for path, text in script.update().items() if path.read_text() != text
    ]
    assert stale == [], "run docs/block_manuals.py"


def test_every_block_is_written(script):
    assert script.blocks().keys() == {*BLOCKS, *VARIABLES}
    written = {path.stem for path in script.update() if path.suffix == ".h"}
    assert written == {*BLOCKS} - {*IN_PYTHON} - {*script.MADE_OF_OTHERS}


@pytest.mark.parametrize("name", [name for name in BLOCKS if name not in VIEWS])
def test_help_tells_the_parameters(script, name):
    shown = " ".join(getattr(aeiqa, name).__doc__.split())
    for parameter in script.blocks()[name]:
        assert f" {parameter.name}: {parameter.text.partition('. ')[0]}" in shown


def test_settings_are_described_as_in_their_class(script):
    found = list(shared(script.blocks()))
    assert {name for name, _, _ in found} == SETTINGS_OF.keys()
    for name, parameter, setting in found:
        where = f"{name} {parameter.name}"
        text = "; ".join(filter(None, (setting.help, setting.range_text())))
        wanted = setting.help if (name, parameter.name) in WIDER else text
        assert parameter.text.startswith(wanted), where
        assert parameter.unit == setting.unit, where
        if setting.choices:
            assert {*parameter.choices} == {*setting.choices}, where


def test_settings_have_their_class_s_default(script):
    for name, parameter, _ in shared(script.blocks()):
        config = SETTINGS_OF[name]
        default = ast.literal_eval(parameter.default)
        if name in VARIABLES:
            assert default == config.__dataclass_fields__[parameter.name].default, parameter.name
        elif (name, parameter.name) not in {
            ("ls_equalizer", "data_carriers"),
            ("ls_equalizer", "pilot_carriers"),
        }:
            value = getattr(config(), parameter.name)
            assert (tuple(default) if isinstance(value, tuple) else default) == value, (name, parameter.name)


@pytest.mark.parametrize("name", SETTINGS_OF)
def test_the_companion_knows_the_ranges(script, add, errors_of, name):
    """The bounds of each whole number are taken, what lies beyond them is red."""
    block = add(name)
    assert errors_of(block) == []
    for parameter, setting in [
        (parameter, it) for at, parameter, it in shared(script.blocks()) if at == name
    ]:
        if setting.kind is not int or (name, parameter.name) in WIDER:
            continue
        low, high = (64 if bound == "fft_len" else bound for bound in (setting.low, setting.high))
        chosen = {key: text for key, text in TOGETHER.get(parameter.name, {}).items() if key in block.params}
        if name == "air_config":
            chosen.pop("estimation", None)  # frames are always estimated
            if parameter.name == "fft_len":  # 32, 64 and 128 alone have a plan
                chosen |= {"data_carriers": "[*range(-12, -4), *range(5, 13)]", "pilot_carriers": "[-3, 3]"}
        values = [
            (low, True),
            (low - setting.multiple, False),
            (high, True),
            (high + setting.multiple, False),
        ]
        if parameter.name == "fft_len" and name in ("air_config", "frame_mapper", "frame_sync"):
            values[0] = (64, True)  # no plan has its 8 data subcarriers and 2 pilots among 8
        for value, allowed in values:
            before = {key: block.params[key].get_value() for key in (*chosen, parameter.name)}
            for key, text in (chosen | {parameter.name: str(value)}).items():
                block.params[key].set_value(text)
            assert (errors_of(block) == []) == allowed, (parameter.name, value)
            for key, text in before.items():
                block.params[key].set_value(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Parameters\n    Shape: round.", "no line for 'Size'"),
        ("Parameters\n    Size: half of */ it.", "would end a comment"),
    ],
)
def test_a_parameter_that_cannot_be_told_is_refused(script, tmp_path, text, message):
    path = tmp_path / "aeiqa_thing.block.yml"
    parameter = "{id: size, label: Size (samples), dtype: int, default: '1'}"
    path.write_text(f"parameters:\n- {parameter}\ndocumentation: |-\n    {text}\n")
    with pytest.raises(ValueError, match=message):
        script.parameters(path)
