#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The reference of the built site has every public name of the package and every option of the commands."""

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
import site_pages
import site_reference
from gnuradio import aeiqa

ROOT = Path(__file__).parents[2]
NAMES = [
    f"{room}.{name}".lstrip(".")
    for room in site_reference.ROOMS
    for name in site_reference.public_names(room)
]


@pytest.fixture(scope="module")
def inventory(tmp_path_factory):
    """Names of Python's objects in a built site, with their roles. The pages are the reference alone."""
    pytest.importorskip("sphinx")
    for module in ("myst_parser", "furo", "sphinx_copybutton"):
        pytest.importorskip(module)
    folder = site_pages.Folder(tmp_path_factory.mktemp("pages"))
    site_reference.write_reference(folder)
    folder.write("index.md", "# Reference\n\n```{toctree}\napi/index\ncommands\n```\n")
    for name in re.findall(r":doc:`/(blocks/\w+)`", (folder.path / "api" / "link.rst").read_text()):
        folder.write(f"{name}.md", f"---\norphan: true\n---\n\n# {name}\n")
    out = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-c",
        ROOT / "docs",
        folder.path,
        out,
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert (result.returncode, result.stderr) == (0, "")
    from sphinx.util.inventory import InventoryFile

    with (out / "objects.inv").open("rb") as file:
        entries = InventoryFile.load(file, "", lambda base, page: page)
    return {name: role for role, names in entries.items() for name in names}


def test_every_module_of_the_package_has_its_page():
    modules = {name for name in aeiqa.__all__ if inspect.ismodule(getattr(aeiqa, name))}
    # Names of link stand in the package itself; the contracts are imported by name.
    assert modules - {"link"} | {"testing", ""} == set(site_reference.ROOMS)


def test_every_public_name_of_the_package_is_listed():
    assert set(site_reference.public_names("")) == {
        name for name in dir(aeiqa) if not name.startswith("_") and not inspect.ismodule(getattr(aeiqa, name))
    }
    for room in set(site_reference.ROOMS) - {"", "errors"}:
        module = importlib.import_module(f"gnuradio.aeiqa.{room}")
        assert set(site_reference.public_names(room)) == set(module.__all__)


@pytest.mark.parametrize("name", NAMES)
def test_the_site_has_every_public_name(inventory, name):
    assert f"gnuradio.aeiqa.{name}" in inventory


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_is_described(name):
    room, _, last = name.rpartition(".")
    thing = getattr(importlib.import_module(f"gnuradio.aeiqa.{room}".rstrip(".")), last)
    if callable(thing):
        assert inspect.getdoc(thing)
    else:
        assert site_reference.CONSTANTS[name]


def test_the_site_has_the_methods_of_classes(inventory):
    for name in ("channel.set_snr_db", "image_sink.take", "receiver_counters.as_dict", "iqa.Estimator.score"):
        assert f"gnuradio.aeiqa.{name}" in inventory


@pytest.mark.parametrize("command", site_reference.COMMANDS)
def test_the_site_has_every_option_of_a_command(inventory, command):
    help_text = subprocess.run(
        [sys.executable, ROOT / "apps" / f"{command}.py", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    options = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", help_text, re.MULTILINE))
    assert options
    assert {f"aeiqa-{command}.{option}" for option in options} <= set(inventory)


def test_every_command_line_has_its_section():
    apps = {path.stem for path in (ROOT / "apps").glob("*.py")}
    assert apps - {"check"} == set(site_reference.COMMANDS)  # check takes no options
