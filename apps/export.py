#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""./aeiqa export DIR --to FORM: write the results of a finished sweep in another form.

parquet: the values of images.csv.gz, a file for each link, for pandas, polars, DuckDB and their like; needs
pyarrow. mlflow: settings, table and files as a run of MLflow, where MLFLOW_TRACKING_URI says; needs mlflow.

Example:
    ./aeiqa export results/table2 --to parquet
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from gnuradio.aeiqa.cli import ArgumentParser, run
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.export import EXPORTS, PARQUET_FOLDER, to_mlflow, to_parquet


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Export a folder and say where to."""
    args = _parser().parse_args(argv)
    if args.to == "mlflow":
        if args.out is not None:
            raise InputError(f"--out {args.out}: of --to parquet; MLFLOW_TRACKING_URI tells MLflow where to")
        print(f"run {to_mlflow(args.folder)}")
    else:
        print(to_parquet(args.folder, args.out))
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser.of(__doc__)
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder of a sweep, as results/table2")
    parser.add_argument("--to", required=True, choices=EXPORTS, help="the form")
    where = f"folder of the Parquet files (default: DIR/{PARQUET_FOLDER})"
    parser.add_argument("--out", metavar="FOLDER", type=Path, help=where)
    return parser


if __name__ == "__main__":
    run("aeiqa export", main)
