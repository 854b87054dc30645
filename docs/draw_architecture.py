#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Draw the rooms of the Python package, floor by floor, from the code: figures/architecture.svg.

/usr/bin/python3 docs/draw_architecture.py, with graphviz (Debian's package of that name) installed. The
floors are those of pyproject.toml's contract, which import-linter checks; the arrows are the imports found in
the sources, inside functions too, save those that follow from others.
"""

import ast
import itertools
import subprocess
import textwrap
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "python" / "aeiqa"
FIGURE = Path(__file__).parent / "figures" / "architecture.svg"
BLOCKS = "aeiqa_python"  # the module of the blocks in C++

# What rooms without an __init__.py of their own are.
ABOUT = {BLOCKS: "The blocks in C++, bound to Python: lib/, over plain classes in lib/dsp/."}


def floors():
    """Return the rooms of each floor, top first; those in parentheses may be missing."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (c for c in config["tool"]["importlinter"]["contracts"] if c["name"] == "Rooms by floor")
    named = [[name.strip(" ()") for name in layer.split("|")] for layer in contract["layers"]]
    there = [[name for name in names if is_there(name)] for names in named]
    return [names for names in there if names]


def is_there(room):
    return (PACKAGE / room / "__init__.py").exists() or (PACKAGE / f"{room}.py").exists()


def modules():
    """Return the file of each module of the package, by its parts without the package's own."""
    paths = {path.relative_to(PACKAGE).with_suffix("").parts: path for path in PACKAGE.rglob("*.py")}
    return {parts[:-1] if parts[-1] == "__init__" else parts: path for parts, path in paths.items()}


def imports(known):
    """Return what each module imports of the package, both by their parts; a block in C++ as ``BLOCKS``."""
    found = {}
    for parts, path in known.items():
        package = parts if path.name == "__init__.py" else parts[:-1]
        found[parts] = set()
        for node in statements(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                base = package[: len(package) - node.level + 1]
                base += tuple(node.module.split(".")) if node.module else ()
                for alias in node.names:
                    module = (*base, alias.name)
                    found[parts].add(module if module in known else base)
        found[parts] -= {parts, ()}
    return found


def statements(tree):
    """Return every node of a module, in functions too, but not what only type checkers read."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from statements(node)


def room_imports():
    """Return the (room, room) of every import between rooms."""
    return {
        (importer[0], imported[0])
        for importer, targets in imports(modules()).items()
        for imported in targets
        if importer and importer[0] != imported[0]
    }


def arrows():
    """Return the imports between rooms that do not follow from others; the lowest floors serve all."""
    ground = {name for names in floors()[-2:] for name in names}
    edges = {(a, b) for a, b in room_imports() if not {a, b} & ground}
    reached = reachable(edges)
    middle = {room for edge in edges for room in edge}
    return {(a, b) for a, b in edges if not any((a, m) in reached and (m, b) in reached for m in middle)}


def reachable(edges):
    """Return the transitive closure."""
    closure = set(edges)
    while more := {(a, d) for a, b in closure for c, d in closure if b == c} - closure:
        closure |= more
    return closure


def about(room):
    """Return the first sentence about a room, from its docstring."""
    if room in ABOUT:
        return ABOUT[room]
    path = PACKAGE / room / "__init__.py"
    path = path if path.exists() else PACKAGE / f"{room}.py"
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))).split("\n")[0].split("; see")[0]


def source():
    """Return the drawing in graphviz's language."""
    lines = [
        "digraph architecture {",
        '  graph [rankdir=TB, ranksep=0.35, nodesep=0.3, bgcolor="white"];',
        '  node [shape=box, style="rounded,filled", fillcolor="#eef3f8", color="#33566e"];',
        '  node [fontname="Helvetica", fontsize=10, margin="0.12,0.06"];',
        '  edge [color="#33566e", arrowsize=0.6];',
    ]
    rows = [*floors(), [BLOCKS]]
    for names in rows:
        for name in names:
            text = "<br/>".join(escaped(line) for line in textwrap.wrap(about(name), 38))
            lines.append(f'  "{name}" [label=<<b>{name}</b><br/><font point-size="8">{text}</font>>];')
        lines.append("  {{ rank=same; {} }}".format(" ".join(f'"{name}"' for name in names)))
    for above, below in itertools.pairwise(rows):
        lines.append(f'  "{above[0]}" -> "{below[0]}" [style=invis, weight=10];')
    lines += [f'  "{a}" -> "{b}";' for a, b in sorted(arrows())]
    return "\n".join([*lines, "}", ""])


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


if __name__ == "__main__":
    FIGURE.write_bytes(
        subprocess.run(["dot", "-Tsvg"], input=source().encode(), capture_output=True, check=True).stdout
    )
