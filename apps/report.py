#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""./aeiqa report DIR: the paper and the measurement side by side, and a page with every figure.

DIR is the folder of a sweep, of an evaluation, of both, or of a comparison of link adaptation. The page,
report.html, is one file that needs no network; its figures are written beside it as PNG and SVG.

Example:
    ./aeiqa report results/table2
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from gnuradio.aeiqa.cli import ArgumentParser, run
from gnuradio.aeiqa.experiments.results import load
from gnuradio.aeiqa.report.text import report_text


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Print the report on a folder of results and write its page and figures there."""
    args = _parser().parse_args(argv)
    loaded = load(args.folder)
    if loaded.sweep is not None:
        print(report_text(loaded.sweep))
    if not args.no_page:
        from gnuradio.aeiqa.report.page import write_report  # matplotlib takes half a second to import

        page, *figures = write_report(args.folder, loaded)
        print(f"\n{page}, and its {len(figures)} figure files beside it")
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser.of(__doc__)
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder of results, as results/table2")
    parser.add_argument("--no-page", action="store_true", help="print only")
    return parser


if __name__ == "__main__":
    run("aeiqa report", main)
