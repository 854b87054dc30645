#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The examples in the docstrings of public names run, and give what they show."""

import doctest
import importlib
import inspect

import pytest

ROOMS = ("", "adapt", "air", "images", "iqa", "link.simulated", "metrics", "testing")
# The build tree's package is links into the source: examples are collected over names, not over files.
FINDER = doctest.DocTestFinder(recurse=False)
# Spacing within arrays is NumPy's business; what is long may be cut by dots.
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS

NEEDED = (
    "transmit",
    "LinkConfig",
    "AirConfig",
    "load_dataset",
    "load_target",
    "load_score",
    "Judge",
    "psnr",
    "ssim",
    "piqe",
    "ber",
)
NEEDS_TORCH = ("Judge", "load_target", "load_score", "check_score", "check_target")


def public_objects():
    found = {}
    for room in ROOMS:
        module = importlib.import_module(f"gnuradio.aeiqa.{room}".rstrip("."))
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            if inspect.isclass(thing) or inspect.isfunction(thing):
                found.setdefault(thing, f"{room}.{name}".lstrip("."))
                if inspect.isclass(thing) and (thing.__module__ or "").startswith("gnuradio.aeiqa"):
                    for member, method in vars(thing).items():
                        if inspect.isfunction(method) and not member.startswith("_"):
                            found.setdefault(method, f"{room}.{name}.{member}".lstrip("."))
    return {name: thing for thing, name in found.items()}


EXAMPLES = {
    name: test
    for name, thing in public_objects().items()
    for test in FINDER.find(thing, name)
    if test.examples
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_gives_what_it_shows(name):
    if name.rpartition(".")[2] in NEEDS_TORCH:
        pytest.importorskip("torch")
    said = []
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    result = runner.run(EXAMPLES[name], out=said.append)
    assert result.attempted > 0
    assert result.failed == 0, "".join(said)


@pytest.mark.parametrize("name", NEEDED)
def test_the_first_names_of_a_newcomer_have_one(name):
    assert any(example.rpartition(".")[2] == name for example in EXAMPLES)
