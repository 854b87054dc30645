#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The variable block with the settings of frames: AirConfig's fields, its rules in red, its changes."""

import ast
import dataclasses
import logging

import pytest
import yaml
from gnuradio import aeiqa

FIELDS = {field.name: field.default for field in dataclasses.fields(aeiqa.AirConfig)}


@pytest.fixture
def data(root):
    return yaml.safe_load((root / "grc" / "aeiqa_air_config.block.yml").read_text())


@pytest.fixture
def link(add):
    """The block, under the name link."""

    def make(**parameters):
        block = add("air_config", **parameters)
        block.params["id"].set_value("link")
        return block

    return make


def test_parameters_are_the_fields(data, link, errors_of):
    assert [parameter["id"] for parameter in data["parameters"]] == list(FIELDS)
    for parameter in data["parameters"]:
        assert ast.literal_eval(parameter["default"]) == FIELDS[parameter["id"]], parameter["id"]
        assert parameter["label"].split(" (")[0] + ":" in data["documentation"]
    assert errors_of(link()) == []


def test_choices_are_all_of_the_rules(data):
    choices = {
        parameter["id"]: parameter["options"] for parameter in data["parameters"] if "options" in parameter
    }
    assert set(choices) == {"modulation", "labels", "estimation", "equalizer"}
    for name, options in choices.items():
        with pytest.raises(ValueError) as refusal:
            aeiqa.AirConfig(**{name: "nobody"})
        allowed = str(refusal.value).split("one of ")[1].split(", got")[0].split(", ")
        assert {ast.literal_eval(option) for option in options} == set(allowed)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"modulation": "qam64", "labels": "natural", "copies": 2, "stream": 9},
        {"fft_len": 128, "cp_len": 0, "payload_symbols": 10, "fill": 128},
        {"fft_len": 16, "data_carriers": [-6, -5, -4, -2, 2, 4, 5, 6], "pilot_carriers": [-3, 3]},
    ],
)
def test_the_variable_is_the_configuration(link, errors_of, flow_graph, settings):
    block = link(**{name: repr(value) for name, value in settings.items()})
    assert errors_of(block) == []
    assert flow_graph.namespace["link"] == aeiqa.AirConfig(**settings)
    program = {"aeiqa": aeiqa, "self": type("FlowGraph", (), {})()}
    exec(block.templates.render("var_make"), program)
    assert program["link"] == program["self"].link == aeiqa.AirConfig(**settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"fft_len": "60"},
        {"fft_len": "256"},
        {"cp_len": "65"},
        {"copies": "9"},
        {"stream": "65536"},
        {"fill": "-1"},
        {"data_carriers": "[1, 2]"},
    ],
)
def test_a_wrong_setting_is_red_with_the_rule(link, errors_of, settings, caplog):
    with pytest.raises(ValueError) as refusal:
        aeiqa.AirConfig(**{name: ast.literal_eval(text) for name, text in settings.items()})
    with caplog.at_level(logging.CRITICAL):
        errors = errors_of(link(**settings))
    assert any(str(refusal.value) in error for error in errors)


def test_a_change_reaches_the_receiver(add, link, errors_of):
    block, receiver = link(), add("image_receiver", config="link")
    assert errors_of(block) == errors_of(receiver) == []
    assert [port.vlen for port in receiver.active_sources] == [1, 48]
    block.params["equalizer"].set_value('"mmse"')
    assert errors_of(block) == []
    (callback,) = block.get_callbacks()
    given = []
    exec(callback.replace("self.set_link", "given.append"), {"aeiqa": aeiqa, "given": given})
    assert given == [aeiqa.AirConfig(equalizer="mmse")]
    (then,) = receiver.get_callbacks()
    assert then == "aeiqa.try_setting(self.image_receiver_0.set_config, link)"
