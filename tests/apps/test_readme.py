#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Programs on the documentation's pages run, and its links lead to files."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]

# Pages whose programs run as they stand.
EXAMPLES = [
    pytest.param(program, id=f"{name}-{number}")
    for name in ("README.md", "docs/drop-in.md", "docs/for-machine-learning.md")
    for number, program in enumerate(
        re.findall(r"```python\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
    )
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_program_on_the_page_runs(example, tmp_path):
    if any(name in example for name in ("aeiqa.iqa", "aeiqa_sink", "aeiqa.sweep")):
        pytest.importorskip("torch")
    result = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_readme_names_every_block():
    rows = re.findall(r"^\| `(\w+)` \|.*→", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    headers = {path.stem for path in (ROOT / "include/gnuradio/aeiqa").glob("*.h")}
    headers -= {"api", "receiver_counters"}  # no blocks
    in_python = {"aeiqa_sink", "image_receiver", "image_transmitter", "link_adapter", "quality_sink"}
    assert set(rows) == headers | in_python
