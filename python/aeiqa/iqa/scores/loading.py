#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""``load_score``: every score by name, with its encoder and, where it is fitted, its fit to the target."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import InputError
from ..classifiers.bundled import Target, check_target, load_target
from ..classifiers.user_network import is_own
from ..networks.torch_support import checked_threads
from . import baselines
from .base import Classifier, Estimator
from .fitting import digest_of, fit_name, read_fits, restore_fit
from .learned import BlindNoAnswerScore, BlindScore, ReferenceScore
from .paper import PaperScore, VariationalScore
from .score_input import Network

NOISE_ENCODER = "noise-encoder"


@dataclass(frozen=True)
class Entry:
    """A score, its encoders (file, kind), and whether it is loaded fitted unless told otherwise."""

    make: Callable[..., Estimator]
    encoder: tuple[str, str] | None = None
    fitted: bool = True
    second: tuple[str, str] | None = None
    fits: bool = True  # whether training fits it to the targets; "vae" is there to be compared with "paper"

    @property
    def encoders(self) -> tuple[tuple[str, str], ...]:
        """Both encoders, as far as there are any; each score's own first."""
        return tuple(encoder for encoder in (self.encoder, self.second) if encoder is not None)


_AUTOENCODER = ("paper-encoder", "autoencoder")
_NOISE = (NOISE_ENCODER, "classifier")
SCORES: dict[str, Entry] = {
    "paper": Entry(PaperScore, _AUTOENCODER, fitted=False),
    "vae": Entry(VariationalScore, ("vae-encoder", "vae"), fitted=False, fits=False),
    "reference": Entry(ReferenceScore, _NOISE, second=_AUTOENCODER),
    "blind": Entry(BlindScore, _NOISE),
    "blind-no-answer": Entry(BlindNoAnswerScore, _NOISE),
    "psnr": Entry(baselines.PsnrScore),
    "ssim": Entry(baselines.SsimScore),
    "ber": Entry(baselines.BerScore),
    "piqe": Entry(baselines.PiqeScore),
    "confidence": Entry(baselines.ConfidenceScore),
    "doc": Entry(baselines.DocScore),
    "atc": Entry(baselines.AtcScore),
    "disagreement": Entry(baselines.DisagreementScore),
    "frechet": Entry(baselines.FrechetScore, _AUTOENCODER),
}
"""Name of each score and what it is made of."""

# Their raw values start from what the target does on clean images.
_NEED_CLEAN = ("doc", "atc", "disagreement", "frechet")


class Loader:
    """Loads scores that share their networks: what is in memory once is computed once."""

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        threads: int = 1,
        dataset: str = "mnist",
        class_names: Sequence[str] = (),
    ) -> None:
        """``class_names`` as for ``load_target``, the rest as for ``load_score``."""
        from ..networks.model_files import models_dir  # imports torch

        self.folder, self.threads = models_dir(path, dataset), checked_threads(threads)
        self._class_names = class_names
        self._networks: dict[str, Network] = {}
        self._targets: dict[str, Target] = {}
        self._fits: dict[Path, dict] = {}

    def target(self, name: str) -> Target:
        """Return a target by name, the same each time."""
        if name not in self._targets:
            self._targets[name] = load_target(name, self.folder, self.threads, class_names=self._class_names)
        return self._targets[name]

    def network(self, file: str, kind: str, seed: int) -> Network:
        """Return an encoder, the same each time. Raises ``InputError`` if it lacks centroids."""
        from ..networks.model_files import load_model, model_name

        name = model_name(file, seed)
        if name not in self._networks:
            model = load_model(self.folder, name, kind)
            network = Network(model, self.threads)
            shapes = {key: array.shape for key, array in model.extras.items()}
            if (
                set(shapes) != {"centroids", "scale"}
                or shapes["scale"] != ()
                or shapes["centroids"][1:] != (network.feature_count,)
            ):
                raise InputError(f"{self.folder / name}.npz: lacks the centroids or the scale of the score")
            self._networks[name] = network
        return self._networks[name]

    def seeds(self, name: str) -> list[int]:
        """Return the seeds whose encoder is there; [0] for a score without, [] if none is."""
        check_score(name)
        if SCORES[name].encoder is None:
            return [0]
        found = [
            {path.stem.removeprefix(file) for path in self.folder.glob(f"{file}*.json")}
            for file, _ in SCORES[name].encoders
        ]
        ends = set.intersection(*found)
        return sorted(int(end[1:] or 1) for end in ends if end == "" or end[1:].isdigit())

    def unfitted(self, name: str, target: Classifier | None = None, seed: int = 1) -> Estimator:
        """Return a score without any fit, to be fitted."""
        check_score(name)
        entry = SCORES[name]
        return entry.make(*(self.network(*encoder, seed) for encoder in entry.encoders), target)

    def score(
        self,
        name: str,
        target: str | Classifier,
        seed: int = 1,
        fitted: bool | None = None,
        variant: str = "",
        fit_target: Classifier | None = None,
    ) -> Estimator:
        """Return a score. ``variant`` names another fit file, ``fit_target`` whose fit it is given."""
        check_score(name)
        entry = SCORES[name]
        fitted = entry.fitted if fitted is None else fitted
        needs_fit = fitted or name in _NEED_CLEAN
        if isinstance(target, str):
            if not is_own(target):
                check_target(target)
            target = self.target(target) if needs_fit else None
        score = self.unfitted(name, target, seed)
        if needs_fit:
            whose = fit_target or target
            path = self.folder / f"{fit_name(whose.name, variant)}.npz"
            if path not in self._fits:
                self._fits[path] = read_fits(path)
            models = self.digests(name, whose, seed)
            restore_fit(score, self._fits[path], path, seed if entry.encoder else 0, models, fitted)
        return score

    def digests(self, name: str, target: Classifier, seed: int) -> dict[str, str]:
        """Return the digests of the models that a fit of this score to ``target`` depends on, by name."""
        from ..networks.model_files import model_name

        found = {target.name: digest_of(target)}
        for file, kind in SCORES[name].encoders:
            found[model_name(file, seed)] = self.network(file, kind, seed).card["sha256"]
        return found


def check_score(name: str) -> None:
    """Raise ``InputError`` listing the known scores unless ``name`` is one."""
    if name not in SCORES:
        raise InputError(f"score must be one of {', '.join(SCORES)}, got {name!r}")


def load_score(
    name: str = "paper",
    target: str | Classifier = "paper",
    path: str | os.PathLike[str] | None = None,
    threads: int = 1,
    *,
    seed: int = 1,
    fitted: bool | None = None,
    dataset: str = "mnist",
) -> Estimator:
    """Load a score by name.

    Args:
        name: one of ``SCORES``; "paper" is the paper's own.
        target: the classifier whose error it shall predict: a name in ``TARGETS``, or an object with
            ``name``, ``predict`` and ``probabilities``.
        path: folder with the model files; None: the trained ones that come with the project.
        threads: how many threads torch may use.
        seed: which training of the score's encoder, 1 to 3 of those that come with the project.
        fitted: whether it predicts by its fit to ``target`` or raw; None: fitted, save "paper" and "vae".
        dataset: which of the project's models, if ``path`` is None: "mnist", "fashion-mnist" or "colour".

    Raises:
        InputError: unknown name, torch missing, model file missing, damaged or of another architecture, no
            fit to this target.
    """
    check_score(name)
    threads = checked_threads(threads)
    return Loader(path, threads, dataset).score(name, target, seed, fitted)
