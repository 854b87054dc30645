#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The pages of the site: every one in the menu and in the list, each link led to its file on the site."""

import re
from pathlib import Path

import pytest
import site_pages

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = site_pages.Folder(tmp_path_factory.mktemp("site"))
    site_pages.write_pages(folder)
    return folder.path


def test_every_page_is_in_the_menu_once():
    made = {"api/index", "commands", *site_pages.MENU["Tutorials"]}  # from the code
    in_menu = [name for names in site_pages.MENU.values() for name in names]
    assert len(set(in_menu)) == len(in_menu)
    of_tree = {name for name in site_pages.pages().values() if "/" not in name or name.endswith("/index")}
    assert of_tree ^ set(in_menu) == {"index"} | made


def test_the_list_of_pages_links_every_page():
    listed = set(re.findall(r"\]\(([^)#]+)", (ROOT / "docs" / "README.md").read_text(encoding="utf-8")))
    pages = {path for path in (ROOT / "docs").glob("*.md") if path.name != "README.md"}
    assert {path.name for path in pages} <= listed


def test_every_link_of_the_site_leads_to_a_file(written):
    links = 0
    for page in written.rglob("*.md"):
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if not re.match(r"\w+:", target):
                links += 1
                file = (page.parent / target).resolve()
                assert file.is_relative_to(written.resolve())
                source = (ROOT / "docs" / file.relative_to(written.resolve())).with_suffix(".py")
                assert file.is_file() or source.is_file(), f"{page.name}: {target}"
    assert links > 100


def test_a_link_to_nothing_is_an_error(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text("[gone](gone.md)")
    monkeypatch.setattr(site_pages, "pages", lambda: {page: "page"})
    with pytest.raises(ValueError, match=r"page\.md: link to gone\.md"):
        site_pages.write_pages(site_pages.Folder(tmp_path / "site"))


def test_code_is_left_as_it_is(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text("```python\nx[0](y)\n```\n")
    monkeypatch.setattr(site_pages, "pages", lambda: {page: "page"})
    site_pages.write_pages(site_pages.Folder(tmp_path / "site"))
    assert (tmp_path / "site" / "page.md").read_text() == page.read_text()


def test_what_is_unchanged_keeps_its_time_and_what_is_gone_goes(tmp_path):
    folder = site_pages.Folder(tmp_path)
    folder.write("same.md", "text")
    folder.write("gone/old.md", "text")
    before = (tmp_path / "same.md").stat().st_mtime_ns
    folder = site_pages.Folder(tmp_path)
    folder.write("same.md", "text")
    folder.drop_others()
    assert (tmp_path / "same.md").stat().st_mtime_ns == before
    assert not (tmp_path / "gone" / "old.md").exists()
