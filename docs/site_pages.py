#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Pages of the site from the Markdown of the source tree: their places, their links and the menu."""

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
FOLDER_OF_TUTORIALS = DOCS / "tutorials"

# The menu: captions and pages, by their names on the site. Sphinx warns of a page that is missing here.
MENU = {
    "Start": (
        "contents",
        "for-radio-engineers",
        "for-machine-learning",
        "for-operators",
        "first-link",
        "examples",
    ),
    "Tutorials": (
        "tutorials/first_link_in_python",
        "tutorials/score_without_labels",
        "tutorials/your_torch_model",
        "tutorials/own_metric_and_score",
        "tutorials/two_programs",
    ),
    "Guides": (
        "sweep",
        "drop-in",
        "your-own-model",
        "radio",
        "edge",
        "report",
        "campaign",
        "cluster",
        "scale",
        "benchmark",
    ),
    "How it works": (
        "link",
        "air",
        "table2",
        "scores",
        "score-tables",
        "score-making",
        "adaptation",
        "architecture",
    ),
    "Reference": ("blocks/index", "api/index", "commands"),
    "Help": ("faq", "glossary", "comparison", "cite", "paper-numbers"),
    "Project": ("contributing", "changelog", "security"),
}
# Pages outside docs/ that the site has as well.
_PROJECT = {"README.md": "index", "CONTRIBUTING.md": "contributing", "CHANGELOG.md": "changelog"}
_PROJECT |= {"SECURITY.md": "security", "data/paper/README.md": "paper-numbers"}
# Pages that a code host shows in place of a folder are the folder's first page.
_FOLDER_PAGE = "README"

# A Markdown link or picture: what stands before the target, the target, the anchor.
_LINK = re.compile(r"(!?\[[^\]]*\]\()([^)#\s]+)(#[^)]*)?(?=\))")
_FENCE = re.compile(r"(^```.*?^```[^\S\n]*$)", re.MULTILINE | re.DOTALL)


def pages() -> dict[Path, str]:
    """Return the site's name of every Markdown page, by its path in the source tree."""
    found = {}
    for path in sorted(DOCS.rglob("*.md")):
        name = path.relative_to(DOCS).with_suffix("")
        found[path] = str(name.parent / "index" if name.name == _FOLDER_PAGE else name)
    found[DOCS / "README.md"] = "contents"
    return found | {ROOT / file: name for file, name in _PROJECT.items()}


class Folder:
    """The folder that Sphinx reads. A file that stays the same keeps its time, and is not read again.

    Args:
        path: the folder; made if it does not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._written: set[Path] = set()

    def write(self, name: str, text: str) -> None:
        """Write a text file."""
        path = self._place(name)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")

    def write_bytes(self, name: str, data: bytes) -> None:
        """Write a file of any kind."""
        path = self._place(name)
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)

    def copy(self, file: Path, name: str) -> None:
        """Copy a file."""
        path = self._place(name)
        if not path.exists() or path.stat().st_mtime != file.stat().st_mtime:
            shutil.copy2(file, path)

    def drop_others(self) -> None:
        """Delete what an earlier build wrote and this one did not."""
        for path in self.path.rglob("*"):
            if path.is_file() and path not in self._written:
                path.unlink()

    def _place(self, name: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._written.add(path)
        return path


def write_pages(folder: Folder) -> None:
    """Write every Markdown page with links that hold on the site, and the files that they link to.

    Raises ``ValueError`` for a link that leads nowhere.
    """
    known = pages()
    for path, name in known.items():
        text = leading_links(path.read_text(encoding="utf-8"), path, name, folder)
        folder.write(f"{name}.md", text + (_menu() if name == "index" else _children(name)))


def leading_links(text: str, path: Path, name: str, folder: Folder) -> str:
    """Return the text of a page with each link, outside of code, led to where the site has its file.

    Args:
        text: Markdown.
        path: its file in the source tree.
        name: the page's on the site.
        folder: gets the files linked to.

    Raises:
        ValueError: a link leads to no file.
    """
    known = pages() | {FOLDER_OF_TUTORIALS / f"{Path(name).name}.py": name for name in MENU["Tutorials"]}
    up = "../" * name.count("/")

    def target(match: re.Match) -> str:
        before, link, anchor = match[1], match[2], match[3] or ""
        if re.match(r"\w+:", link):
            return match[0]
        file = (path.parent / link).resolve()
        if file in known:
            return f"{before}{up}{known[file]}.md{anchor}"
        if not file.is_file():
            raise ValueError(f"{path}: link to {link}, which is no file")
        place = file.relative_to(DOCS if file.is_relative_to(DOCS) else ROOT)
        folder.copy(file, str(place))
        return f"{before}{up}{place}{anchor}"

    parts = _FENCE.split(text)
    parts[::2] = [_LINK.sub(target, part) for part in parts[::2]]
    return "".join(parts)


def _menu() -> str:
    """Return the menu's part of the first page."""
    trees = (_tree(names, f":caption: {caption}\n") for caption, names in MENU.items())
    return "\n" + "\n".join(trees)


def _children(name: str) -> str:
    """Return the menu's part of a folder's first page: the pages beside it."""
    return "\n" + _tree(("*",), ":glob:\n") if name.endswith("/index") else ""


def _tree(names: tuple[str, ...], options: str) -> str:
    return f"```{{toctree}}\n:hidden:\n{options}\n" + "".join(f"{name}\n" for name in names) + "```\n"
