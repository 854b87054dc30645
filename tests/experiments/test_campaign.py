#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Campaign files: what they give, what is refused, and that the schema in the docs says the same."""

import argparse
import importlib.util
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import jsonschema
import pytest
import yaml

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.campaign import MAX_BYTES, Campaign
from gnuradio.aeiqa.experiments.engines import RunSettings
from gnuradio.aeiqa.fields import add_options, choice, path, real, settings, several, switch, text, whole

ROOT = Path(__file__).resolve().parents[2]

_spec = importlib.util.spec_from_file_location("campaign_schemas", ROOT / "docs" / "campaign_schemas.py")
schemas = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(schemas)


@dataclass(frozen=True)
class Config:
    """Settings of a test: one of each kind."""

    shape: str = choice("round", ("round", "square"), "shape")
    side: int = whole(8, "side", 8, 64, multiple=8, unit="samples")
    inner: int = whole(4, "inside", 0, "side")
    level: float = real(0.0, "level", -3, 3, unit="dB", inf="no limit", option="db")
    share: float = real(0.05, "share", 0, 1, open_low=True, percent=True)
    colours: tuple[str, ...] = several(("red",), "colours", ("red", "blue"))
    heights: tuple[float, ...] = several((1.0,), "heights")
    count: Optional[int] = whole(None, "count", 1, none="all there are", word="all")
    name: str = text("x", "name")
    place: Optional[Path] = path("place", "nowhere")  # noqa: RUF009
    is_plain: bool = switch(False, "plain")


CAMPAIGN = Campaign("test", (Config, tuple(settings(Config))))


def read(tmp_path, content, *words, campaign=CAMPAIGN, groups=((Config, tuple(settings(Config))),)):
    file = tmp_path / "c.yml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    parser = argparse.ArgumentParser()
    campaign.add_option(parser)
    for config, names in groups:
        add_options(parser, config, *names)
    found = campaign.read(parser.parse_args(["--config", str(file), *words]))
    return found[0] if len(found) == 1 else found


def test_every_kind_of_value(tmp_path):
    content = """
        # a comment
        shape: square
        side: 16
        inner: 99      # what depends on another field, the class checks
        db: -1e0
        share: 20
        colours: [blue, red]
        heights:
        - 1
        - 2.5
        count: all
        name: "no"
        place: some/folder
        is-plain: true
    """
    assert read(tmp_path, content) == {
        "shape": "square", "side": 16, "inner": 99, "level": -1.0, "share": 0.2, "colours": ("blue", "red"),
        "heights": (1.0, 2.5), "count": None, "name": "no", "place": Path("some/folder"), "is_plain": True,
    }  # fmt: skip
    assert read(tmp_path, "db: inf")["level"] == math.inf


def test_an_option_wins_over_the_file(tmp_path):
    content = "side: 16\ncolours: [blue]\nis-plain: false\n"
    found = read(tmp_path, content, "--side", "24", "--is-plain")
    assert found == {"side": 24, "colours": ("blue",), "is_plain": True}


def test_the_place_to_compute_is_decided_by_options_if_there_are(tmp_path):
    names = ("workers", "scheduler")
    campaign = Campaign("test", (RunSettings, names))

    def settings_of(content, *words):
        return read(tmp_path, content, *words, campaign=campaign, groups=((RunSettings, names),))

    assert settings_of("workers: 2\n", "--scheduler", "tcp://a:1") == {"scheduler": "tcp://a:1"}
    assert settings_of("scheduler: tcp://a:1\n", "--workers", "3") == {"workers": 3}
    both = settings_of("scheduler: tcp://a:1\nworkers: 2\n")
    with pytest.raises(InputError, match="--workers is of this machine"):
        RunSettings(**both)


def test_words_and_numbers_are_those_of_yaml_1_2(tmp_path):
    """In YAML 1.1, which PyYAML reads, these are a number to the base 60, an octal one and False."""
    assert read(tmp_path, "name: 10:20:5")["name"] == "10:20:5"
    assert read(tmp_path, "side: 016")["side"] == 16
    assert read(tmp_path, "name: no")["name"] == "no"
    assert read(tmp_path, "db: 1e-3")["level"] == 1e-3
    assert yaml.safe_load("name: 10:20:5") == {"name": 37205}


