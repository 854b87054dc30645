#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Build the documentation's site into a folder that opens from disk: ``./aeiqa docs``.

The pages are the Markdown of docs/, which stays as a code host shows it; every warning is an error.
"""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

import site_pages
import site_reference
import site_theme
import site_tutorials
from sphinx.cmd.build import build_main

from gnuradio.aeiqa.cli import run


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Build it, and say where it is."""
    parser = argparse.ArgumentParser(prog="aeiqa docs", description=__doc__.partition(":")[0] + ".")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the site")
    parser.add_argument("--fresh", action="store_true", help="build every page anew")
    args = parser.parse_args(argv)
    # What Sphinx reads and what it remembers stay out of what one hands on.
    work = args.out.with_name(args.out.name + "-pages")
    if args.fresh:
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(args.out, ignore_errors=True)
    folder = site_pages.Folder(work / "pages")
    site_pages.write_pages(folder)
    site_reference.write_reference(folder)
    site_tutorials.write_tutorials(folder, work / "tutorials")
    folder.drop_others()
    # All pages are written, since each shows the menu; only changed ones are read.
    options = ["-q", "-W", "--keep-going", "-j", "2", "-a", "-b", "html"]
    places = ["-c", site_pages.DOCS, "-d", work / "doctrees", folder.path, args.out]
    status = build_main([*options, *map(str, places)])
    if status == 0:
        site_theme.mend_theme(args.out / "_static")
        print(args.out / "index.html")
    return status


if __name__ == "__main__":
    run("aeiqa docs", main)
