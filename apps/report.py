#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""./aeiqa report DIR: the paper and the measurement side by side, and the figures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from gnuradio.aeiqa.cli import ArgumentParser, run
from gnuradio.aeiqa.report import load_results, report_text


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Print the report on a sweep's folder and draw its figures there."""
    parser = ArgumentParser(prog="aeiqa report", description=__doc__.split(": ", 1)[1])
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder of a sweep, as results/table2")
    parser.add_argument("--no-figures", action="store_true", help="print only")
    args = parser.parse_args(argv)
    results = load_results(args.folder)
    print(report_text(results))
    if not args.no_figures:
        from gnuradio.aeiqa.report.figures import draw_figures  # matplotlib takes half a second to import

        print("\nfigures: " + " ".join(map(str, draw_figures(results))))
    return 0


if __name__ == "__main__":
    run("aeiqa report", main)
