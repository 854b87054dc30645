#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Tutorials are programs in cells, each in the menu; the build of the site runs them."""

import ast
from pathlib import Path

import pytest
import site_pages

FILES = sorted((Path(__file__).parents[2] / "docs" / "tutorials").glob("*.py"))


def test_every_tutorial_is_in_the_menu():
    assert {f"tutorials/{file.stem}" for file in FILES} == set(site_pages.MENU["Tutorials"])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_tutorial_begins_with_what_one_will_have_at_its_end(file):
    site_tutorials = pytest.importorskip("site_tutorials")
    book = site_tutorials.notebook(file.read_text(encoding="utf-8"))
    title, _, first = book.cells[0].source.partition("\n\n")
    assert book.cells[0].cell_type == "markdown"
    assert title.startswith("# ")
    assert first.startswith("At the end you will ")
    for cell in book.cells:
        if cell.cell_type == "code":
            ast.parse(cell.source)
    # Nothing of the program is lost between the cells.
    program = "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")
    assert ast.dump(ast.parse(program)) == ast.dump(ast.parse(file.read_text(encoding="utf-8")))


def test_what_has_no_cells_is_an_error():
    site_tutorials = pytest.importorskip("site_tutorials")
    with pytest.raises(ValueError, match="cells"):
        site_tutorials.notebook("print(1)\n")
