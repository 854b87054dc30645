#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Each block has a page, in the index, whose code runs."""

import re
import subprocess
import sys

import pytest
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
