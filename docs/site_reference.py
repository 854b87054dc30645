#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Reference pages of the site, made from the code: Python's public names and the commands' options."""

import argparse
import importlib
import importlib.util
import inspect
import re
import subprocess
import textwrap
from pathlib import Path
from types import ModuleType
from unittest import mock

from gnuradio import aeiqa
from site_pages import ROOT, Folder

# Python's modules: title and public names of each, in the order of the pages.
ROOMS = {
    "": "The link and the blocks",
    "images": "Images",
    "metrics": "Metrics",
    "iqa": "Classifiers and scores",
    "study": "Experiments",
    "air": "On the air",
    "radio": "Radios",
    "adapt": "Link adaptation",
    "widgets": "Views",
    "testing": "Contracts that can be run",
    "errors": "Errors",
}
# Constants have no docstrings of their own.
CONSTANTS = {
    "adapt.MODES": "Names of the modes among which link adaptation chooses by default.",
    "images.DATASET_HELP": "Text for the help of an option that ``load_dataset`` reads.",
    "images.NAMED_SETS": "Names of the data sets that ``load_dataset`` knows.",
    "iqa.SCORES": "Classes of the scores that ``load_score`` knows, by name.",
    "iqa.TARGETS": "Names of the files of the classifiers that ``load_target`` knows, by name.",
    "radio.SCHEMES": "Functions that open an end point, by what its name begins with.",
}
COMMANDS = ("sweep", "report", "evaluate", "adapt", "export", "train", "transmit", "receive", "edge")
COMMANDS += ("device", "bench")
_PACKAGE = "gnuradio.aeiqa"


def public_names(room: str) -> list[str]:
    """Return the public names of a module of the package ("" for the package), its modules left out."""
    module = _module(room)
    names = getattr(module, "__all__", None) or [
        name for name, thing in vars(module).items() if inspect.isclass(thing) and not name.startswith("_")
    ]
    return [name for name in names if not inspect.ismodule(getattr(module, name))]


def write_reference(folder: Folder) -> None:
    """Write every page of the reference."""
    lines = ["# Python", "", "```{toctree}", ":hidden:", ""]
    lines += [f"{_page(room)}" for room in ROOMS] + ["```", ""]
    for room, title in ROOMS.items():
        lines += [f"## [{title}]({_page(room)}.rst)", "", "| name | does |", "|---|---|"]
        lines += [f"| {{py:obj}}`{name} <{full}>` | {does} |" for name, full, does in _summaries(room)] + [""]
        folder.write(f"api/{_page(room)}.rst", python_page(room))
    folder.write("api/index.md", "\n".join(lines))
    folder.write("commands.rst", commands_page())


def python_page(room: str) -> str:
    """Return the page of a module: its docstring, then every public name."""
    full = f"{_PACKAGE}.{room}".rstrip(".")
    lines = [*_heading(ROOMS[room], "="), f".. automodule:: {full}", "   :no-members:", ""]
    lines += [f".. py:currentmodule:: {full}", ""]
    for name in public_names(room):
        lines += _entry(room, name)
    return "\n".join(lines)


def commands_page() -> str:
    """Return the page of the launcher's commands."""
    usage = subprocess.run([ROOT / "aeiqa", "help"], capture_output=True, text=True, check=True).stdout
    lines = [*_heading("Commands", "="), ".. code-block:: none", "", *_indented(usage), ""]
    for command in COMMANDS:
        lines += _command(command, parser_of(ROOT / "apps" / f"{command}.py"))
    return "\n".join(lines)


def parser_of(app: Path) -> argparse.ArgumentParser:
    """Return the parser of a command line, as it is when the command begins to read its options."""
    spec = importlib.util.spec_from_file_location(f"app_{app.stem}", app)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    class Reached(Exception):
        pass

    def reached(parser: argparse.ArgumentParser, *_: object) -> None:
        raise Reached(parser)

    with mock.patch.object(argparse.ArgumentParser, "parse_args", reached):
        try:
            module.main([])
        except Reached as found:
            return found.args[0]
    raise ValueError(f"{app}: reads no options")


