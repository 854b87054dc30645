#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""``load_score``: every score by name, with its encoder and, where it is fitted, its fit to the target."""

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from ...errors import InputError
from ...files import read_json
from ..classifiers.clean_errors import CleanError, CleanErrors
from ..classifiers.targets import Target, check_target, load_target
from ..classifiers.user_classifier import UserClassifier
from ..classifiers.user_network import is_own
from ..networks.inference import Images
from ..networks.score_input import Classifier, Network
from ..networks.torch_support import checked_threads
from . import baselines
from .base import NOISE_ENCODER, Estimator
from .fit_files import digests_of, fit_name, read_fit_card, read_fits, restore_fit
from .learned import BlindNoAnswerScore, BlindScore, ReferenceScore
from .paper import PaperScore, VariationalScore
from .picture_scores import PICTURE_SCORES

SCORES: dict[str, type[Estimator]] = {
    score.name: score
    for score in (
        PaperScore,
        VariationalScore,
        ReferenceScore,
        BlindScore,
        BlindNoAnswerScore,
        baselines.PsnrScore,
        baselines.SsimScore,
        baselines.BerScore,
        baselines.PiqeScore,
        baselines.ConfidenceScore,
        baselines.DocScore,
        baselines.AtcScore,
        baselines.DisagreementScore,
        baselines.FrechetScore,
    )
}
"""Each score by its name; what it needs and is good for its class says."""


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
        self._targets: dict[str, Target | UserClassifier] = {}
        self._fits: dict[Path, dict] = {}

    def kind(self, name: str) -> type[Estimator]:
        """Return the class of a score, which another one is in folders of a user's own classifier.

        Raises ``InputError`` for an unknown name.
        """
        check_score(name)
        return PICTURE_SCORES.get(name, SCORES[name]) if self._for_pictures else SCORES[name]

    @cached_property
    def _for_pictures(self) -> bool:
        """True if the networks see pictures resampled, as ``train_user_scores`` trains them."""
        try:
            return "pictures" in read_json(self.folder / f"{NOISE_ENCODER[0]}.json")
        except (OSError, InputError):
            return False

    def fitted(self, target: str) -> list[str]:
        """Return the scores that the file of fits to a target holds, by its name; [] without one."""
        path = self.folder / f"{fit_name(target)}.npz"
        if not path.exists():
            return []
        names = {key.split("/")[0] for key in read_fits(path)}
        return [name for name in SCORES if name in names]

    def clean_errors(self, target: Classifier, images: Images, labels: np.ndarray) -> CleanErrors:
        """Return the errors of ``target`` on undamaged ``images`` and on those its scores were fitted to.

        The latter as the card beside the fits has it: None without a card. Raises ``InputError`` if it is
        damaged.
        """
        card = read_fit_card(self.folder / f"{fit_name(target.name)}.npz")
        fitted = CleanError.of_json(card["clean_error"]) if "clean_error" in card else None
        return CleanErrors(target.name, CleanError.measure(target, images, labels), fitted)

    def target(self, name: "str | UserClassifier") -> "Target | UserClassifier":
        """Return a target by name, the same each time; a live one as it is."""
        if not isinstance(name, str):
            return name
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
        if not self.kind(name).encoders:
            return [0]
        found = [
            {path.stem.removeprefix(file) for path in self.folder.glob(f"{file}*.json")}
            for file, _ in self.kind(name).encoders
        ]
        ends = set.intersection(*found)
        return sorted(int(end[1:] or 1) for end in ends if end == "" or end[1:].isdigit())

    def unfitted(self, name: str, target: Classifier | None = None, seed: int = 1) -> Estimator:
        """Return a score without any fit, to be fitted."""
        kind = self.kind(name)
        return kind(*(self.network(*encoder, seed) for encoder in kind.encoders), target)

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
        kind = self.kind(name)
        fitted = kind.loads_fitted if fitted is None else fitted
        needs_fit = fitted or kind.from_clean
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
            restore_fit(score, self._fits[path], path, seed if kind.encoders else 0, models, fitted)
        return score

    def digests(self, name: str, target: Classifier, seed: int) -> dict[str, str]:
        """Return the digests of the models that a fit of this score to ``target`` depends on, by name."""
        from ..networks.model_files import model_name

        found = digests_of(target)
        for file, kind in self.kind(name).encoders:
            found[model_name(file, seed)] = self.network(file, kind, seed).card["sha256"]
        return found


def check_score(name: str) -> None:
    """Raise ``InputError`` listing the known scores unless ``name`` is one."""
    if name not in SCORES:
        raise InputError(f"score must be one of {', '.join(SCORES)}, got {name!r}")


def default_score(own: bool) -> str:
    """Return the name of the score for a target of the user's ``own``, or for one of the project's."""
    whose = "user" if own else "bundled"
    return next(name for name, score in SCORES.items() if score.default_for == whose)


def score_title(name: str) -> str:
    """Return what tables and figures call a score, also one that this version does not know."""
    return (SCORES[name].title if name in SCORES else "") or f"The {name} score"


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

    Example:
        >>> from gnuradio.aeiqa import LinkConfig, images, iqa, transmit
        >>> sent = images.load_dataset("mnist").images[:50]
        >>> received = transmit(sent, LinkConfig(modulation="qam16", snr_db=8, seed=1)).images
        >>> target = iqa.load_target("paper")
        >>> found = iqa.load_score("blind", target)(received, answer=target.probabilities(received))
        >>> found.per_image.shape, 0 <= found.interval[0] <= found.error_pct <= found.interval[1] <= 100
        ((50,), True)
    """
    check_score(name)
    threads = checked_threads(threads)
    return Loader(path, threads, dataset).score(name, target, seed, fitted)
