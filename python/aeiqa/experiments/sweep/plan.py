#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A sweep: the experiment that its settings become once everything about it has been checked."""

import dataclasses
import hashlib
import io
import itertools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Optional

import numpy as np

from ... import iqa
from ...errors import InputError
from ...images import Dataset, load_dataset
from ...iqa.classifiers.clean_errors import CleanError, CleanErrors
from ...iqa.classifiers.user_network import target_name
from ...iqa.networks.devices import CPU, computing_on, device_facts, device_name, found_device
from ...iqa.scores.loading import Loader
from ...link.config import LinkConfig
from ..csv_tables import Value
from ..experiment import Experiment
from ..store import Store, Units, versions
from . import grid, pictures
from .checks import check_models, check_sizes
from .config import SweepConfig, source_of
from .grid import Condition
from .per_image import write_images
from .stopping import Counts, further_spans
from .table import COLUMNS, DIGITS, IMAGES_FILE, QUANTILE_COLUMNS, TABLE_FILE, TOP5_COLUMN, row_of_draws
from .unit import Unit, Worker, slices

# Raised when the records or the way they are computed change, so that old results are never mixed with new
# ones.
FORMAT = 4

_CONDITION_FIELDS = ("channel", "modulation", "snr_db")


class Plan(Experiment):
    """A sweep: data loaded, every link valid, models that fit the data."""

    kind = "sweep"

    def __init__(self, config: SweepConfig, dataset: Optional[Dataset] = None):
        """Check that everything is there; ``dataset``: the one to send, in place of loading ``config``'s.

        Raises:
            InputError: naming the first thing that would not work.
        """
        self.config = config
        self.conditions = grid.conditions(config.channels, config.modulations, config.snr_db)
        if not self.conditions:
            raise InputError("channels, modulations and SNRs must have at least one value each")
        self.links = {condition: self._link(condition) for condition in self.conditions}
        if dataset is None:
            dataset = load_dataset(config.dataset, background=config.background)
        self.dataset = dataset if config.images is None else dataset.take(config.images)
        check_sizes(self.dataset, config.ssim_window)
        self.target: Optional[iqa.Target | iqa.UserClassifier] = None
        self.score: Optional[iqa.Estimator] = None
        self.models: dict[str, str] = {}
        self.clean_errors: list[CleanErrors] = []
        self.device = CPU if config.target is None else found_device(config.device)
        if config.target is not None:
            with computing_on(self.device):
                self.target, self.score, self.models = check_models(config, self.dataset)
                self.clean_errors = [self._clean_errors(self.target)]
        elif config.score is not None:
            raise InputError(f"score {config.score} needs a target, got none")
        spans = slices(self.dataset, self.links[self.conditions[0]].images_per_burst)
        shifts = [draw * len(self.dataset) for draw in range(config.draws)]
        first = {
            c: [Unit(c, shift + start, shift + stop) for shift in shifts for start, stop in spans]
            for c in self.conditions
        }
        self.units = list(itertools.chain(*first.values()))
        self._stopping = config.stopping
        self._parts = first if self._stopping is None else self._with_repeated(first, self._stopping.most)
        self.compute = Worker(
            self.dataset,
            self.links,
            config.target,
            config.score_name,
            config.models_folder,
            config.ssim_window,
            self.device,
            config.draws,
        )

    def _with_repeated(self, first: dict[Condition, list[Unit]], most: int) -> dict[Condition, list[Unit]]:
        """Return the units of each link with all that a stopping rule may add, in order."""
        count = len(self.dataset)
        if most < count:
            raise InputError(
                f"max_images: must be at least the {count} images of {self.dataset.name}, each of which is "
                f"sent once, got {most}; --images takes fewer"
            )
        largest = max(unit.stop - unit.start for unit in self.units)
        more = further_spans(count, most, largest)
        return {c: [*units, *(Unit(c, *span) for span in more)] for c, units in first.items()}

    def further_units(self, store: Store) -> list[Unit]:
        """Return what each link still needs by the stopping rule, as far as can be told by now."""
        if self._stopping is None:
            return []
        found = []
        for condition, units in self._parts.items():
            counts, there = self._counted(condition, store)
            if not self._stopping.is_met(counts):
                wanted = self._stopping.estimate(counts)
                wanted = max(wanted, counts.images + 1)
                found += [unit for unit in units[there:] if unit.start < wanted]
        return found

    def _counted(self, condition: Condition, store: Store | Units) -> tuple[Counts, int]:
        """Return the counts of a link's first units, and how many: those there are, or that suffice."""
        assert self._stopping is not None
        counts, units = Counts(0, 0, 0), self._parts[condition]
        for number, unit in enumerate(units):
            result = store.read(unit.key)
            if result is None or (unit.start >= len(self.dataset) and self._stopping.is_met(counts)):
                return counts, number
            records = result["records"]
            counts = Counts(
                counts.images + len(records),
                counts.misclassified + int((records["prediction"] != records["label"]).sum()),
                counts.bit_errors + int(records["bit_errors"].sum()),
            )
        return counts, len(units)

    @property
    def models_text(self) -> str:
        """One line that names the folder of the models; empty without models."""
        folder = self.config.models_folder
        return "" if folder is None else f"Models: {folder}."

    @property
    def snr_definition(self) -> str:
        """Definition of "SNR" for these links, in a sentence."""
        return " ".join(dict.fromkeys(link.snr_definition for link in self.links.values()))

    def description(self) -> dict:
        """Return the content of run.json."""
        links = {link.channel: dataclasses.asdict(link) for link in self.links.values()}
        return {
            "configuration": {
                "format": FORMAT,
                "preset": self.config.preset,
                "channels": self.config.channels,
                "modulations": self.config.modulations,
                "snr_db": self.config.snr_db,
                "dataset": self.dataset.name,
                "images": len(self.dataset),
                "background": self.dataset.background,
                "dataset_digest": self.dataset.digest,
                "target": self.config.target and target_name(self.config.target),
                "score": self.config.score_name,
                "models": self.models,
                "ssim_window": self.config.ssim_window,
                **self._stopping_fields(),
                **device_facts(self.device),
                "link": {
                    channel: {name: value for name, value in fields.items() if name not in _CONDITION_FIELDS}
                    for channel, fields in links.items()
                },
            },
            "dataset_source": source_of(self.config.dataset),
            "target_source": self._target_source(),
            "models_source": self.config.models and str(self.config.models.resolve()),
            "labelled": self.dataset.labels is not None,
            **({"clean_errors": [each.as_json() for each in self.clean_errors]} if self.clean_errors else {}),
            "units": len(self.units),
            "device": device_name(self.device),
            "snr_definition": self.snr_definition,
            "versions": versions(),
        }

    def _target_source(self) -> Optional[str]:
        """Return where any folder finds the target again; None without one, and for a live classifier."""
        return source_of(self.config.target) if isinstance(self.config.target, str) else None

    def _stopping_fields(self) -> dict[str, object]:
        if self._stopping is None:
            return {"draws": self.config.draws} if self.config.draws > 1 else {}
        fields = {"until": self.config.until, "min_bit_errors": self.config.min_bit_errors}
        return {**fields, "max_images": self._stopping.most}

    @property
    def default_folder(self) -> Path:
        """Default folder of the results, another for every configuration."""
        if self.config == SweepConfig():
            return Path("results") / self.config.preset
        digest = hashlib.sha256(json.dumps(self.description()["configuration"]).encode()).hexdigest()
        name = f"{self.config.preset}-{self.dataset.name}-{len(self.dataset)}-{digest[:8]}"
        return Path("results") / name

    def row_of(self, unit: Unit) -> Condition:
        """Return the condition: each is a row."""
        return unit.condition

    def row_text(self, row: Condition, store: Store) -> str:
        """Return a line on a finished condition; nothing while it needs more images."""
        if self._stopping is not None and not self._stopping.is_met(self._counted(row, store)[0]):
            return ""
        values = self._row(row, store)
        line = f"{values['channel']:<8} {values['modulation']:<7} {values['snr_db']:>5g} dB"
        line += f"   BER {values['ber']:<9.4g}"
        if values["classifier_error_pct"] is not None:
            line += f" error {values['classifier_error_pct']:5.2f} %"
        if values["iqa_error_pct"] is not None:
            line += f"   IQA {values['iqa_error_pct']:5.2f} %"
        if self._stopping is not None:
            line += f"   {values['images']} images"
        return line

    def table_bytes(self, unit: Unit, result: dict) -> int:
        """Return the size of the unit's part of images.csv.gz."""
        file = io.BytesIO()
        self._write_images(file, [(unit.condition, result["records"])])
        return file.tell()

    def _write_images(self, file: io.BufferedIOBase, records: Iterable[tuple[Condition, np.ndarray]]) -> None:
        labelled = self.dataset.labels is not None
        write_images(file, records, labelled, self.target is not None, self.score is not None)

    def write_tables(self, store: Store) -> None:
        """Write images.csv.gz and the pictures of a report, then table.csv."""
        with store.writing(IMAGES_FILE) as file:
            # Unit by unit: those of a condition may be more than there is memory for.
            used = itertools.chain(*(self._used(condition, store) for condition in self.conditions))
            self._write_images(file, ((unit.condition, store[unit]["records"]) for unit in used))
        if store.read(pictures.KEY) is None:
            count = len(self.dataset)
            records = ((condition, self._records(condition, store)[:count]) for condition in self.conditions)
            with computing_on(self.device):
                store.write(pictures.KEY, pictures.make_pictures(self, records, self._receiver(store)))
        # Last: where there is a table, there is everything.
        rows = [self._row(condition, store) for condition in self.conditions]
        more = (TOP5_COLUMN,) if TOP5_COLUMN in rows[0] else ()
        more += QUANTILE_COLUMNS if self.config.draws > 1 else ()
        store.write_csv(TABLE_FILE, (*COLUMNS, *more), rows, DIGITS)

    def _clean_errors(self, target: "iqa.Target | iqa.UserClassifier") -> CleanErrors:
        """Return the target's error on the images as they are, beside that on the pictures of a fit."""
        if self.score is not None and iqa.is_own(self.config.target):
            return Loader(self.config.models_folder).clean_errors(target, *self.dataset.labelled)
        return CleanErrors(target.name, CleanError.measure(target, *self.dataset.labelled))

    def _receiver(self, store: Store | Units) -> pictures.Receive:
        """Return what gives an image that was kept, by its position and link."""
        found: dict[Condition, dict[int, np.ndarray]] = {}

        def receive(position: int, condition: Condition) -> np.ndarray:
            if condition not in found:
                units = [unit for unit in self._parts[condition] if unit.stop <= len(self.dataset)]
                found[condition] = dict(kept for unit in units for kept in store[unit]["received"])
            return found[condition][position]

        return receive

    def kept_records(self, folder: Path) -> list[tuple[Condition, np.ndarray]]:
        """Return each condition's records, one for each image sent, from the folder of a finished run."""
        units = Units(folder, self.description()["configuration"], self.kind)
        return [(condition, self._records(condition, units)) for condition in self.conditions]

    def _records(self, condition: Condition, store: Store | Units) -> np.ndarray:
        return np.concatenate([store[unit]["records"] for unit in self._used(condition, store)])

    def _used(self, condition: Condition, store: Store | Units) -> list[Unit]:
        """Return the units that a finished condition's row counts."""
        units = self._parts[condition]
        return units if self._stopping is None else units[: self._counted(condition, store)[1]]

    def _row(self, condition: Condition, store: Store) -> dict[str, Value]:
        pooled = None if self.score is None else self.score.pooled
        records, eb_n0_db = self._records(condition, store), self.links[condition].eb_n0_db
        given = condition, eb_n0_db, records
        return row_of_draws(*given, self.config.draws, self.target is not None, pooled)

    def _link(self, condition: Condition) -> LinkConfig:
        return LinkConfig(preset=self.config.preset, **condition._asdict(), **self.config.link)