def _entry(room: str, name: str) -> list[str]:
    """Return the directives that document a name."""
    thing, full = getattr(_module(room), name), f"{room}.{name}".lstrip(".")
    if room and getattr(aeiqa, name, None) is thing:
        if thing.__module__ == f"{_PACKAGE}.{room}":  # the entry there has this name as well
            return [f":py:obj:`{name} <{_PACKAGE}.{name}>` is described with the package.", ""]
        kind = "class" if inspect.isclass(thing) else "function"
        return [f".. py:{kind}:: {name}", "", f"   The same as :py:obj:`{_PACKAGE}.{name}`.", ""]
    if inspect.isclass(thing):
        lines = [f".. autoclass:: {name}", "   :members:", ""]
        if (ROOT / "docs" / "blocks" / f"{name}.md").exists():
            lines += [f"   The block's page: :doc:`/blocks/{name}`.", ""]
        return lines
    if callable(thing):
        return [f".. autofunction:: {name}", ""]
    return [f".. py:data:: {name}", "", f"   {CONSTANTS[full]} {_contents(thing)}", ""]


def _contents(constant: object) -> str:
    """Return what a constant holds: its text, or its names."""
    if isinstance(constant, str):
        return f"It is ``{constant!r}``."
    assert isinstance(constant, (dict, tuple))
    return f"They are {', '.join(f'``{name}``' for name in constant)}."


def _summaries(room: str) -> list[tuple[str, str, str]]:
    """Return name, full name and first sentence of every public name."""
    found = []
    for name in public_names(room):
        thing, full = getattr(_module(room), name), f"{room}.{name}".lstrip(".")
        text = CONSTANTS.get(full) or inspect.getdoc(thing) or ""
        first = text.split("\n\n")[0].replace("\n", " ").replace("``", "`").replace("|", "\\|")
        found.append((name, f"{_PACKAGE}.{full}", first))
    return found


def _command(name: str, parser: argparse.ArgumentParser) -> list[str]:
    """Return the section of a command, each option as an entry that the search finds."""
    usage = parser.format_usage().removeprefix("usage: ")
    lines = [*_heading(name, "-"), f"{_escaped(parser.description or '')}", ""]
    lines += [".. code-block:: none", "", *_indented(f"./{usage}"), "", f".. program:: aeiqa {name}", ""]
    for group in parser._action_groups:
        actions = [action for action in group._group_actions if action.help != argparse.SUPPRESS]
        if actions and group.title not in ("options", "positional arguments"):
            lines += [f"**{_escaped(group.title or '')}**", ""]
        for action in actions:
            lines += _option(action, parser)
    more, examples = re.fullmatch(r"(.*)\n\nExamples?:\n(.*)", parser.epilog or "", re.DOTALL).groups()
    block = [".. code-block:: sh", "", *_indented(textwrap.dedent(examples.rstrip()))]
    return [*lines, _escaped(more), "", *block, ""]


def _option(action: argparse.Action, parser: argparse.ArgumentParser) -> list[str]:
    value = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
    if action.choices and not action.metavar:
        value = "{" + ",".join(map(str, action.choices)) + "}"
    names = ", ".join(f"{name} {value}".rstrip() for name in action.option_strings) or str(value)
    text = (action.help or "") % {**vars(action), "prog": parser.prog}
    return [f".. option:: {names}", "", f"   {_escaped(text)}", ""]


def _module(room: str) -> ModuleType:
    return importlib.import_module(f"{_PACKAGE}.{room}".rstrip("."))


def _page(room: str) -> str:
    return room or "link"


def _heading(text: str, line: str) -> list[str]:
    return [text, line * len(text), ""]


def _indented(text: str) -> list[str]:
    return [f"   {line}".rstrip() for line in text.rstrip().splitlines()]


def _escaped(text: str) -> str:
    """Return text of a help without meaning to reStructuredText."""
    return re.sub(r"([\\*`|_])", r"\\\1", " ".join(text.split()))
