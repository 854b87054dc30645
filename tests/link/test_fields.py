#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A field's description becomes its check, its option and its documentation."""

import argparse
import ast
import dataclasses
import math
import runpy
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import pytest
from gnuradio import aeiqa

from gnuradio.aeiqa.adapt import AdapterSettings
from gnuradio.aeiqa.air import AirConfig
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.adaptation.config import ComparisonConfig, TraceSettings
from gnuradio.aeiqa.experiments.engines import RunSettings
from gnuradio.aeiqa.experiments.evaluation.config import EvaluationConfig
from gnuradio.aeiqa.experiments.sweep import SweepConfig
from gnuradio.aeiqa.fields import (
    add_options,
    check_fields,
    choice,
    documented,
    option,
    path,
    read_options,
    real,
    settings,
    several,
    whole,
)
from gnuradio.aeiqa.radio.endpoints import RadioSettings

APPS = Path(__file__).resolve().parents[2] / "apps"
CONFIGS = (
    aeiqa.LinkConfig,
    AirConfig,
    AdapterSettings,
    RadioSettings,
    SweepConfig,
    EvaluationConfig,
    ComparisonConfig,
    TraceSettings,
    RunSettings,
)


@documented
@dataclass(frozen=True)
class Config:
    """Settings of a test.

    Raises:
        InputError: naming the field.
    """

    shape: str = choice("round", ("round", "square"), "shape of the thing")
    side: int = whole(8, "length of a side", 8, 64, unit="samples", multiple=8)
    inner: int = whole(4, "length inside", 0, "side")
    level: float = real(0.0, "level", -3, 3, unit="dB", inf="no limit", option="db")
    share: float = real(0.05, "share", 0, 1, open_low=True, open_high=True, percent=True)
    colours: tuple[str, ...] = several(("red",), "colours", ("red", "blue"))
    count: Optional[int] = whole(None, "how many", 1, none="as many as there are", word="all")
    place: Optional[Path] = path("where it is", "nowhere")  # noqa: RUF009

    def __post_init__(self):
        check_fields(self)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shape": "flat"}, "shape: must be one of round, square, got 'flat'"),
        ({"shape": None}, "shape: must be one of round, square, got None"),
        ({"side": 60}, "side: must be from 8 to 64 samples, a multiple of 8, got 60"),
        ({"side": 72}, "side: must be from 8 to 64 samples, a multiple of 8, got 72"),
        ({"side": 8.0}, "side: must be a whole number from 8 to 64 samples, a multiple of 8, got 8.0"),
        ({"side": True}, "side: must be a whole number from 8 to 64 samples, a multiple of 8, got True"),
        ({"inner": 9}, "inner: must be from 0 to side = 8, got 9"),
        ({"level": 4}, "level: must be from -3 to 3 dB, or inf for no limit, got 4"),
        ({"level": -math.inf}, "level: must be from -3 to 3 dB, or inf for no limit, got -inf"),
        ({"level": math.nan}, "level: must be a number from -3 to 3 dB, or inf for no limit, got nan"),
        ({"share": 0}, "share: must be from above 0 to under 1, got 0"),
        ({"share": 1}, "share: must be from above 0 to under 1, got 1"),
        ({"colours": ("red", "green")}, "colours: must be among red, blue, got 'green'"),
        ({"count": 0}, "count: must be 1 or more, got 0"),
    ],
)
def test_wrong_values_are_refused_by_name(changes, message):
    with pytest.raises(InputError) as refusal:
        Config(**changes)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    "changes",
    [
        {"side": 64, "inner": 64},
        {"level": math.inf},
        {"level": -3},
        {"count": 1},
        {"colours": ("blue", "red")},
    ],
)
def test_right_values_are_taken(changes):
    Config(**changes)


def test_the_docstring_has_the_fields_in_front_of_the_errors():
    before, after = Config.__doc__.split("    Raises:\n")
    assert before.startswith(
        "Settings of a test.\n\n    Attributes:\n        shape: shape of the thing; one of round"
    )
    assert "        side: length of a side (samples); from 8 to 64, a multiple of 8.\n" in before
    assert "        count: how many; 1 or more; None: as many as there are.\n" in before
    assert after.strip() == "InputError: naming the field."


def read(*words):
    parser = argparse.ArgumentParser()
    names = tuple(settings(Config))
    add_options(parser, Config, *names)
    return read_options(parser.parse_args(words), Config, *names)


def test_options_become_fields():
    words = "--shape square --side 16 --db -2.5 --share 20 --colours blue,red --count 3 --place here"
    assert read(*words.split()) == {
        "shape": "square",
        "side": 16,
        "level": -2.5,
        "share": 0.2,
        "colours": ("blue", "red"),
        "count": 3,
        "place": Path("here"),
    }
    assert read() == {}
    assert read("--count", "all") == {"count": None}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--side", "big"), "--side must be a whole number, got 'big'"),
        (("--db", "loud"), "--db must be a number, got 'loud'"),
        (("--count", "1.5"), "--count must be a whole number or all, got '1.5'"),
        (("--colours", "red,,blue"), "--colours must be names separated by commas, got 'red,,blue'"),
    ],
)
def test_options_that_cannot_be_read(words, message):
    with pytest.raises(InputError) as refusal:
        read(*words)
    assert str(refusal.value) == message


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.__name__)
def test_every_field_says_what_it_is(config):
    fields = {field.name for field in dataclasses.fields(config)} - {
        "link"
    }  # of the sweep: a LinkConfig's fields
    assert settings(config).keys() == fields
    for name in fields:
        assert f"        {name}: " in config.__doc__


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.__name__)
def test_defaults_are_allowed(config):
    check_fields(config())


@pytest.mark.parametrize(
    ("app", "config", "without"),
    [
        ("sweep", SweepConfig, {"link"}),
        ("sweep", aeiqa.LinkConfig, {"preset", "channel", "modulation", "snr_db"}),
        ("evaluate", EvaluationConfig, set()),
        ("sweep", RunSettings, set()),
        ("evaluate", RunSettings, {"no_report"}),
        ("adapt", ComparisonConfig, {"seeds", "calibration_seeds", "rate"}),
        ("adapt", TraceSettings, set()),
        ("adapt", RunSettings, set()),
        ("transmit", RadioSettings, set()),
        ("transmit", AdapterSettings, settings(AdapterSettings).keys() - {"target_error"}),
        ("receive", RadioSettings, set()),
    ],
)
def test_every_field_has_its_option(app, config, without, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", [app, "--help"])
    monkeypatch.setenv("COLUMNS", "1000")
    with pytest.raises(SystemExit):
        runpy.run_path(str(APPS / f"{app}.py"), run_name="__main__")
    shown = " ".join(capsys.readouterr().out.split())
    for name, setting in settings(config).items():
        if name not in without:
            assert f"{option(config, name)} " in shown
            assert (setting.help if setting.percent else setting.describe()) in shown


def test_no_command_types_a_fields_help_again():
    """No add_argument names an option of a config class that the command makes."""
    own = {
        option(config, name)
        for config in (aeiqa.LinkConfig, RadioSettings, SweepConfig)
        for name in settings(config)
    }
    for app in ("sweep.py", "evaluate.py"):
        calls = [node for node in ast.walk(ast.parse((APPS / app).read_text())) if isinstance(node, ast.Call)]
        typed = {arg.value for call in calls for arg in call.args if isinstance(arg, ast.Constant)}
        assert not typed & own
