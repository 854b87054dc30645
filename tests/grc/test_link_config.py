#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The variable block with a link's settings: LinkConfig's fields, its rules in red, changes while running."""

import ast
import dataclasses
import logging
import math

import pytest
import yaml
from gnuradio import aeiqa
from gnuradio.grc.core import schema_checker

FIELDS = {field.name: field.default for field in dataclasses.fields(aeiqa.LinkConfig)}


@pytest.fixture
def data(root):
    return yaml.safe_load((root / "grc" / "aeiqa_link_config.block.yml").read_text())


@pytest.fixture
def link(add):
    """The block, under the name link."""

    def make(**parameters):
        block = add("link_config", **parameters)
        block.params["id"].set_value("link")
        return block

    return make


def test_file_follows_the_schema(data):
    checker = schema_checker.Validator(schema_checker.BLOCK_SCHEME)
    assert checker.run(data), checker.messages
    assert checker.messages == []


def test_parameters_are_the_fields(data, link, errors_of):
    assert [parameter["id"] for parameter in data["parameters"]] == list(FIELDS)
    for parameter in data["parameters"]:
        assert ast.literal_eval(parameter["default"]) == FIELDS[parameter["id"]], parameter["id"]
        assert parameter["label"].split(" (")[0] + ":" in data["documentation"]
    assert errors_of(link()) == []


def test_choices_are_all_of_the_rules(data):
    """Each option is accepted; any other value is rejected with the options named."""
    choices = {
        parameter["id"]: parameter["options"] for parameter in data["parameters"] if "options" in parameter
    }
    for name, options in choices.items():
        assert len(options) == len(next(p for p in data["parameters"] if p["id"] == name)["option_labels"])
        values = [ast.literal_eval(option) for option in options]
        for value in values:
            aeiqa.LinkConfig(**{name: value})
        with pytest.raises(ValueError) as refusal:
            aeiqa.LinkConfig(**{name: "nobody"})
        allowed = str(refusal.value).split("one of ")[1].split(", got")[0].split(", ")
        assert {value for value in values if value is not None} == set(allowed)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"modulation": "qam64", "labels": "natural", "snr_db": math.inf, "seed": 7},
        {
            "channel": "rayleigh",
            "fading": "jakes",
            "doppler": 0.1,
            "estimation": "perfect",
            "equalizer": "mmse",
        },
        {"preset": "table2", "channel": "rayleigh", "fft_len": 128, "cp_len": 0},
        {"training_symbols": 2, "training_period": 9, "n_taps": 3},
    ],
)
def test_the_variable_is_the_configuration(link, errors_of, flow_graph, settings):
    block = link(**{name: repr(value).replace("inf", 'float("inf")') for name, value in settings.items()})
    assert errors_of(block) == []
    assert flow_graph.namespace["link"] == aeiqa.LinkConfig(**settings)
    program = {"aeiqa": aeiqa, "self": type("FlowGraph", (), {})()}
    exec(block.templates.render("var_make"), program)
    assert program["link"] == program["self"].link == aeiqa.LinkConfig(**settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"fft_len": "60"},
        {"cp_len": "65"},
        {"snr_db": "-301"},
        {"snr_db": 'float("nan")'},
        {"seed": "-1"},
        {"n_taps": "0"},
        {"n_taps": "1.5"},
        {"doppler": "0.1"},
        {"doppler": "0.5", "fading": '"jakes"'},
        {"fading": '"fast"'},
        {"labels": '"grey"'},
        {"training_symbols": "0", "estimation": '"ls"'},
        {"training_period": "3", "training_symbols": "0", "estimation": '"none"'},
        {"preset": '"table2"', "equalizer": '"mmse"'},
        {"preset": '"table2"', "estimation": '"perfect"'},
    ],
)
def test_a_wrong_setting_is_red_with_the_rule(link, errors_of, settings, caplog):
    values = {name: eval(text) for name, text in settings.items()}
    with pytest.raises(ValueError) as refusal:
        aeiqa.LinkConfig(**values)
    with caplog.at_level(logging.CRITICAL):
        errors = errors_of(link(**settings))
    assert any(str(refusal.value) in error for error in errors)


def test_a_change_reaches_the_receiver(add, link, flow_graph, errors_of):
    variable = flow_graph.new_block("variable")
    variable.params["id"].set_value("noise")
    variable.params["value"].set_value("12.0")
    block, receiver = (
        link(snr_db="noise", equalizer='"mmse"', estimation='"none"'),
        add("image_receiver", config="link"),
    )
    assert errors_of(block) == []
    (callback,) = block.get_callbacks()
    assert callback.startswith("aeiqa.try_config(self.set_link, ")
    (then,) = receiver.get_callbacks()
    assert then == "aeiqa.try_setting(self.image_receiver_0.set_config, link)"


def test_try_config_gives_or_says_why_not(capfd):
    given = []
    fields = [getattr(aeiqa.LinkConfig(snr_db=3.0, seed=4), name) for name in FIELDS]
    aeiqa.try_config(given.append, *fields)
    assert given == [aeiqa.LinkConfig(snr_db=3.0, seed=4)]
    capfd.readouterr()
    aeiqa.try_config(given.append, "qam8")
    said = capfd.readouterr()
    (line,) = (said.out + said.err).strip().splitlines()
    assert "modulation: must be one of" in line
    assert len(given) == 1
