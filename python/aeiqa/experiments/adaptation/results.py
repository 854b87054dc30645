#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The results of a comparison of link adaptation: its files, columns and policies."""

from dataclasses import dataclass, field
from pathlib import Path

from ...errors import InputError
from ..csv_tables import read_rows
from ..store import load_run

ADAPTATION_FILE = "adaptation.csv"  # a row for each condition and policy of link adaptation
FRONTIER_FILE = "frontier.csv"  # the same, told other errors
TRACE_FILE = "trace.csv"  # a row for each image
TABLES = (ADAPTATION_FILE, FRONTIER_FILE, TRACE_FILE)

FIXED = "fixed "
OURS, BLIND_OURS = "score and SNR", "score"
FITTED, STILL, NOISE = "SNR table", "SNR table, still", "SNR table, noise"
GENIE = "genie"
"""The policies: ours with and without the receiver's SNR; tables, fitted to other traces of the same
condition, to traces of the condition ``still``, or made for white noise; who knows every outcome."""

TABLE_COLUMNS = (
    "condition", "policy", "traces", "error_pct", "error_low_pct", "error_high_pct", "error_most_pct",
    "predicted_error_pct", "images_per_s", "images_per_s_low", "images_per_s_high", "images_per_s_at_target",
    "images_per_s_at_target_low", "images_per_s_at_target_high", "over_snr_table", "over_snr_table_low",
    "over_snr_table_high",
)  # fmt: skip
# Empty where unknown: bounds of intervals where traces are too few, what no error told leads to.
_MAY_BE_UNKNOWN = {
    name for name in TABLE_COLUMNS if "_low" in name or "_high" in name or name.endswith("_at_target")
}
FRONTIER_COLUMNS = ("condition", "policy", "nominal_pct", "error_pct", "images_per_s")
TRACE_POLICIES = (OURS, FITTED)
POLICIES = (OURS, BLIND_OURS, FITTED, STILL, NOISE, GENIE)
STATES = ("still", "moving", "pulses")


@dataclass(frozen=True)
class Adaptation:
    """The tables of a comparison, and its run.json; empty if the folder holds none."""

    rows: list[dict] = field(default_factory=list)
    frontier: list[dict] = field(default_factory=list)
    trace: list[dict] = field(default_factory=list)
    run: dict = field(default_factory=dict)

    @property
    def conditions(self) -> list[str]:
        """The conditions compared."""
        return list(dict.fromkeys(row["condition"] for row in self.rows))

    @property
    def limit_pct(self) -> float:
        """Per cent that may be misclassified."""
        return 100 * self.run["configuration"]["error"]


def load_adaptation(folder: Path) -> Adaptation:
    """Read a comparison's files. Raises ``InputError`` if one cannot be read.

    Nothing but files in the folder is opened, whatever they name.
    """
    if not (folder / ADAPTATION_FILE).exists():
        return Adaptation()
    try:
        run = load_run(folder)
        for number in (run["configuration"]["error"], run["images_per_s_of_a_symbol"]):
            if not number > 0:
                raise ValueError(f"{number!r} must be above 0")
        times, policies = dict(run["air_times"]), TRACE_POLICIES
        found = Adaptation(
            read_rows(folder / ADAPTATION_FILE, TABLE_COLUMNS),
            read_rows(folder / FRONTIER_FILE, FRONTIER_COLUMNS),
            read_rows(folder / TRACE_FILE, ("condition", "seed", "image", "state", "snr_db")),
            run | {"snr_definition": run["snr_definition"]},
        )
        for row in found.trace:
            for policy in policies:
                times[row[f"{policy}: mode"]] + row[f"{policy}: wrong"]
            if row["state"] not in STATES:
                raise ValueError(f"state {row['state']!r}")
        for row in found.rows:
            if row["policy"] not in POLICIES and not row["policy"].startswith(FIXED):
                raise ValueError(f"policy {row['policy']!r}")
            sum(row[name] for name in TABLE_COLUMNS[2:] if name not in _MAY_BE_UNKNOWN)
            for low in (name for name in TABLE_COLUMNS if "_low" in name):
                if (row[low] is None) != (row[low.replace("_low", "_high")] is None):
                    raise ValueError(f"{low} without the other bound")
        if not found.rows or not found.trace:
            raise ValueError("a table has no rows")
        return found
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder}: the comparison's files are damaged ({error})") from None
