#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The work of an evaluation, one link at a time: all images over it, all targets, all scores."""

import dataclasses
import hashlib
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...errors import InputError
from ...images import Dataset
from ...iqa import TARGETS, CachedImages, Judge
from ...iqa.networks.devices import CPU, computing_on
from ...iqa.networks.score_input import Classifier
from ...iqa.scores.fit_files import AWGN, digests_of, fit_name
from ...iqa.scores.loading import SCORES, Loader
from ...link.config import LinkConfig
from ...link.simulated import transmit
from ..engines import travelling
from ..sweep.unit import burst_size, top5
from .config import EvaluationConfig, EvaluationLink
from .statistics import auroc
from .summary import TOP5_COLUMN

RAW, FITTED, FITTED_ON = "raw", "fitted", "fitted-on-"
WORST = 3  # images kept of those a score got most wrong, missed and falsely doubted each


class Case(NamedTuple):
    """One score in one variant for one target."""

    target: str
    score: str
    variant: str
    seed: int  # training seed of the encoder; 0: there is none


class Worker:
    """Evaluates links. Goes to each worker process once; models are loaded there, on first use."""

    def __init__(self, dataset: Dataset, config: EvaluationConfig, device: str = CPU):
        """``device``: ``config``'s, as it was found."""
        self._dataset = dataset
        self._config = config
        self._device = device
        self._sources = tuple(map(travelling, config.targets or ()))

    def __getstate__(self) -> dict:
        """Leave out what each process makes for itself."""
        names = ("_dataset", "_config", "_device", "_sources")
        return {name: getattr(self, name) for name in names}

    def __call__(self, link: EvaluationLink) -> dict:
        """Send all images over ``link``; return {"rows": one per case, "worst": images got most wrong}."""
        with computing_on(self._device):
            return self._evaluate(link)

    def _evaluate(self, link: EvaluationLink) -> dict:
        images = self._dataset.images
        received = CachedImages(transmit(images, self.link_config(link)).images)
        rows, worst = [], []
        for case, judge in self._judges.items():
            if case.variant == FITTED_ON + AWGN and link.channel == "awgn":
                continue  # nothing is transferred
            answers, judged = judge(received, self._sent)
            wrong = answers.classes != self._dataset.labels
            in_top5 = top5(answers.probabilities, self._dataset.labels)
            rows.append(
                {
                    **case._asdict(),
                    **link._asdict(),
                    "n_images": len(images),
                    "true_error_pct": 100.0 * float(wrong.mean()),
                    "predicted_error_pct": judged.error_pct,
                    "predicted_low_pct": judged.interval[0],
                    "predicted_high_pct": judged.interval[1],
                    "auroc": auroc(judged.per_image, wrong),
                    "raw": judged.raw,
                    **({} if in_top5 is None else {TOP5_COLUMN: 100.0 * float((~in_top5).mean())}),
                }
            )
            if case.seed <= 1 and case.variant == FITTED:
                worst += self._worst(link, case, judged.per_image, answers.classes)
        return {"rows": rows, "worst": worst}

    def link_config(self, link: EvaluationLink) -> LinkConfig:
        """Return the link itself; where a burst carries all images, in as many as memory asks for."""
        config = link.config(self._config.seed)
        if config.images_per_burst == 0:
            config = dataclasses.replace(config, images_per_burst=burst_size(self._dataset))
        return config

    def model_digests(self) -> dict[str, str]:
        """Return the digest of each file the results depend on; loads everything once, so it all is there."""
        found = {}
        for target in self._targets:
            Judge(target).answers(self._dataset.images[:1])  # by which a user's classifier is known
            found |= digests_of(target)
        for judge in self._judges.values():
            found |= {network.card["name"]: network.key for network in judge.score.networks}
        for target in self.target_names:
            for variant in ("", AWGN):
                path = self._fits(target, variant)
                if path.exists():
                    found[path.stem] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def check_images(self) -> None:
        """Raise ``InputError`` if a target does not read these images or lacks one of their classes."""
        for target in self._targets:
            classes = Judge(target).answers(self._dataset.images[:1]).probabilities.shape[1]
            highest = self._dataset.labels.max()
            if highest >= classes:
                raise InputError(
                    f"dataset {self._dataset.name} has label {highest}, "
                    f"target {target.name} knows 0 to {classes - 1}"
                )

    def _worst(
        self,
        link: EvaluationLink,
        case: Case,
        value: np.ndarray,
        answer: np.ndarray,
    ) -> list[dict]:
        """Return the misclassified images that looked best, and the others that looked worst."""
        labels = self._dataset.labels
        wrong = answer != labels
        gap = np.where(wrong, 1.0 - value, value)
        rows = []
        for kind, chosen in (("missed", wrong), ("doubted", ~wrong)):
            index = np.flatnonzero(chosen)
            for i in index[np.argsort(-gap[index], kind="stable")[:WORST]]:
                rows.append(
                    {
                        "target": case.target,
                        "score": case.score,
                        **link._asdict(),
                        "kind": kind,
                        "index": int(self._dataset.indices[i]),
                        "label": int(labels[i]),
                        "answer": int(answer[i]),
                        "value": float(value[i]),
                    }
                )
        return rows

    def _fits(self, target: str, variant: str) -> Path:
        return self._loader.folder / f"{fit_name(target, variant)}.npz"

    @cached_property
    def _loader(self) -> Loader:
        return Loader(self._config.models, 1, self._config.dataset, self._dataset.class_names)

    @property
    def target_names(self) -> list[str]:
        """Names of the targets in tables; a user's are called by their files."""
        return [target.name for target in self._targets]

    @cached_property
    def _targets(self) -> list[Classifier]:
        targets = [
            self._loader.target(str(source) if isinstance(source, Path) else source)
            for source in self._sources
        ]
        names = [target.name for target in targets]
        for name in names:
            if names.count(name) > 1:
                raise InputError(f"--targets: {name} is there twice")
        return targets

    @cached_property
    def _sent(self) -> CachedImages:
        return CachedImages(self._dataset.images)

    @cached_property
    def _judges(self) -> dict[Case, Judge]:
        """Every score in every variant with the target it is for, by case."""
        judges = {}
        readers = {target.name: target for target in self._targets}
        for target, reader in readers.items():
            # Whose fit is borrowed to see how it transfers: the paper's target, which borrows LeNet's.
            lender = next(name for name in TARGETS if name != target)
            for name in self._config.scores:
                for seed in self._loader.seeds(name):
                    which = max(seed, 1)
                    load = self._loader.score
                    raw = load(name, reader, which, fitted=False)
                    judges[Case(target, name, RAW, seed)] = Judge(reader, raw)
                    if not SCORES[name].fits:
                        continue
                    variants = {FITTED: load(name, reader, which, fitted=True)}
                    if self._fits(target, AWGN).exists():  # the smaller sets of models are without
                        variants[FITTED_ON + AWGN] = load(name, reader, which, fitted=True, variant=AWGN)
                    if lender in readers:
                        lent = readers[lender]
                        variants[FITTED_ON + lender] = load(name, reader, which, True, fit_target=lent)
                    for variant, score in variants.items():
                        judges[Case(target, name, variant, seed)] = Judge(reader, score)
        return judges
