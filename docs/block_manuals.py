#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
r"""Write each block's parameters, which its GRC file describes, wherever else they are told.

    docs/block_manuals.py                    tables of the pages, \param of the headers, Args of the classes
    docs/block_manuals.py --docstrings FILE  C++ strings for the bindings, made by the build

A line of the GRC file's documentation, "Label: text.", describes the parameter of that label.
"""

import argparse
import ast
import json
import re
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Optional

import yaml

ROOT = Path(__file__).resolve().parents[1]
# Blocks whose make() takes other parameters than the Companion and Python.
MADE_OF_OTHERS = ("image_source",)
HEAD = ("parameter", "unit", "default", "meaning")


class Parameter(NamedTuple):
    """One parameter of a block.

    Attributes:
        name: of the keyword.
        label: in the Companion, without unit.
        unit: as the label's bracket tells it; empty if there is none.
        default: as a Python expression.
        options: the allowed values, as Python expressions; empty if the Companion offers none.
        text: the description, without full stop.
    """

    name: str
    label: str
    unit: str
    default: str
    options: tuple[str, ...]
    text: str

    @property
    def choices(self) -> tuple[str, ...]:
        """The names to choose from; empty if there are none."""
        values = (ast.literal_eval(option) for option in self.options)
        return tuple(value for value in values if isinstance(value, str))


def blocks(root: Path = ROOT) -> dict[str, list[Parameter]]:
    """Return the parameters of every block by its name, those of the Companion's own left out."""
    found = {}
    for path in sorted((root / "grc").glob("*.block.yml")):
        if "deprecated" not in yaml.safe_load(path.read_text(encoding="utf-8"))["flags"]:
            found[path.name.removeprefix("aeiqa_").removesuffix(".block.yml")] = parameters(path)
    return found


def parameters(path: Path) -> list[Parameter]:
    """Return the parameters of a GRC file. Raises ``ValueError`` if one is not described."""
    block = yaml.safe_load(path.read_text(encoding="utf-8"))
    described = dict(line.split(": ", 1) for line in block["documentation"].splitlines() if ": " in line)
    found = []
    for entry in block["parameters"]:
        if entry["id"] == "gui_hint":
            continue
        label, _, bracket = entry["label"].partition(" (")
        label = label.split(",")[0]
        unit = bracket.rstrip(")").split(",")[0]
        if label not in described:
            raise ValueError(f"{path}: the documentation has no line for {label!r}")
        options = tuple(entry.get("options", ())) if entry["dtype"] != "bool" else ()
        text = described[label].removesuffix(".")
        if "*/" in text:
            raise ValueError(f"{path}: {label}: '*/' would end a comment of C++")
        unit = unit if unit[:1].isalpha() or unit == "%" else ""
        found.append(Parameter(entry["id"], label, unit, str(entry["default"]), options, text))
    return found


def with_page_table(page: str, block: Sequence[Parameter]) -> str:
    """Return a page of a block with the table of its parameters written anew."""
    rows = [HEAD, ("---",) * len(HEAD)]
    for parameter in block:
        default = parameter.default.strip('"').removesuffix(".0")
        meaning = _told(parameter, mark="`").replace("|", "\\|")
        rows.append((f"`{parameter.name}`", parameter.unit, f"`{default}`", meaning))
    table = "\n".join("|" + "|".join(f" {cell} " if cell else " " for cell in row) + "|" for row in rows)
    table = table.replace(" --- ", "---")
    return _replaced(r"^\| parameter \|.*\n(?:\|.*\n)+", page, f"{table}\n")


def with_params(header: str, block: Sequence[Parameter]) -> str:
    r"""Return a block's header with the ``\param`` of its make() written anew."""
    lines = []
    for parameter in block:
        text = f"     * \\param {parameter.name} {_told(parameter, unit=parameter.unit)}"
        lines += textwrap.wrap(text, 90, subsequent_indent="     * ", break_on_hyphens=False)
    params = "\n".join(lines)
    make = r"     \* \\throws(?:(?!\*/)[\s\S])*\*/\s*static sptr\s+make\("
    pattern = rf"^     \* \\param (?:(?!\\throws|\*/)[\s\S])*(?={make})"
    return _replaced(pattern, header, f"{params}\n")


def with_args(source: str, name: str, block: Sequence[Parameter]) -> str:
    """Return a Python module with the Args of a class's docstring written anew."""
    lines = []
    for parameter in block:
        text = f"        {parameter.name}: {_told(parameter, unit=parameter.unit)}."
        lines += textwrap.wrap(text, 110, subsequent_indent=" " * 12, break_on_hyphens=False)
    args = "\n".join(lines)
    pattern = rf"(class {name}\b[\s\S]*?\n    Args:\n)(?:        .*\n)+"
    return _replaced(pattern, source, lambda found: f"{found[1]}{args}\n")


def docstrings(every: dict[str, list[Parameter]]) -> str:
    """Return a C++ header that defines ``AEIQA_ARGS_name``, the end of each block's Python docstring."""
    lines = ["// Made by docs/block_manuals.py from the GRC files.", "#pragma once"]
    for name, block in every.items():
        told = (f"    {parameter.name}: {_told(parameter, unit=parameter.unit)}." for parameter in block)
        args = "\n".join(textwrap.fill(line, 100, subsequent_indent=" " * 8) for line in told)
        text = f"\n\nArgs:\n{args}\n\nRaises:\n    ValueError: naming the argument at fault."
        # JSON's escapes are C++'s.
        lines.append(f"#define AEIQA_ARGS_{name} {json.dumps(text, ensure_ascii=False)}")
    return "\n".join([*lines, ""])


def update(root: Path = ROOT) -> dict[Path, str]:
    """Return the text that each file told from the GRC files should have, by path."""
    modules = {
        found: path
        for path in sorted((root / "python" / "aeiqa").rglob("*.py"))
        for found in re.findall(r"^class (\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    texts: dict[Path, str] = {}
    for name, block in blocks(root).items():
        page = root / "docs" / "blocks" / f"{name}.md"
        texts[page] = with_page_table(page.read_text(encoding="utf-8"), block)
        header = root / "include" / "gnuradio" / "aeiqa" / f"{name}.h"
        if header.exists() and name not in MADE_OF_OTHERS:
            texts[header] = with_params(header.read_text(encoding="utf-8"), block)
        elif name in modules:
            module = modules[name]
            text = texts.get(module) or module.read_text(encoding="utf-8")
            texts[module] = with_args(text, name, block)
    return texts


def _told(parameter: Parameter, mark: str = "", unit: str = "") -> str:
    """Return the description; its first sentence ends with the choices and the unit."""
    first, stop, rest = parameter.text.partition(". ")
    if parameter.choices:
        first += f": {', '.join(f'{mark}{name}{mark}' for name in parameter.choices)}"
    return f"{first} ({unit}){stop}{rest}" if unit else f"{first}{stop}{rest}"


def _replaced(pattern: str, text: str, by: str | Callable[[re.Match], str]) -> str:
    new, count = re.subn(pattern, by if callable(by) else lambda _: by, text, count=1, flags=re.MULTILINE)
    if count != 1:
        raise ValueError(f"no place for the parameters: {pattern}")
    return new


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Write what has changed, and say so."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--docstrings", type=Path, metavar="FILE", help="write the bindings' strings instead")
    args = parser.parse_args(argv)
    if args.docstrings:
        args.docstrings.write_text(docstrings(blocks()), encoding="utf-8")
        return 0
    for path, text in update().items():
        if path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
