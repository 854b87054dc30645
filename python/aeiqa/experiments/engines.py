#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Settings that choose where an experiment is computed, and the engine they choose."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from .. import iqa
from ..errors import InputError
from ..fields import check_fields, documented, path, switch, text, whole
from .experiment import Engine


@documented
@dataclass(frozen=True)
class RunSettings:
    """Where an experiment is computed, and where its results go.

    Raises:
        InputError: naming the field, its value and what is allowed.
    """

    workers: Optional[int] = whole(None, "processes", 1, none="one per processor")
    scheduler: Optional[str] = text(
        None,
        "compute on a Dask cluster: its scheduler, as tcp://HOST:8786",
        none="on this machine",
        metavar="ADDRESS",
    )
    out: Optional[Path] = path("folder for the results", none="one in results/")
    no_report: bool = switch(False, "leave out report.html and its figures")
    plan: bool = switch(False, "say what there is to compute, how long and how much disk it takes, and end")

    def __post_init__(self) -> None:
        """Check everything."""
        check_fields(self)
        if self.scheduler is not None and self.workers is not None:
            raise InputError("--workers is of this machine: the cluster's workers are those of --scheduler")

    def engine(self) -> Optional[Engine]:
        """Return the cluster's engine, or None for this machine's processes.

        Raises:
            InputError: Dask is missing, or nobody answers at the address.
        """
        if self.scheduler is None:
            return None
        from .cluster import DaskEngine  # Dask takes a second to import

        return DaskEngine.at(self.scheduler)


def travelling(target: Any) -> Any:
    """Return a classifier as an engine takes it along: a file as its path, any other as it is."""
    is_file = isinstance(target, str) and iqa.is_own(target) and Path(target).is_file()
    return Path(target) if is_file else target
