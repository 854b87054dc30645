#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The rules of the house: few loose modules, small folders, floors without a circle, and their drawing."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from gnuradio.aeiqa import iqa, metrics

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "python" / "aeiqa"

_spec = importlib.util.spec_from_file_location("draw_architecture", ROOT / "docs" / "draw_architecture.py")
drawing = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(drawing)

FOLDERS = sorted(path.parent for path in PACKAGE.rglob("__init__.py"))
LOOSE = {"__init__", "air", "cli", "errors", "fields", "files"}
MOST_MODULES = 12


def test_modules_live_in_rooms():
    assert {path.stem for path in PACKAGE.glob("*.py")} <= LOOSE


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(PACKAGE)))
def test_a_folder_can_be_taken_in_at_a_glance(folder):
    assert len([path for path in folder.glob("*.py") if path.name != "__init__.py"]) <= MOST_MODULES


def test_every_room_has_its_floor_and_imports_from_lower_ones_only():
    floor = {room: number for number, rooms in enumerate(drawing.floors()) for room in rooms}
    rooms = {parts[0] for parts in drawing.modules() if parts}
    assert set(floor) == rooms
    rising = {(a, b) for a, b in drawing.room_imports() if b != drawing.BLOCKS and floor[a] >= floor[b]}
    assert rising == set()


def test_no_module_imports_itself_by_way_of_others():
    """Inside functions neither."""
    known = drawing.modules()
    graph = {
        module: {target for target in targets if target in known}
        for module, targets in drawing.imports(known).items()
    }
    # A package's __init__ hands on what its modules hold: only modules are looked at.
    leaves = {module for module, path in known.items() if path.name != "__init__.py"}
    left = {module: graph[module] & leaves for module in leaves}
    while free := {module for module, targets in left.items() if not targets & left.keys()}:
        left = {module: targets for module, targets in left.items() if module not in free}
    assert {".".join(module) for module in left} == set()


def drawn(kind):
    svg = drawing.FIGURE.read_text(encoding="utf-8").replace("&#45;", "-").replace("&gt;", ">")
    return set(re.findall(rf'class="{kind}">\s*<title>([^<]*)</title>', svg))


def test_the_drawing_shows_the_rooms():
    """If it does not: /usr/bin/python3 docs/draw_architecture.py."""
    assert drawn("node") == {room for rooms in drawing.floors() for room in rooms} | {drawing.BLOCKS}
    arrows = {f"{a}->{b}" for a, b in drawing.arrows()}
    order = {f"{a[0]}->{b[0]}" for a, b in zip(drawing.floors(), drawing.floors()[1:], strict=False)}
    assert arrows <= drawn("edge") <= arrows | order


# Compared with these, a word that is a score's name too means something else.
NO_NAMES = re.compile(r"\b(kind|needs)\b")


def test_no_room_but_scores_asks_for_a_score_by_name():
    names = set(iqa.SCORES) - set(metrics.__all__)  # those are columns as well
    found = set()
    for path in PACKAGE.rglob("*.py"):
        if path.is_relative_to(PACKAGE / "iqa" / "scores"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare) and not NO_NAMES.search(ast.unparse(node)):
                words = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
                found |= {f"{path.name}:{node.lineno}: {word}" for word in words & names}
    assert found == set()


def test_the_files_that_the_architecture_names_are_there():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    names = set(re.findall(r"`([\w/.]+\.(?:py|cc|h|grc|pyi|toml))`", text))
    names = {name for name in names if "NAME" not in name}
    assert len(names) > 30
    rooms = (PACKAGE / room for room in ("radio", "sinks", "experiments/sweep"))
    places = (ROOT, ROOT / "lib" / "dsp", PACKAGE, *rooms)
    assert {name for name in names if not any((place / name).exists() for place in places)} == set()
