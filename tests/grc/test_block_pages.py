#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Each block has a page, in the index, that names its parameters and defaults, and whose code runs."""

import re
import subprocess
import sys

import pytest
import yaml
from block_names import BLOCKS, VARIABLES

PAGES = BLOCKS + VARIABLES


@pytest.fixture(scope="module")
def pages(root):
    return {path.stem: path.read_text() for path in (root / "docs" / "blocks").glob("*.md")}


def test_index_links_every_page(pages):
    assert pages.keys() - {"README"} == set(PAGES)
    assert set(re.findall(r"^\| \[(\w+)\]\(\1\.md\)", pages["README"], re.MULTILINE)) == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(root, pages, name):
    for target in re.findall(r"\]\(([^)#]+)", pages[name] + pages["README"]):
        assert (root / "docs" / "blocks" / target).exists(), target


@pytest.mark.parametrize("name", PAGES)
def test_table_has_the_parameters_and_defaults(root, pages, name):
    block = yaml.safe_load((root / "grc" / f"aeiqa_{name}.block.yml").read_text())
    lines = [line for line in pages[name].splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    header = next(row for row in rows if row[0] in ("parameter", "name"))
    table = {row[0].strip("`"): row[header.index("default")] for row in rows if len(row) == len(header)}
    table = {key: value.strip('`"') for key, value in table.items() if key not in (header[0], "---")}
    parameters = [parameter for parameter in block["parameters"] if parameter["id"] != "gui_hint"]
    assert list(table) == [parameter["id"] for parameter in parameters]
    for parameter in parameters:
        # The Companion needs one; the class has none.
        if parameter["id"] in ("images", "reference", "config") or parameter["dtype"] == "id":
            continue
        default = str(parameter["default"]).strip('"').removesuffix(".0")
        assert table[parameter["id"]] == default, parameter["id"]


def test_every_page_but_the_sinks_has_code(pages):
    assert {name for name, text in pages.items() if "```python" in text} == set(PAGES)


# The scoring sink's page shows a part of a flowgraph, not a program.
@pytest.mark.parametrize("name", [name for name in PAGES if name != "aeiqa_sink"])
def test_code_runs(pages, name, tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", pages[name], re.DOTALL)
    program = tmp_path / "page.py"
    program.write_text(code)
    run = subprocess.run([sys.executable, "-W", "error", program], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.strip()
