#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Tutorials: Python programs in cells, which the build runs as notebooks and shows with what they print.

A cell begins with ``# %%``, one of text with ``# %% [markdown]``. Each becomes a page with its figures, to be
downloaded as .ipynb and .py.
"""

import hashlib
import os
import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import MarkdownExporter
from site_pages import FOLDER_OF_TUTORIALS, MENU, ROOT, Folder, leading_links

NAMES = tuple(Path(name).name for name in MENU["Tutorials"])
SECONDS_A_CELL = 240


def write_tutorials(folder: Folder, run: Path) -> None:
    """Write every tutorial's page and its downloads.

    Args:
        folder: for the pages.
        run: where notebooks that were run are kept by the digest of their text, to run each only once.
    """
    os.environ["AEIQA_ROOT"] = str(ROOT)
    # Notes of the notebook's own machinery.
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    os.environ["PYTHONWARNINGS"] = "ignore:IProgress not found"
    for name in NAMES:
        source = FOLDER_OF_TUTORIALS / f"{name}.py"
        text = source.read_text(encoding="utf-8")
        done = run / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.ipynb"
        if not done.exists():
            done.parent.mkdir(parents=True, exist_ok=True)
            book = notebook(text)
            print(f"running the tutorial {name} ...", flush=True)
            place = {"metadata": {"path": str(run)}}
            NotebookClient(book, timeout=SECONDS_A_CELL, kernel_name="python3", resources=place).execute()
            nbformat.write(book, done)
        book = nbformat.read(done, as_version=4)
        folder.write(f"tutorials/{name}.ipynb", nbformat.writes(book))
        for cell in book.cells:
            if cell.cell_type == "markdown":
                cell.source = leading_links(cell.source, source, f"tutorials/{name}", folder)
        page, resources = MarkdownExporter().from_notebook_node(book)
        for picture, data in resources["outputs"].items():
            new = f"{name}-{picture}"
            page = page.replace(f"![png]({picture})", f"![What the cell above draws]({new})")
            folder.write_bytes(f"tutorials/{new}", data)
        folder.copy(source, f"tutorials/{name}.py")
        downloads = f"Download: [notebook]({name}.ipynb), [program]({name}.py), for `./aeiqa python`."
        folder.write(f"tutorials/{name}.md", f"{page.rstrip()}\n\n{downloads}\n")


def notebook(text: str) -> nbformat.NotebookNode:
    """Return the notebook that a program in cells is. Raises ``ValueError`` if it has no cells."""
    cells = []
    for part in re.split(r"^# %%", text, flags=re.MULTILINE)[1:]:
        kind, _, body = part.partition("\n")
        if kind.strip() == "[markdown]":
            body = re.sub(r"^# ?", "", body, flags=re.MULTILINE)
            cells.append(nbformat.v4.new_markdown_cell(body.strip(), id=f"cell-{len(cells)}"))
        else:
            cells.append(nbformat.v4.new_code_cell(body.strip(), id=f"cell-{len(cells)}"))
    if not cells:
        raise ValueError("a tutorial consists of cells that begin with '# %%'")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=kernel)
