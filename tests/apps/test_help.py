#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The help of every command: what it says first, and examples that are commands."""

import importlib.util
import re
import shlex
from pathlib import Path

import pytest

APPS = {path.stem: path for path in (Path(__file__).parents[2] / "apps").glob("*.py") if path.stem != "check"}


@pytest.fixture(params=APPS)
def command(request):
    """A command's name and its parser."""
    spec = importlib.util.spec_from_file_location(f"help_of_{request.param}", APPS[request.param])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return request.param, module._parser()


def test_examples_are_taken(command):
    name, parser = command
    text = re.search(r"\n\nExamples?:\n(.*)", parser.format_help(), re.DOTALL)[1]
    lines = text.replace("\\\n", " ").splitlines()
    assert lines
    for line in lines:
        program, called, *arguments = shlex.split(line)
        assert (program, called) == ("./aeiqa", name)
        parser.parse_args(arguments)


def test_it_says_what_the_command_does(command):
    name, parser = command
    assert parser.prog == f"aeiqa {name}"
    assert re.fullmatch(r"[a-z].*[.]", parser.description)
    assert parser.format_help().startswith(f"usage: aeiqa {name}")
