#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Options of the commands that choose where an experiment is computed, and the engine they choose."""

import argparse
from pathlib import Path
from typing import Optional

from .. import iqa
from ..errors import InputError
from .experiment import Engine


def add_engine_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--workers`` and ``--scheduler``."""
    parser.add_argument("--workers", type=int, metavar="N", help="processes (default: one per processor)")
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="compute on a Dask cluster: its scheduler, as tcp://HOST:8786"
    )


def travelling(name: str) -> str | Path:
    """Return a classifier as an engine takes it along: a file as its path, any other by its name."""
    return Path(name) if iqa.is_own(name) and Path(name).is_file() else name


def chosen_engine(args: argparse.Namespace) -> Optional[Engine]:
    """Return the cluster's engine, or None for this machine's processes.

    Raises:
        InputError: both were asked for, Dask is missing, or nobody answers at the address.
    """
    if args.scheduler is None:
        return None
    if args.workers is not None:
        raise InputError("--workers is of this machine: the cluster's workers are those of --scheduler")
    from .cluster import DaskEngine  # Dask takes a second to import

    return DaskEngine.at(args.scheduler)