REFUSED = {
    "sides: 8": "1: sides: unknown key; did you mean side?",
    "is_plain: true": "1: is_plain: unknown key; did you mean is-plain?",
    "level: 3": "1: level: unknown key; known are shape, side, inner, db, share, colours, heights, count, "
    "name, place, is-plain",
    "name: a\nside: big": "2: side: must be a whole number from 8 to 64 samples, a multiple of 8, got 'big'",
    "side: true": "1: side: must be a whole number from 8 to 64 samples, a multiple of 8, got True",
    "side: 8.5": "1: side: must be a whole number from 8 to 64 samples, a multiple of 8, got 8.5",
    "side: 72": "1: side: must be from 8 to 64 samples, a multiple of 8, got 72",
    "shape: flat": "1: shape: must be one of round, square, got 'flat'",
    "shape: 3": "1: shape: must be one of round, square, got 3",
    "colours: red": "1: colours: must be a list of red, blue, got 'red'; put it in brackets, as [A, B]",
    "colours: [red, green]": "1: colours: must be among red, blue, got 'green'",
    "colours: [red, red]": "1: colours: red is there twice; leave one out",
    "colours: []": "1: colours: must be a list of red, blue, got []",
    "heights: [1, x]": "1: heights: must be a list of numbers, got 'x'",
    "heights: [1e999]": "1: heights: must be a list of numbers, got inf",
    "count: 0": "1: count: must be 1 or more, got 0",
    "count: none": "1: count: must be a whole number 1 or more, or all, got 'none'",
    "count:": "1: count: must be a whole number 1 or more, or all, got None",
    "name: 5": "1: name: must be text, got 5; put it in quotes",
    "name: {a: 1}": "1: name: must be text, got {'a': 1}; put it in quotes",
    "place: 5": "1: place: must be a path, got 5; put it in quotes",
    "is-plain: yes": "1: is-plain: must be true or false, got 'yes'",
    "share: 0": "1: share: must be from above 0 to 100 %, got 0",
    "side: 8\nside: 16": "2: side: is there twice; leave one out",
    "[side]: 8": "1: a key must be the name of an option, as images",
    "side: [": "1: cannot be read as YAML (",
    "side: !!python/object:os.system 8": "1: cannot be read as YAML (could not determine a constructor",
    "side: 8\n---\nside: 8": "2: cannot be read as YAML (",
    "colours: &a [*a]": "1: cannot be read as YAML (found unconstructable recursive node)",
}


@pytest.mark.parametrize("content", REFUSED)
def test_what_is_refused_in_one_line(tmp_path, content):
    with pytest.raises(InputError) as refusal:
        read(tmp_path, content)
    assert str(refusal.value).startswith(f"{tmp_path / 'c.yml'}:{REFUSED[content]}")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "content", ["", "- 1", "text", b"\xff\xfe\xff", b"a: \x00", "[" * 100_000, "9" * 9999]
)
def test_what_is_no_campaign_at_all(tmp_path, content):
    with pytest.raises(InputError) as refusal:
        read(tmp_path, content)
    assert str(refusal.value).startswith(f"{tmp_path / 'c.yml'}")
    assert "\n" not in str(refusal.value)


def test_a_file_of_any_size_is_refused_at_once(tmp_path):
    with pytest.raises(InputError, match="larger than 1 MiB"):
        read(tmp_path, b"#" * (MAX_BYTES + 1))
    with pytest.raises(FileNotFoundError):
        CAMPAIGN.read_file(tmp_path / "none.yml")


def test_aliases_do_not_multiply_in_an_error(tmp_path):
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(InputError) as refusal:
        read(tmp_path, "\n".join(["name: &n [" + ", ".join(["x"] * 10) + "]", *lines]))
    assert len(str(refusal.value)) < 1000


@pytest.mark.parametrize("command", schemas.COMMANDS)
def test_the_schema_in_the_docs_is_current(command):
    """If it is not: ./aeiqa python docs/campaign_schemas.py."""
    assert schemas.schema_path(command).read_text(encoding="utf-8") == schemas.schema_text(command)


VALUES = [
    None, True, 0, 1, 5, 8, 16, 64, 72, 100, 101, 255, 256, -1, 2.0, 2.5, 1e6, "all", "none", "auto", "inf",
    "x", "0:15:5", "1,2", "1,,2", [], [1], [1, 2], [1, 1], ["red"], ["red", "red"], ["awgn"], ["x"], [None],
    [[1]], {}, "mnist", "round", "square", "table2", "physical", ["table2"], "blind", "gray", "jakes", "ls",
    "mmse", ["bpsk", "qam16"], ["pulses"], "gaussian",
]  # fmt: skip
# What a schema cannot say: names of conditions, and SNRs such as 1,,2, are checked when they are used.
BEYOND = {("snr", "1,,2")}


@pytest.mark.parametrize("command", ["test", *schemas.COMMANDS])
def test_the_schema_takes_what_the_command_takes(command, tmp_path):
    if command == "test":
        campaign = CAMPAIGN
    else:
        campaign = schemas.runpy.run_path(str(ROOT / "apps" / f"{command}.py"))["CAMPAIGN"]
    schema = campaign.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for key in schema["properties"]:
        taken = 0
        for value in VALUES:
            file = tmp_path / "c.yml"
            file.write_text(json.dumps({key: value}), encoding="utf-8")
            try:
                campaign.read_file(file)
                is_read = True
            except InputError:
                is_read = False
            if (key, value if not isinstance(value, (list, dict)) else None) not in BEYOND:
                assert validator.is_valid({key: value}) == is_read, f"{key}: {value!r}"
            taken += is_read
        assert taken, key
